"""Suggests counterparts for unlinked records, best first, with the cause.

A suggestion links nothing; a person accepts or rejects it. Nothing is assigned: where a candidate
is the best of several records, each suggestion says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from attrs import evolve, frozen

from ledger.output.visible import with_what_differs
from sync.matching.changes import Change, smallest_change
from sync.matching.decisions import Decision
from sync.matching.keys import Id, Link, Record, Side
from sync.matching.likeness import Likeness, resemblance
from sync.matching.match import Matching
from sync.matching.similarity import SCORE_ALL, Form, ranked

NAMED_RIVALS = 3


@frozen
class Suggestion:
    """A candidate for an unlinked record.

    ``score`` is in ten-thousandths. ``change`` would make the rule link the two; None where no
    change of fields can. ``also_best_of`` names the first few other records whose best candidate
    this is. ``review``: the reference of a rejection of this pair, whose fields have changed since.
    """

    candidate: Id
    score: int
    cause: Likeness
    words: str
    change: Change | None
    also_best_of: tuple[Id, ...] = ()
    review: int | None = None


Suggestions = Mapping[Side, Mapping[Id, tuple[Suggestion, ...]]]


def suggest(matching: Matching, most: int = 5, score_all: int = SCORE_ALL) -> Suggestions:
    """Up to ``most`` candidates for every unlinked record of both sides, by score, then by id.

    Linked and ignored records take no part, nor do rejected pairs while their fields are what they
    were. Under a scoped rule candidates lie in the same scope. The first k are the same whatever
    ``most`` is. ``score_all`` bounds the pairs of a scope that are all scored.
    """
    return {side: _View(matching, side).suggestions(most, score_all) for side in Side}


@frozen
class _View:
    """A matching from one side: its unlinked records, and the candidates of the other."""

    matching: Matching
    side: Side

    def suggestions(self, most: int, score_all: int) -> dict[Id, tuple[Suggestion, ...]]:
        found: dict[Id, tuple[Suggestion, ...]] = {}
        best_of: dict[Id, list[Id]] = {}
        for records, candidates in self.blocks():
            forms = [Form.of(self.matching.rule, record.key) for record in records]
            others = [Form.of(self.matching.rule, candidate.key) for candidate in candidates]
            for record, ranking in zip(records, ranked(forms, others, score_all), strict=True):
                open_pairs = (
                    (score, candidates[position])
                    for score, position in ranking
                    if not self.rejected(record, candidates[position])
                )
                best = list(islice(open_pairs, most))
                if best:
                    found[record.id] = tuple(self.suggested(record, best))
                    best_of.setdefault(best[0][1].id, []).append(record.id)
        return {
            named: tuple(_with_rivals(one, named, best_of) for one in suggestions)
            for named, suggestions in found.items()
        }

    def blocks(self) -> Iterator[tuple[list[Record], list[Record]]]:
        """The records with the candidates they may be compared with."""
        mine, theirs = self.by_scope(self.side), self.by_scope(self.side.other)
        for scope, records in mine.items():
            if scope in theirs:
                yield records, theirs[scope]

    def by_scope(self, side: Side) -> dict[Id | None, list[Record]]:
        rule, ignored = self.matching.rule, self.matching.effect.ignored
        scoped: dict[Id | None, list[Record]] = {}
        for record in self.matching.unlinked(side):
            scope = record.scope if rule.scoped else None
            if (side, record.id) not in ignored and (scope is not None or not rule.scoped):
                scoped.setdefault(scope, []).append(record)
        return scoped

    def rejected(self, record: Record, other: Record) -> bool:
        rejection = self.rejection(record, other)
        return rejection is not None and rejection.binds(*self.pair(record, other))

    def rejection(self, record: Record, other: Record) -> Decision | None:
        administrate, tutorial = self.pair(record, other)
        return self.matching.effect.rejected.get(Link(administrate.id, tutorial.id))

    def pair(self, record: Record, other: Record) -> tuple[Record, Record]:
        return (record, other) if self.side is Side.ADMINISTRATE else (other, record)

    def suggested(self, record: Record, best: list[tuple[int, Record]]) -> Iterator[Suggestion]:
        for score, other in best:
            why = resemblance(self.matching.rule, record, other)
            review = self.rejection(record, other)
            yield Suggestion(
                candidate=other.id,
                score=score,
                cause=why.likeness,
                words=with_what_differs(why.words, _spaced_once(record), _spaced_once(other)),
                change=None if review else self.change(record, other),
                review=review.reference if review else None,
            )

    def change(self, record: Record, other: Record) -> Change | None:
        return smallest_change(self.matching, self.side, record, other)


def _with_rivals(suggestion: Suggestion, named: Id, best_of: Mapping[Id, list[Id]]) -> Suggestion:
    rivals = best_of.get(suggestion.candidate, [])[: NAMED_RIVALS + 1]
    others = tuple(one for one in rivals if one != named)[:NAMED_RIVALS]
    return evolve(suggestion, also_best_of=others) if others else suggestion


def _spaced_once(record: Record) -> str:
    """Its key, without the spaces that a cause names in words."""
    return " ".join(word for part in record.key for word in part.split(" ") if word)
