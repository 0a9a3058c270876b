"""Invented venues, numbered rooms and codes, and what becomes of them on the other side."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import product

from sync.matching.keys import COURSE_TEMPLATE, VENUE, Side
from tests.benchmarks.labelled.pairs import Labelled, Labelling

TOWNS = (
    "Aldgate", "Bath", "Belfast", "Birmingham", "Bristol", "Cambridge", "Cardiff", "Chester",
    "Coventry", "Derby", "Dublin", "Durham", "Edinburgh", "Exeter", "Glasgow", "Leeds",
    "Leicester", "Lincoln", "Liverpool", "Manchester", "Newcastle", "Norwich", "Nottingham",
    "Oxford", "Perth", "Preston", "Reading", "Sheffield", "Stirling", "York",
)  # fmt: skip
NAMES = (
    "Waterloo", "Victoria", "Albert", "Wellington", "Nelson", "Trafalgar", "Kingsway", "Holborn",
    "Fleet", "Haymarket", "Strand", "Pelham", "Russell", "Bedford", "Tavistock", "Clarence",
    "Regent", "Grosvenor", "Portland", "Cavendish", "Marlowe", "Chaucer", "Dickens", "Bronte",
    "Austen", "Turner", "Constable", "Faraday", "Newton", "Darwin", "Watt", "Brunel", "Telford",
)  # fmt: skip
KINDS = (
    "House", "Hotel", "Conference Centre", "Lecture Theatre", "College Library", "Street Church",
    "Road Academy", "Assembly Rooms", "Business Centre", "University Hall", "Square Gallery",
)  # fmt: skip
FIRSTS = ("The", "Royal", "Saint", "New", "Old", "Great", "Mount", "Park")
SHORT = (
    ("Street", "St"), ("Road", "Rd"), ("Saint", "St."), ("Square", "Sq"), ("Centre", "Ctr"),
    ("University", "Univ."), ("and", "&"), ("Mount", "Mt"), ("House", "Hse"), ("Limited", "Ltd"),
)  # fmt: skip
NUMBERS = (("2", "II"), ("3", "Three"), ("4", "IV"), ("5", "Five"), ("2", "Two"), ("7", "007"))


def venues(size: int = 1_500, seed: int = 20260402) -> Labelled:
    """Venues in towns: nine in ten pairs, each with one kind of damage."""
    return _Venues(random.Random(seed)).labelled(size)  # noqa: S311 - no secrecy


class _Venues:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.names = self._names()

    def labelled(self, size: int) -> Labelled:
        found = Labelling(VENUE)
        damages = [name for name in dir(self) if name.startswith("by_")]
        for number in range(size):
            name, town = next(self.names), self.chance.randrange(len(TOWNS))
            way = damages[number % len(damages)]
            mine, theirs, scope = getattr(self, way)(name, town)
            found.new(way[3:].replace("_", " "), (mine,), (theirs,), (scope, town))
        for side, number in product(Side, range(size // 10)):
            found.alone(side, (next(self.names),), number % len(TOWNS))
        places = {side: dict(enumerate(TOWNS)) for side in Side}
        return found.labelled(f"venues, {size:,}", places)  # type: ignore[arg-type]

    def _names(self) -> Iterator[str]:
        """Each once."""
        names = [" ".join(one) for one in product((*FIRSTS, ""), NAMES, NAMES, KINDS)]
        self.chance.shuffle(names)
        return iter(name.strip() for name in names)

    def by_letter(self, name: str, town: int) -> tuple[str, str, int | None]:
        return self._typo(name), name, town

    def by_two_letters(self, name: str, town: int) -> tuple[str, str, int | None]:
        return self._typo(self._typo(name)), name, town

    def by_short_form(self, name: str, town: int) -> tuple[str, str, int | None]:
        long, short = self.chance.choice(SHORT)
        if long not in name.split():
            name = f"{name} and Gardens" if long == "and" else f"{name} {long}"
        return " ".join(short if word == long else word for word in name.split()), name, town

    def by_sign(self, name: str, town: int) -> tuple[str, str, int | None]:
        words = name.split()
        joined = self.chance.choice([", ", " - ", ": "]).join([" ".join(words[:2]), *words[2:]])
        return joined, name, town

    def by_number(self, name: str, town: int) -> tuple[str, str, int | None]:
        one, other = self.chance.choice(NUMBERS)
        return f"{name} Room {one}", f"{name} Room {other}", town

    def by_added_address(self, name: str, town: int) -> tuple[str, str, int | None]:
        street = self.chance.choice(NAMES)
        added = f"{name}, {self.chance.randrange(1, 200)} {street} Road, {TOWNS[town]}"
        return added, name, town

    def by_added_town(self, name: str, town: int) -> tuple[str, str, int | None]:
        return f"{TOWNS[town]} {name}", name, town

    def by_added_word(self, name: str, town: int) -> tuple[str, str, int | None]:
        return f"{name} (Online)", name, town

    def by_dropped_first(self, name: str, town: int) -> tuple[str, str, int | None]:
        return name.partition(" ")[2], name, town

    def by_order(self, name: str, town: int) -> tuple[str, str, int | None]:
        first, _, rest = name.partition(" ")
        return f"{rest}, {first}", name, town

    def by_joined(self, name: str, town: int) -> tuple[str, str, int | None]:
        first, second, *rest = name.split()
        return " ".join([first + second.lower(), *rest]), name, town

    def by_acronym(self, name: str, town: int) -> tuple[str, str, int | None]:
        return "".join(word[0] for word in name.split()), name, town

    def by_other_place(self, name: str, town: int) -> tuple[str, str, int | None]:
        return name, name, (town + self.chance.randrange(1, len(TOWNS))) % len(TOWNS)

    def by_other_place_and_letter(self, name: str, town: int) -> tuple[str, str, int | None]:
        other = (town + self.chance.randrange(1, len(TOWNS))) % len(TOWNS)
        return self._typo(name), name, other

    def by_unlinked_place(self, name: str, _town: int) -> tuple[str, str, int | None]:
        return name, name, None

    def _typo(self, name: str) -> str:
        words = name.split()
        at = self.chance.choice([n for n, word in enumerate(words) if len(word) > 3])
        word = words[at]
        place = self.chance.randrange(1, len(word) - 1)
        cut, end = word[:place], word[place + 1 :]
        swapped = f"{word[:place]}{word[place + 1]}{word[place]}{word[place + 2 :]}"
        words[at] = self.chance.choice([cut + end, f"{cut}{word[place] * 2}{end}", swapped])
        if words[at] == word:
            words[at] = cut + end
        return " ".join(words)


def rooms(size: int = 300) -> Labelled:
    """Numbered rooms of one place: a third written otherwise, the rest without partner."""
    found = Labelling(VENUE)
    writings: list[Callable[[int], str]] = [
        lambda n: f"Conference Rm {n}",
        lambda n: f"Conference Room {n:05}",
        lambda n: f"Conference Room No. {n}",
    ]
    for number in range(1, size + 1):
        mine = writings[number % 3](number)
        found.new("written otherwise", (mine,), (f"Conference Room {number}",), (1, 1))
        found.alone(Side.ADMINISTRATE, (f"Conference Room {number + 2 * size}",), 1)
        found.alone(Side.TUTORIAL, (f"Conference Room {number + 4 * size}",), 1)
    for letter in "ABCDEFGH":
        side = Side.ADMINISTRATE if letter in "ACEG" else Side.TUTORIAL
        found.alone(side, (f"Seminar Room {letter}",), 1)
    return found.labelled(f"numbered rooms, {3 * size:,}", {side: {1: "London"} for side in Side})


def codes() -> Labelled:
    """Codes of templates: with other separators or zeros, and without partner."""
    found = Labelling(COURSE_TEMPLATE)
    for subject, number, form in product(("CS", "CM", "CB", "SP"), range(1, 11), "SLO"):
        code = f"{subject}{number}-{form}"
        mine = {
            "S": f"{subject}{number} {form}",
            "L": f"{subject}{number:02}-{form}",
            "O": f"{subject}{number}_{form}_",
        }[form]
        found.new("separators" if form != "L" else "zeros", (mine,), (code,), (None, None))
        found.alone(Side.ADMINISTRATE, (f"{code}{number}",))
        found.alone(Side.TUTORIAL, (f"{subject}{number + 20}-{form}",))
    return found.labelled("codes")
