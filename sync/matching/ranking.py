"""The candidates of each form, best first: by scoring all, or those an index proposes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.matching.ngrams import GramIndex
from sync.matching.similarity import Form, similarity

SCORE_ALL = 2_000_000
"""The pairs up to which every one is scored; beyond, an index proposes the few that are."""

FLOOR = 5_000
"""The score below which a pair is noise."""

Ranking = list[tuple[int, int]]
"""Pairs of a score and a position among the candidates, the best first, then by position."""


def ranked(
    forms: Sequence[Form], candidates: Sequence[Form], score_all: int = SCORE_ALL
) -> Iterator[Ranking]:
    """For each form its ranking. One is held at a time, whatever the number of forms."""
    every = range(len(candidates))
    index = None
    if len(forms) * len(candidates) > score_all:
        index = GramIndex.of(candidates)
    for form in forms:
        positions = every if index is None else index.nearest(form)
        yield _ranking(form, candidates, positions)


def _ranking(form: Form, candidates: Sequence[Form], positions: Sequence[int]) -> Ranking:
    if not form.text:
        return []
    scored = (
        (similarity(form, candidates[position], FLOOR), position)
        for position in positions
        if candidates[position].text
    )
    return sorted((pair for pair in scored if pair[0] >= FLOOR), key=_best_first)


def _best_first(pair: tuple[int, int]) -> tuple[int, int]:
    return -pair[0], pair[1]
