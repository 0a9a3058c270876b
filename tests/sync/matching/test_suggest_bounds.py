"""However many records there are, and whatever their names, suggestions take seconds."""

from __future__ import annotations

import tracemalloc
from time import process_time

import pytest

from sync.matching.changes import Background
from sync.matching.evidence import evidence_for
from sync.matching.forms import shipped
from sync.matching.keys import INSTRUCTOR, LOCATION, VENUE, Key, Record, Rule, Side
from sync.matching.match import match
from sync.matching.suggest import suggest
from tests.benchmarks.labelled.people import people

LONG = "é x " * 2_500_000


def numbered(*keys: Key) -> tuple[list[Record], list[Record]]:
    return (
        [Record(f"a{n}", key, 1) for n, key in enumerate(keys)],
        [Record(n, key, 1) for n, key in enumerate(keys)],
    )


@pytest.mark.parametrize(
    ("rule", "left", "right", "offered"),
    [
        pytest.param(
            INSTRUCTOR,
            [Record(f"a{n}", ("Jon", "Smith")) for n in range(10_000)],
            [Record(n, ("John", "Smith")) for n in range(10_000)],
            5,
            id="namesakes",
        ),
        pytest.param(
            VENUE,
            [Record(f"a{n}", (f"Room {n}",), 1) for n in range(2_000)],
            [Record(n, (f"Room {n + 2_000}",), 1) for n in range(2_000)],
            0,
            id="numbered rooms",
        ),
        pytest.param(
            VENUE,
            [Record(f"a{n}", ("Room 1",), n) for n in range(2_000)],
            [Record(n, ("Room  1",), n + 1) for n in range(2_000)],
            5,
            id="one name in many places",
        ),
        pytest.param(
            LOCATION, [Record("a", (LONG,))], [Record(1, (f"{LONG}y",))], 1, id="a long name"
        ),
        pytest.param(
            LOCATION,
            [Record(f"a{n}", (f"{'ab ' * 90}{n:x}x",)) for n in range(500)],
            [Record(n, (f"{'ab ' * 90}{n:x}y",)) for n in range(500)],
            5,
            id="many words",
        ),
    ],
)
def test_suggestions_take_seconds_and_are_few(
    rule: Rule, left: list[Record], right: list[Record], offered: int
) -> None:
    started = process_time()
    matching = match(rule, left, right)
    suggestions = suggest(matching, elsewhere=True)
    most = max(map(len, suggestions[Side.ADMINISTRATE].values()), default=0)
    first = next(iter(suggestions[Side.ADMINISTRATE].items()), None)
    if first is not None:
        record = matching.records[Side.ADMINISTRATE].by_id[first[0]]
        told = evidence_for(
            matching, Side.ADMINISTRATE, record, first[1][0], shipped(), Background()
        )
        assert len(told.words) + len(told.change.words if told.change else "") < 1_000
    assert process_time() - started < 10
    assert most == offered


def test_suggesting_takes_the_same_few_kilobytes_for_each_record_however_many_there_are() -> None:
    suggest(match(INSTRUCTOR, *numbered(("Mary", "Holloway"))))  # what is read once

    def kilobytes(size: int) -> float:
        labelled = people(size)
        matching = match(labelled.rule, labelled.administrate, labelled.tutorial)
        tracemalloc.start(1)
        try:
            suggest(matching)
            return tracemalloc.get_traced_memory()[1] / 2**10 / (2 * size)
        finally:
            tracemalloc.stop()

    few, many = kilobytes(200), kilobytes(800)
    assert many < 4
    assert many < 1.5 * few
