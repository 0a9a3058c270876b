"""The company at any size: more locations, venues, instructors and events, the same for the same
seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from attrs import fields, frozen

from ledger.errors import UsageRefused
from sync.sandbox.company.entries import Company, Entry
from sync.sandbox.records.times import as_instant

FIRST = (
    "Abel Ada Agnes Amos Basil Blanche Cecil Cora Cyril Dora Edith Elias Esme Felix Flora Gilbert "
    "Hazel Hector Ida Jasper Judith Kit Leonora Linus Mabel Nestor Olive Otto Pearl Rufus Sybil "
    "Vera"
).split()
SYLLABLES = (
    "ash bar bel bram car chil cor dal den el far fen gar hal har ing kel lam lin mar mel nor oak "
    "pen rad sal stan thorn wal wes wick win"
).split()
ENDINGS = ("bury by combe den field ford ham ley stead ton worth").split()
BUILDINGS = ("Centre", "Chambers", "Hall", "House", "Institute", "Lodge", "Rooms", "Works")


@frozen
class Size:
    """How many of each to add to the shipped company: ``past_events`` that Administrate alone has,
    and ``events`` of the far future that both sides have."""

    locations: int = 0
    venues: int = 0
    instructors: int = 0
    past_events: int = 0
    events: int = 0
    seed: int = 1

    @classmethod
    def parse(cls, texts: Iterable[str], seed: int = 1) -> Size:
        """Reads ``venues=100000`` and the like; UsageRefused for anything else."""
        names = {one.name.replace("_", "-"): one.name for one in fields(cls) if one.name != "seed"}
        counts = {}
        for text in texts:
            name, _, number = text.partition("=")
            if name not in names or not number.isdecimal():
                known = ", ".join(f"{one}=N" for one in names)
                raise UsageRefused(f"{text!r} is no size: give {known}.")
            counts[names[name]] = int(number)
        return cls(**counts, seed=seed)

    @property
    def options(self) -> list[str]:
        """The sizes as they are parsed."""
        return [
            f"{one.name.replace('_', '-')}={getattr(self, one.name)}"
            for one in fields(type(self))
            if one.name != "seed"
        ]


@cache
def _shuffled(seed: int) -> list[str]:
    return random.Random(seed).sample(SYLLABLES, len(SYLLABLES))  # noqa: S311 - invented names


def _word(number: int, seed: int) -> str:
    """A made-up name for a number, different for each: the number written in syllables."""
    shuffled = _shuffled(seed)
    ending = ENDINGS[number % len(ENDINGS)]
    number //= len(ENDINGS)
    parts = [shuffled[number % len(shuffled)]]
    while number := number // len(shuffled):
        parts.append(shuffled[number % len(shuffled)])
    return ("".join(reversed(parts)) + ending).capitalize()


def _one_sided(choice: random.Random, entry: Entry) -> Entry:
    """Of 300 entries two are on one side only, three written a little differently on the other."""
    lot = choice.randrange(300)
    if lot < 2:
        return {**entry, "only": ("administrate", "tutorial")[lot]}
    if lot < 5:
        name = "name" if "name" in entry else "last"
        other = (f"{entry[name]} ", entry[name].upper(), entry[name][:-1])[lot - 2]
        return {**entry, "tutorial": {name: other}}
    return entry


def _locations(size: Size) -> Iterator[Entry]:
    choice = random.Random(size.seed)  # noqa: S311 - as above
    for number in range(size.locations):
        name = _word(number, size.seed)
        entry = {"name": name, "code": f"G{number}", "region": "GB", "time_zone": "Europe/London"}
        yield _one_sided(choice, entry)


def _venues(size: Size) -> Iterator[Entry]:
    """Spread over the added locations; without any, all at one of the shipped."""
    choice = random.Random(size.seed + 1)  # noqa: S311 - as above
    places = [one["name"] for one in _locations(size) if one.get("only") != "tutorial"]
    for number in range(size.venues):
        building = BUILDINGS[number % len(BUILDINGS)]
        name = f"{_word(number, size.seed + 1)} {building}"
        location = places[choice.randrange(len(places))] if places else "London"
        yield _one_sided(choice, {"name": name, "location": location, "description": ""})


def _people(size: Size) -> Iterator[Entry]:
    choice = random.Random(size.seed + 2)  # noqa: S311 - as above
    for number in range(size.instructors):
        first, last = choice.choice(FIRST), _word(number, size.seed + 2)
        yield _one_sided(choice, {"first": first, "last": last, "roles": ["instructor"]})


def _events(size: Size) -> Iterator[Entry]:
    """Like the shipped ones on both sides, in turn: ten years of them, then those to come."""
    both = [one for one in Company.shipped().values["past_events"] if "only" not in one]
    for number in range(size.past_events):
        past = _event(both, number, f"P{number:06}", 2015 + number % 10)
        yield {**past, "only": "administrate"}
    for number in range(size.events):
        yield _event(both, size.past_events + number, f"N{number:06}", 2098)


def _event(patterns: Sequence[Entry], number: int, name: str, year: int) -> Entry:
    like = patterns[number % len(patterns)]
    # Some two thousand a year.
    updated = datetime(2015, 1, 5, tzinfo=UTC) + timedelta(hours=4 * number)

    def then(day: str) -> str:
        return f"{year}{day[4:]}"

    return {
        **like,
        "title": f"{like['title'][:-3]}{name}",
        "days": [then(day) for day in like["days"]],
        "lms": [then(day) for day in like["lms"]],
        "booked": 0,
        "updated": as_instant(updated),
    }


SECTIONS: dict[str, Callable[[Size], Iterator[Entry]]] = {
    "locations": _locations,
    "venues": _venues,
    "people": _people,
    "past_events": _events,
}


def sized(size: Size) -> Company:
    """The shipped company and so many generated entries, which are made anew on each reading."""
    return Company.shipped({name: partial(make, size) for name, make in SECTIONS.items()})
