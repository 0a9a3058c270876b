"""Matching: what equality costs beside one look-up a record, and what suggestions find.

People are invented, from a seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from time import perf_counter

from sync.matching.keys import INSTRUCTOR, VENUE, Id, Record, Side
from sync.matching.match import match
from sync.matching.suggest import Suggestions, suggest
from tests.benchmarks.measure import Bench, Contender, Line, race

_MATCH, _LOOK_UP = "match", "a look-up each"
ONSETS = (*"bcdfghjklmnprstvwyz", "br", "ch", "cl", "gr", "pr", "qu", "sh", "st", "th")
VOWELS = ("a", "a", "e", "e", "i", "o", "u", "ai", "ea", "ee", "ie", "oo", "ou")
CODAS = ("", "", "", "ck", "l", "ll", "m", "n", "n", "nd", "r", "rd", "s", "ss", "t", "th", "x")


def lines(bench: Bench) -> Iterator[Line]:
    """One for equality, three for suggestions."""
    yield _exact(bench, bench.size(50_000, 500))
    yield from _suggestions(bench.size(10_000, 100))


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


def _suggestions(size: int) -> Iterator[Line]:
    names = _People(random.Random(20260401))  # noqa: S311 - invented names need no secrecy
    people = [names.person() for _ in range(size)]
    left = [Record(f"c{n}", key) for n, key in enumerate(people)]
    right = [Record(n, names.mistyped(key)) for n, key in enumerate(people)]
    matching = match(INSTRUCTOR, left, right)
    unlinked = [record.id for record in matching.unlinked(Side.ADMINISTRATE)]
    started = perf_counter()
    suggestions = suggest(matching)
    rate = len(unlinked) / (perf_counter() - started)
    started = perf_counter()
    known = {one.key: one.id for one in right}
    for one in left:
        known.get(one.key)
    floor = size / (perf_counter() - started)
    yield Line(f"suggest, {size:,} people", rate, _LOOK_UP, floor, rate / floor)
    for rank in (1, 5):
        found = _found(suggestions, unlinked, rank)
        what, count = f"right one among the first {rank}", len(unlinked)
        yield Line(what, found, "unlinked", count, found / count, unit="")


def _found(suggestions: Suggestions, unlinked: list[Id], rank: int) -> int:
    """Of how many the one meant is among the first suggestions."""
    offered = suggestions[Side.ADMINISTRATE]
    return sum(
        f"c{one.candidate}" == named for named in unlinked for one in offered.get(named, ())[:rank]
    )


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
