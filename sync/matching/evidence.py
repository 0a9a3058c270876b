"""A suggestion in words: the cause, and the change that would link the two."""

from __future__ import annotations

from attrs import frozen

from sync.matching.changes import Background, Change, smallest_change
from sync.matching.forms import Forms
from sync.matching.keys import Record, Side
from sync.matching.match import Matching
from sync.matching.nearness import apart
from sync.matching.reasons import reason
from sync.matching.suggest import Suggestion

ELSEWHERE = "elsewhere"


@frozen
class Evidence:
    """The kinds of difference, the cause in a sentence, and the change; None where no change of
    fields would link the two, or a person rejected them before."""

    kinds: tuple[str, ...]
    words: str
    change: Change | None


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
    kinds, words = why.kinds, why.words
    if matching.rule.scoped and apart(record.scope, other.scope):
        kinds = tuple(sorted({ELSEWHERE, *kinds}))
        place = _place(side, record, other, background)
        words = place if why.kinds == SAME else f"{place}; {words}"
    change = None
    if suggestion.review is None:
        change = smallest_change(matching, side, record, other, background)
    return Evidence(kinds, words, change)


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
