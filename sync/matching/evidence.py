"""A suggestion in words: the cause, and the change that would link the two."""

from __future__ import annotations

from attrs import frozen

from sync.matching.changes import Background, Change, smallest_change
from sync.matching.forms import Forms
from sync.matching.keys import Record, Rule, Side
from sync.matching.match import Matching
from sync.matching.nearness import apart
from sync.matching.reasons import OTHER, Reason, reason
from sync.matching.suggest import Suggestion

ELSEWHERE = "elsewhere"


@frozen
class Evidence:
    """The kinds of difference, the cause in a sentence, and the change; None where no change of
    fields would link the two, or a person rejected them before."""

    kinds: tuple[str, ...]
    words: str
    change: Change | None

    @property
    def telling(self) -> bool:
        """Whether it speaks for the two: that a name has other words does not."""
        return OTHER not in self.kinds


def evidence_for(
    matching: Matching,
    side: Side,
    record: Record,
    suggestion: Suggestion,
    forms: Forms,
    background: Background,
) -> Evidence:
    """The evidence for a suggestion to a record of ``side``."""
    other = matching.records[side.other].by_id[suggestion.candidate]
    why = reason(matching.rule, forms, record, other)
    words = why.words
    if _elsewhere(matching.rule, record, other):
        place = _place(side, record, other, background)
        words = place if why.kinds == SAME else f"{place}; {words}"
    change = None
    if suggestion.review is None:
        change = smallest_change(matching, side, record, other, background)
    return Evidence(_kinds(matching.rule, why, record, other), words, change)


def is_asked(matching: Matching, side: Side, record: Record, one: Suggestion, forms: Forms) -> bool:
    """Whether "did you mean" is asked with a suggestion: it is what was meant, and something speaks
    for the two. Of those that have other words, hardly more than half are right."""
    if not one.meant:
        return False
    other = matching.records[side.other].by_id[one.candidate]
    return OTHER not in kinds_of(matching.rule, forms, record, other)


def kinds_of(rule: Rule, forms: Forms, record: Record, other: Record) -> tuple[str, ...]:
    """The kinds of difference of two records; the same from either side."""
    return _kinds(rule, reason(rule, forms, record, other), record, other)


def _kinds(rule: Rule, why: Reason, record: Record, other: Record) -> tuple[str, ...]:
    elsewhere = {ELSEWHERE} if _elsewhere(rule, record, other) else set()
    return tuple(sorted({*why.kinds, *elsewhere}))


def _elsewhere(rule: Rule, record: Record, other: Record) -> bool:
    return rule.scoped and apart(record.scope, other.scope)


SAME = ("same",)


def _place(side: Side, record: Record, other: Record, background: Background) -> str:
    """Where each of the two lies; or that Administrate's location has no partner."""
    of = {side: record, side.other: other}
    there, here = (
        background.places.get((each, of[each].id)) for each in (Side.ADMINISTRATE, Side.TUTORIAL)
    )
    if of[Side.ADMINISTRATE].scope is None:
        named = f", {there}," if there else ""
        return f"its location in Administrate{named} is not linked"
    return f"another location: at {there or 'another'} there, at {here or 'another'} here"
