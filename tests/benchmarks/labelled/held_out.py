"""Sets that nothing was tuned on: other names, other damage, and two kinds of it a record.

The names of people are those that the package ``faker`` ships, of fifteen languages. When one of
these sets shows a weakness, the rule is mended by its reason; no number is fitted to them.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from itertools import product

from sync.matching.keys import INSTRUCTOR, VENUE, Side
from tests.benchmarks.labelled.pairs import Labelled, Labelling

LANGUAGES = (
    "cs_CZ", "de_DE", "en_GB", "en_IN", "en_US", "es_ES", "fr_FR", "ga_IE", "hu_HU", "id_ID",
    "it_IT", "nl_NL", "pt_BR", "sv_SE", "tr_TR",
)  # fmt: skip
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("ie", "ei"), ("y", "i"), ("w", "v"), ("z", "s"), ("th", "t"),
    ("c", "k"), ("ll", "l"), ("nn", "n"), ("ss", "s"), ("ai", "ay"), ("h", ""), ("j", "y"),
)  # fmt: skip
TRANSCRIBED = {
    "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "ß": "ss", "ł": "l", "\u0131": "i",
    "ñ": "ny",
}  # fmt: skip
Name = tuple[str, str]
_ALONE = 0.15


def held_out_sets(people: int, venues: int) -> Iterator[Labelled]:
    """People, where ``faker`` is installed, and venues."""
    if find_spec("faker") is not None:
        yield _People(random.Random(77_001)).labelled(people)  # noqa: S311 - no secrecy
    yield _Venues(random.Random(77_002)).labelled(venues)  # noqa: S311 - no secrecy


class _Damage:
    """Two kinds of damage a record, each the method of its name."""

    mixed: tuple[tuple[str, str], ...]

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def keyboard(self, text: str) -> str:
        """A key beside the one meant."""
        at = self.chance.choice([n for n, one in enumerate(text) if _beside(one)])
        typed = self.chance.choice(_beside(text[at]))
        return f"{text[:at]}{typed if at else typed.upper()}{text[at + 1 :]}"

    def sound(self, text: str) -> str:
        """Letters that sound alike; else a letter twice."""
        fitting = [pair for pair in SOUNDS if pair[0] in text[1:]]
        if not fitting:
            return f"{text[:2]}{text[1:]}"
        heard, written = self.chance.choice(fitting)
        return text[0] + text[1:].replace(heard, written, 1)


class _People(_Damage):
    mixed = (
        ("keyboard", "sound"),
        ("keyboard", "initial"),
        ("sound", "title"),
        ("sound", "middle initial"),
        ("accents", "second surname"),
        ("accents", "keyboard"),
        ("particle", "sound"),
        ("cut", "middle initial"),
        ("one field", "keyboard"),
        ("qualification", "initial"),
        ("second surname", "swapped"),
    )

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.pools: list[tuple[list[str], list[str]]] = []
        for language in LANGUAGES:
            of = import_module(f"faker.providers.person.{language}").Provider
            self.pools.append((sorted(set(of.first_names)), sorted(set(of.last_names))))

    def labelled(self, size: int) -> Labelled:
        found = Labelling(INSTRUCTOR)
        for number in range(int(size * (1 - _ALONE))):
            ways = self.mixed[number % len(self.mixed)]
            name = self.person(ways)
            damaged = name
            for way in ways:
                damaged = self.damaged(damaged, way)
            found.new(" + ".join(ways), damaged, name, (None, None))
        for side in Side:
            for _ in range(size - int(size * (1 - _ALONE))):
                found.alone(side, self.person())
        return found.labelled(f"held out: people, {size:,}")

    def person(self, ways: tuple[str, ...] = ()) -> Name:
        """One whose name allows these kinds of damage."""
        while True:
            firsts, lasts = self.chance.choice(self.pools)
            name = self.chance.choice(firsts), self.chance.choice(lasts)
            if "accents" in ways and "".join(name).isascii():
                continue
            if "cut" in ways and len(name[1]) < 10:
                continue
            if all(sum(map(bool, map(_beside, part))) > 1 for part in name):
                return name

    def damaged(self, name: Name, way: str) -> Name:
        first, last = name
        pick = self.chance.choice
        other = pick(pick(self.pools)[1])
        ways: Mapping[str, Callable[[], Name]] = {
            "keyboard": lambda: (first, self.keyboard(last)),
            "sound": lambda: (self.sound(first), last),
            "initial": lambda: (f"{first[0]}.", last),
            "title": lambda: (f"{pick(['Dr', 'Ms', 'Mr', 'Prof.'])} {first}", last),
            "middle initial": lambda: (f"{first} {pick('ABDEGHJKLMPRST')}.", last),
            "accents": lambda: (_plain(first), _plain(last)),
            "second surname": lambda: (first, f"{last}{pick(' -')}{other}"),
            "particle": lambda: (first, f"{pick(['de', 'van', 'von', 'da', 'El'])} {last}"),
            "cut": lambda: (first, last[:8]),
            "one field": lambda: ("", f"{last}, {first}"),
            "qualification": lambda: (first, f"{last} {pick(['FIA', 'PhD', 'ACA', 'MSc'])}"),
            "swapped": lambda: (last, first),
        }
        return ways[way]()


TOWNS = (
    "Adelaide", "Basel", "Calgary", "Darlington", "Ennis", "Falkirk", "Geneva", "Hobart", "Ipswich",
    "Johannesburg", "Kendal", "Lisburn", "Malvern", "Nairobi", "Ostend", "Poole",
)  # fmt: skip
WHOSE = (
    "Abbott", "Beaumont", "Cartwright", "Delacroix", "Eastgate", "Fairfax", "Goldsmith", "Hawthorn",
    "Ingram", "Jubilee", "Keswick", "Lombard", "Merchant", "Northcote", "Oakwood", "Pemberton",
    "Quayside", "Rutland", "Somerset", "Thornbury", "Underwood", "Vickers", "Wharfedale", "Yeoman",
)  # fmt: skip
WHICH = (
    "Riverside", "Harbour", "Summit", "Orchard", "Foundry", "Granary", "Guild", "Minster", "Priory",
    "Tannery", "Orion", "Mercury", "Jupiter", "Heritage", "Innovation", "Enterprise",
)  # fmt: skip
KINDS = (
    "Campus", "Learning Hub", "Training Suite", "Tower", "Pavilion", "Institute of Technology",
    "Town Hall", "Sports Club", "Community Centre", "Business School", "Boardroom", "Studios",
    "Event Space", "Medical School", "Exhibition Halls", "Village Inn",
)  # fmt: skip


class _Venues(_Damage):
    mixed = (
        ("keyboard", "floor"),
        ("keyboard", "postcode"),
        ("the", "shortened"),
        ("shortened", "keyboard"),
        ("possessive", "town behind"),
        ("town behind", "keyboard"),
        ("middle dropped", "town behind"),
        ("plural", "hyphens"),
        ("order", "keyboard"),
        ("company", "sound"),
        ("underscores", "floor"),
    )

    def labelled(self, size: int) -> Labelled:
        found = Labelling(VENUE)
        names = [" ".join(one) for one in product(WHOSE, WHICH, KINDS)]
        self.chance.shuffle(names)
        each = iter(names)
        for number in range(size):
            name, town = next(each), self.chance.randrange(len(TOWNS))
            ways = self.mixed[number % len(self.mixed)]
            damaged = name
            for way in ways:
                damaged = self.damaged(damaged, way, TOWNS[town])
            found.new(" + ".join(ways), (damaged,), (name,), (town, town))
        for side, number in product(Side, range(size // 5)):
            found.alone(side, (next(each),), number % len(TOWNS))
        places = {side: dict(enumerate(TOWNS)) for side in Side}
        return found.labelled(f"held out: venues, {size:,}", places)  # type: ignore[arg-type]

    def damaged(self, name: str, way: str, town: str) -> str:
        first, *rest = name.split()
        pick = self.chance.choice
        ways: Mapping[str, Callable[[], str]] = {
            "keyboard": lambda: self.keyboard(name),
            "sound": lambda: self.sound(name),
            "floor": lambda: f"{name}{pick([', 3rd Floor', ' - Level 2', ', Floor 4'])}",
            "postcode": lambda: f"{name}, {pick(['EC2V 7HH', 'BS1 5TR', 'LS11 9AT'])}",
            "the": lambda: f"The {name}",
            "shortened": lambda: " ".join(
                [*name.split()[:-1], f"{name.rsplit(maxsplit=1)[-1][:4]}."]
            ),
            "possessive": lambda: " ".join([f"{first}'s", *rest]),
            "town behind": lambda: f"{name}{pick([f' ({town})', f', {town}', f' {town}'])}",
            "middle dropped": lambda: " ".join([first, *rest[1:]]),
            "plural": lambda: name.removesuffix("s") if name.endswith("s") else f"{name}s",
            "hyphens": lambda: name.replace(" ", "-", 2),
            "order": lambda: " ".join([*rest, first]),
            "company": lambda: f"{name} {pick(['Ltd', 'plc', 'GmbH', 'Inc.', '& Co'])}",
            "underscores": lambda: name.replace(" ", "_").upper(),
        }
        return ways[way]()


def _beside(character: str) -> str:
    """The keys beside one, in its row."""
    for row in KEYBOARD:
        at = row.find(character.lower())
        if at >= 0:
            return row[max(at - 1, 0) : at] + row[at + 1 : at + 2]
    return ""


def _plain(text: str) -> str:
    """As somebody types it who has no such keys: transcribed, else without the accent."""
    capitals = {one.upper(): spelt.title() for one, spelt in TRANSCRIBED.items() if one != "ß"}
    spelt = "".join({**capitals, **TRANSCRIBED}.get(one, one) for one in text)
    return "".join(
        one for one in unicodedata.normalize("NFD", spelt) if not unicodedata.combining(one)
    )
