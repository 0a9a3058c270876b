"""Prints the structure of each package: modules, lines, rooms and the imports between them.

``python -m tests.structure [CHECKOUT]``. A room is a folder of a package, or a module beside them.
A floor is a room's height above those that import no other; rooms in a circle share one. Imports
for type checkers alone count.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import grimp
from attrs import frozen

PACKAGES = ("ledger", "sync", "importer")
Graph = Mapping[str, set[str]]


@frozen
class Structure:
    """The counts of one package; ``circles`` are the rooms that import each other."""

    package: str
    modules: int
    lines: int
    imports: int
    rooms: int
    edges: int
    floors: int
    circles: tuple[tuple[str, ...], ...]
    modules_in_circles: int


def structures(checkout: Path) -> Iterator[Structure]:
    """The structure of each package of a checkout, measured from its source."""
    sys.path.insert(0, str(checkout))
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    for package in PACKAGES:
        modules = {
            one: {
                other
                for other in graph.find_modules_directly_imported_by(one)
                if other.startswith(f"{package}.")
            }
            for one in graph.modules
            if one == package or one.startswith(f"{package}.")
        }
        rooms: dict[str, set[str]] = {}
        for one, imported in modules.items():
            if one != package:
                there = rooms.setdefault(_room(one), set())
                there |= {_room(other) for other in imported} - {_room(one)}
        circles = _circles(rooms)
        yield Structure(
            package,
            len(modules),
            sum(len(file.read_text().splitlines()) for file in (checkout / package).rglob("*.py")),
            sum(map(len, modules.values())),
            len(rooms),
            sum(map(len, rooms.values())),
            _floors(rooms, circles),
            tuple(circles),
            sum(map(len, _circles(modules))),
        )


def _room(module: str) -> str:
    return module.split(".")[1]


def _reached(graph: Graph) -> dict[str, set[str]]:
    """What each node imports, directly or through others."""
    reached = {}
    for node in graph:
        seen: set[str] = set()
        waiting = list(graph[node])
        while waiting:
            if (one := waiting.pop()) not in seen:
                seen.add(one)
                waiting += graph[one]
        reached[node] = seen
    return reached


def _circles(graph: Graph) -> list[tuple[str, ...]]:
    reached = _reached(graph)
    circles = {
        tuple(sorted(other for other in reached[node] if node in reached[other]))
        for node in graph
        if node in reached[node]
    }
    return sorted(circles)


def _floors(graph: Graph, circles: list[tuple[str, ...]]) -> int:
    floors: dict[str, int] = {}

    def floor(node: str) -> int:
        if node not in floors:
            together = next((one for one in circles if node in one), (node,))
            below = {other for one in together for other in graph[one]} - set(together)
            height = 1 + max(map(floor, below), default=0)
            floors.update(dict.fromkeys(together, height))
        return floors[node]

    return max(map(floor, graph))


def main() -> None:
    """Prints a line a package, and its circles."""
    checkout = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    heads = ("package", "modules", "lines", "imports", "rooms", "between rooms", "floors")
    print(*heads, "modules in circles", sep="\t")  # noqa: T201 - its purpose
    for one in structures(checkout):
        counts = (one.modules, one.lines, one.imports, one.rooms, one.edges, one.floors)
        print(one.package, *counts, one.modules_in_circles, sep="\t")  # noqa: T201 - likewise
        for circle in one.circles:
            print("", "circle:", *circle)  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
