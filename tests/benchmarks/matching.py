"""Matching: what equality costs beside one look-up a record."""

from __future__ import annotations

from collections.abc import Iterator

from sync.matching.keys import VENUE, Record
from sync.matching.match import match
from tests.benchmarks.measure import Bench, Contender, Line, race

_MATCH, _LOOK_UP = "match", "a look-up each"


def lines(bench: Bench) -> Iterator[Line]:
    """One, for equality."""
    yield _exact(bench, bench.size(50_000, 500))


def _exact(bench: Bench, venues: int) -> Line:
    left = [Record(f"v{n}", (f"Room {n}",), n % 50) for n in range(venues)]
    right = [Record(n, (f"ROOM {n}",), n % 50) for n in range(venues)]

    def match_all() -> None:
        assert len(match(VENUE, left, right).links) == venues

    def look_up() -> None:
        known = {(one.key[0].casefold(), one.scope): one for one in right}
        assert all((one.key[0].casefold(), one.scope) in known for one in left)

    contenders: dict[str, Contender[None]] = {
        _MATCH: lambda _: match_all,
        _LOOK_UP: lambda _: look_up,
    }
    run = race(contenders, lambda _: None, each=venues, rounds=1, samples=bench.samples)
    return run.line(f"{_MATCH} {venues:,} with as many", _MATCH, _LOOK_UP)
