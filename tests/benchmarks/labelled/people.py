"""Invented people, and what becomes of their names when someone else types them."""

from __future__ import annotations

import random
from collections.abc import Callable

from sync.matching.keys import INSTRUCTOR, Side
from tests.benchmarks.labelled.pairs import Labelled, Labelling

ONSETS = (*"bcdfghjklmnprstvwyz", "br", "ch", "cl", "gr", "pr", "qu", "sh", "st", "th")
VOWELS = ("a", "a", "e", "e", "i", "o", "u", "ai", "ea", "ee", "ie", "oo", "ou")
CODAS = ("", "", "", "ck", "l", "ll", "m", "n", "n", "nd", "r", "rd", "s", "ss", "t", "th", "x")
NICKNAMES = dict(
    pair.split("/")
    for pair in (
        "Robert/Bob William/Bill Richard/Dick Margaret/Peggy Elizabeth/Liz Katherine/Kate"
        " Christopher/Chris Michael/Mike Anthony/Tony Thomas/Tom James/Jim Edward/Ted Susan/Sue"
        " Jennifer/Jenny Patricia/Pat Andrew/Andy Daniel/Dan Nicholas/Nick Samuel/Sam"
        " Alexander/Alex Benjamin/Ben Deborah/Debbie Rebecca/Becky Catherine/Cathy Joseph/Joe"
    ).split()
)
SIGNS = "'-"
# The harder ones twice.
WAYS = (
    *("letters", "letters", "letter", "swap", "initial", "initials", "initials"),
    *("split", "nickname", "sign", "dropped"),
)
_ALONE = 0.05


def people(size: int, seed: int = 20260401) -> Labelled:
    """As many people on each side; one in twenty without partner."""
    return _People(random.Random(seed)).labelled(size)  # noqa: S311 - no secrecy


class _People:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.firsts = [*NICKNAMES, *(self._word() for _ in range(600 - len(NICKNAMES)))]
        self.lasts = [self._word() for _ in range(4_000)]

    def labelled(self, size: int) -> Labelled:
        found = Labelling(INSTRUCTOR)
        for _ in range(int(size * (1 - _ALONE))):
            name, way = self.person(), self.chance.choice(WAYS)
            if way == "nickname":
                name = (self.chance.choice(list(NICKNAMES)), name[1])
            if way in ("split", "dropped") and " " not in name[0]:
                name = (f"{name[0]} {self.chance.choice(self.firsts)}", name[1])
            found.new(way, self.mistyped(name, way), name, (None, None))
        for side in Side:
            for _ in range(size - int(size * (1 - _ALONE))):
                found.alone(side, self.person())
        return found.labelled(f"people, {size:,}")

    def person(self) -> tuple[str, str]:
        first, last = self.chance.choice(self.firsts), self.chance.choice(self.lasts)
        if self.chance.random() < 0.3:
            first = f"{first} {self.chance.choice(self.firsts)}"
        return first, last

    def mistyped(self, name: tuple[str, str], way: str) -> tuple[str, str]:
        first, last = name
        begin, *rest = first.split()
        at = self.chance.randrange(1, len(last))
        typed: dict[str, Callable[[], tuple[str, str]]] = {
            "letters": lambda: (self._typo(first), self._typo(last)),
            "letter": lambda: self.chance.choice(
                [(self._typo(first), last), (first, self._typo(last))]
            ),
            "swap": lambda: (last, first),
            "initial": lambda: (f"{first[0]}.", last),
            "initials": lambda: (" ".join(word[0] for word in first.split()), last),
            "split": lambda: (begin, " ".join([*rest, last])),
            "nickname": lambda: (NICKNAMES[first], last),
            "sign": lambda: (first, f"{last[:at]}{self.chance.choice(SIGNS)}{last[at:]}"),
            "dropped": lambda: (begin, last),
        }
        return typed[way]()

    def _word(self) -> str:
        pick = self.chance.choice
        syllables = (pick(ONSETS) + pick(VOWELS) + pick(CODAS) for _ in range(pick([1, 2, 2, 3])))
        return "".join(syllables).title()

    def _typo(self, word: str) -> str:
        at = self.chance.randrange(len(word))
        changed = word[:at] + self.chance.choice(["", word[at] * 2, "e"]) + word[at + 1 :]
        return changed if changed.strip() and changed != word else f"{word}e"
