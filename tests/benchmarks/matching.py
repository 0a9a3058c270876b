"""Matching measured: what equality costs beside one look-up a record, and what suggestions find.

``python -m tests.benchmarks.matching`` prints its lines. People are invented, from a seed.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import NamedTuple, TypeVar

from sync.matching.keys import INSTRUCTOR, VENUE, Id, Record, Side
from sync.matching.match import match
from sync.matching.suggest import Suggestions, suggest

Result = TypeVar("Result")

VENUES = 50_000
PEOPLE = 10_000
ONSETS = (*"bcdfghjklmnprstvwyz", "br", "ch", "cl", "gr", "pr", "qu", "sh", "st", "th")
VOWELS = ("a", "a", "e", "e", "i", "o", "u", "ai", "ea", "ee", "ie", "oo", "ou")
CODAS = ("", "", "", "ck", "l", "ll", "m", "n", "n", "nd", "r", "rd", "s", "ss", "t", "th", "x")


class Line(NamedTuple):
    """One measurement beside what bounds it from below; ``floor`` None where nothing does."""

    name: str
    ours: float
    floor: float | None
    unit: str


def lines() -> Iterator[Line]:
    """Every measurement, as it is made."""
    yield _exact()
    yield from _suggestions()


def _exact() -> Line:
    left = [Record(f"v{n}", (f"Room {n}",), n % 50) for n in range(VENUES)]
    right = [Record(n, (f"ROOM {n}",), n % 50) for n in range(VENUES)]

    def look_up() -> None:
        known = {(one.key[0].casefold(), one.scope): one for one in right}
        assert all((one.key[0].casefold(), one.scope) in known for one in left)

    matching, ours = _timed(lambda: match(VENUE, left, right))
    assert len(matching.links) == VENUES
    _, floor = _timed(look_up)
    return Line(f"match {VENUES:,} with {VENUES:,}", VENUES / ours, VENUES / floor, "records/s")


def _suggestions() -> Iterator[Line]:
    names = _People(random.Random(20260401))  # noqa: S311 - invented names need no secrecy
    people = [names.person() for _ in range(PEOPLE)]
    left = [Record(f"c{n}", key) for n, key in enumerate(people)]
    right = [Record(n, names.mistyped(key)) for n, key in enumerate(people)]
    matching = match(INSTRUCTOR, left, right)
    unlinked = [record.id for record in matching.unlinked(Side.ADMINISTRATE)]
    suggestions, seconds = _timed(lambda: suggest(matching))
    yield Line(
        f"suggest {len(unlinked):,} with as many people", seconds, None, "s, both directions"
    )
    for rank in (1, 5):
        yield Line(
            f"recall of suggestions at {rank}", _recall(suggestions, unlinked, rank), 1.0, ""
        )


def _recall(suggestions: Suggestions, unlinked: list[Id], rank: int) -> float:
    found = suggestions[Side.ADMINISTRATE]
    hits = sum(
        f"c{one.candidate}" == named for named in unlinked for one in found.get(named, ())[:rank]
    )
    return hits / len(unlinked)


class _People:
    """Invents people, and what becomes of their names when someone else types them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.firsts = [self._word() for _ in range(600)]
        self.lasts = [self._word() for _ in range(4_000)]

    def person(self) -> tuple[str, str]:
        first, last = self.chance.choice(self.firsts), self.chance.choice(self.lasts)
        if self.chance.random() < 0.3:
            first = f"{first} {self.chance.choice(self.firsts)}"
        return first, last

    def mistyped(self, name: tuple[str, str]) -> tuple[str, str]:
        first, last = name
        way = self.chance.choice(["typo", "typo", "swap", "initial", "split", "space"])
        if way == "typo":
            return self._typo(first), self._typo(last)
        if way == "swap":
            return last, first
        if way == "initial":
            return " ".join(word[0] for word in first.split()), last
        if way == "split" and " " in first:
            return first.split()[0], f"{first.split()[1]} {last}"
        return f"{first} ", last

    def _word(self) -> str:
        pick = self.chance.choice
        syllables = (pick(ONSETS) + pick(VOWELS) + pick(CODAS) for _ in range(pick([1, 2, 2, 3])))
        return "".join(syllables).title()

    def _typo(self, word: str) -> str:
        at = self.chance.randrange(len(word))
        return word[:at] + self.chance.choice(["", word[at] * 2, "e"]) + word[at + 1 :]


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    started = perf_counter()
    done = work()
    return done, perf_counter() - started


if __name__ == "__main__":
    for line in lines():
        against = "" if line.floor is None else f"  (floor {line.floor:,.2f})"
        sys.stdout.write(f"{line.name:45} {line.ours:12,.3f} {line.unit}{against}\n")
