"""Suggests counterparts for unlinked records, best first.

A suggestion links nothing; a person accepts or rejects it. Two records that are each other's one
best candidate, and near enough, are what was meant; the others are candidates. Nothing is assigned:
where a candidate is the best of several records, each suggestion says so.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from attrs import define, field

from sync.matching.decisions import Decision
from sync.matching.forms import Forms, shipped
from sync.matching.keys import Id, Link, Record, Side, order
from sync.matching.match import Matching
from sync.matching.nearness import Ranking, ranked

NAMED_RIVALS = 3
_NEAR = 8_500
_MOST_DEMANDED = 9_000
_SOME = 15
_RISING = 100


class Suggestion(NamedTuple):
    """A candidate for an unlinked record. A plain tuple: they come by the ten thousand.

    ``score`` is in ten-thousandths. ``meant``: each is the other's one best, and near enough to ask
    "did you mean". ``tied``: another candidate is as near. ``also_best_of`` names the first few
    other records whose best candidate this is. ``review``: the reference of a rejection of this
    pair, whose fields have changed since.
    """

    candidate: Id
    score: int
    meant: bool = False
    tied: bool = False
    also_best_of: tuple[Id, ...] = ()
    review: int | None = None


Suggestions = Mapping[Side, Mapping[Id, tuple[Suggestion, ...]]]


def suggest(
    matching: Matching, most: int = 5, *, elsewhere: bool = False, forms: Forms | None = None
) -> Suggestions:
    """Up to ``most`` candidates for every unlinked record of both sides, by score, then by id.

    Linked and ignored records take no part, nor do rejected pairs while their fields are what they
    were. Under a scoped rule candidates lie in the same scope, and, with ``elsewhere``, in others,
    at a lower score. The first k are the same whatever ``most`` is.
    """
    with _uncollected():
        ranking = ranked(matching, forms or shipped(), elsewhere=elsewhere)
        found = {side: _View(matching, side, ranking[side]) for side in Side}
        for view in found.values():
            view.fill(most + 1)
        meant = _meant(found)
        return {
            side: view.suggestions(most, {link.on(side): link.on(side.other) for link in meant})
            for side, view in found.items()
        }


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles, of which none is made here: among so many lists the search takes
    a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@define
class _View:
    """A matching from one side: its unlinked records with the candidates of the other."""

    matching: Matching
    side: Side
    ranking: Ranking
    best: dict[Id, list[tuple[int, Id]]] = field(factory=dict)
    best_of: dict[Id, list[Id]] = field(factory=dict)

    def fill(self, most: int) -> None:
        """The candidates of each record, so many, the rejected ones left out."""
        rejecting = {named for one in self.matching.effect.rejected for named in one}
        for position, node in enumerate(self.ranking.nodes):
            shared = self.candidates(position, most)
            for record in node.records:
                best = shared
                if record.id in rejecting:
                    best = self.not_rejected(record, position, most)
                if best:
                    self.best[record.id] = best
        for named in sorted(self.best, key=order):
            self.best_of.setdefault(self.best[named][0][1], []).append(named)

    def candidates(self, node: int, most: int) -> list[tuple[int, Id]]:
        """So many records near to a node, by score, then by id."""
        found = [
            (score, one.id)
            for score, near in self.ranking.best(node, most)
            for one in near.records[:most]
        ]
        found.sort(key=_best_first)
        return found[:most]

    def not_rejected(self, record: Record, node: int, most: int) -> list[tuple[int, Id]]:
        """The same without those rejected for a record."""
        there = self.matching.records[self.side.other].by_id
        enough = most + len(self.matching.effect.about.get((self.side, record.id), ()))
        found = self.candidates(node, enough)
        return [one for one in found if not self.rejected(record, there[one[1]])][:most]

    def rejected(self, record: Record, other: Record) -> bool:
        rejection = self.rejection(record.id, other.id)
        pair = (record, other) if self.side is Side.ADMINISTRATE else (other, record)
        return rejection is not None and rejection.binds(*pair)

    def rejection(self, named: Id, other: Id) -> Decision | None:
        pair = (named, other) if self.side is Side.ADMINISTRATE else (other, named)
        return self.matching.effect.rejected.get(Link(*pair))

    def one_best(self, named: Id) -> tuple[int, Id] | None:
        """The candidate that no other is as near as."""
        best = self.best.get(named, [])
        if not best or (len(best) > 1 and best[1][0] == best[0][0]):
            return None
        return best[0]

    def suggestions(self, most: int, meant: Mapping[Id, Id]) -> dict[Id, tuple[Suggestion, ...]]:
        return {
            named: tuple(self.suggested(named, meant, most))
            for named in sorted(self.best, key=order)
        }

    def suggested(self, named: Id, meant: Mapping[Id, Id], most: int) -> list[Suggestion]:
        best = self.best[named]
        scores = [score for score, _ in best]
        first = meant.get(named)
        found = []
        for score, other in best[:most]:
            rivals = self.best_of.get(other, ())
            if rivals:
                rivals = [one for one in rivals[: NAMED_RIVALS + 1] if one != named]
            review = self.rejection(named, other) if self.matching.effect.rejected else None
            found.append(
                Suggestion(
                    candidate=other,
                    score=score,
                    meant=other == first,
                    tied=scores.count(score) > 1,
                    also_best_of=tuple(rivals[:NAMED_RIVALS]),
                    review=review.reference if review else None,
                )
            )
        return found


def _best_first(pair: tuple[int, Id]) -> tuple[int, tuple[bool, int, str]]:
    return -pair[0], order(pair[1])


def _meant(views: Mapping[Side, _View]) -> set[Link]:
    """The pairs of which each is the other's one best candidate, and near enough."""
    mine, theirs = views[Side.ADMINISTRATE], views[Side.TUTORIAL]
    mutual: dict[Link, int] = {}
    for named in mine.best:
        best = mine.one_best(named)
        if best is not None and theirs.one_best(best[1]) == (best[0], named):
            mutual[Link(named, best[1])] = best[0]
    unlinked = min(sum(len(node.records) for node in view.ranking.nodes) for view in views.values())
    demanded = demanded_score(sum(score >= _NEAR for score in mutual.values()), unlinked)
    return {link for link, score in mutual.items() if score >= demanded}


def demanded_score(near: int, unlinked: int) -> int:
    """The score from which "did you mean" is asked, where so many of the unlinked records are near
    to their one best candidate.

    Where hardly a record has a near one, most have no partner, and what is far is another thing;
    where most have one, a weaker likeness is right, too. Tried on sets with known pairs.
    """
    share = 100 * (near + 1) // (unlinked + 2)
    return max(_MOST_DEMANDED - _RISING * max(0, share - _SOME), 0)
