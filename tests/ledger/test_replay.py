"""Replay: the tables that stand are what the ledger says, and where not, it is told row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given, settings
from sqlalchemy import text

from ledger.database.connection import Database, driver
from ledger.errors import AdmsyncError, UsageRefused
from ledger.events import (
    Event,
    RecordChanged,
    RecordObserved,
    RecordVanished,
    TutorialRecordUnmatched,
)
from ledger.events.recorded import Recorded
from ledger.projections import PROJECTORS, ProjectionError, Projector
from ledger.projections.projector import Step
from ledger.projections.stored_rows import StoredRows
from ledger.replay.compare import Difference, replay
from ledger.replay.mend import mend
from ledger.replay.rebuild import state_at
from ledger.runs.run import new_run
from ledger.schema import adm
from ledger.schema.declared import Table
from ledger.schema.ledger import DISCREPANCIES
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.positions import position_at, position_of
from ledger.values import Personal
from tests.ledger.builders import counted, observed, unmatched
from tests.ledger.histories import histories

RUN = UUID(int=7)
TABLES = tuple(table for projector in PROJECTORS for table in projector.tables)


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """A ledger beside tutorial records that links may lead to."""
    with ledger.database.transaction() as connection:
        for _ in range(3):
            connection.execute(text("INSERT INTO acted.tutorial_locations (name) VALUES ('one')"))
            connection.execute(text("INSERT INTO acted.tutorial_venues (name) VALUES ('one')"))
            connection.execute(text("INSERT INTO acted.tutorial_instructors DEFAULT VALUES"))
    return ledger


def standing(database: Database, table: Table) -> list[dict[str, Any]]:
    with database.driver_transaction() as connection:
        rows = connection.execute(f"SELECT {table.selected} FROM {table.fullname} ORDER BY 1")
        return [dict(zip(table.names, row, strict=True)) for row in rows]


def test_a_reason_that_no_column_can_hold_is_kept_as_far_as_it_can_be(ledger: Ledger) -> None:
    ledger.append([unmatched(1, reason="\x00 \ud800 x")])
    [row] = standing(ledger.database, DISCREPANCIES)
    assert row["reason"] == "\ufffd \ufffd x"
    assert replay(ledger.database).ok


@contextmanager
def fresh_ledger(ledger: Ledger) -> Iterator[None]:
    """Afterwards the ledger is empty again, as only the owner of a test's database may make it."""
    yield
    names = "ledger.events, ledger.appends, ledger.personal, " + ", ".join(
        table.fullname for table in TABLES
    )
    with ledger.database.transaction() as connection:
        for name in ("events", "appends", "personal"):
            connection.execute(text(f"ALTER TABLE ledger.{name} DISABLE TRIGGER append_only"))
        connection.execute(text(f"TRUNCATE {names}"))


@settings(max_examples=15)
@given(batches=histories())
def test_any_history_replays_to_the_tables_that_stand(
    ledger: Ledger, batches: Sequence[list[Entry]]
) -> None:
    with fresh_ledger(ledger):
        moments: list[tuple[int, dict[Table, list[dict[str, Any]]]]] = []
        for batch in batches:
            position = ledger.append(batch, run_id=RUN).positions[-1]
            moments.append((position, {t: standing(ledger.database, t) for t in adm.TABLES}))
        replayed = replay(ledger.database)
        assert replayed.ok, replayed.differences
        assert replayed.position == moments[-1][0]
        position, tables = moments[len(moments) // 2]
        for table in (adm.INSTRUCTORS, adm.COURSE_TEMPLATES):
            assert state_at(ledger.database, table, position) == tables[table]


def test_a_record_may_vanish_and_come_back_under_another_row_in_one_batch(ledger: Ledger) -> None:
    ledger.append([observed("a", 1)])
    ledger.append([Entry(GONE), observed("a", 2)])
    assert [row["id"] for row in standing(ledger.database, adm.VENUES)] == [2]
    assert replay(ledger.database).ok


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"nmae": "x"}, "does not fit adm.venues 1: it has no column nmae"),
        ({"location_id": "nowhere"}, "venues_location_id_fkey"),
        ({"created_at": "the week before"}, "the week before"),
        ({"tutorial_venue_id": 2**70}, "out of range"),
        ({"updated_at": time(9, 30)}, "adm.venues"),
    ],
    ids=["unknown column", "no such row", "no time", "too large", "time of day"],
)
def test_values_that_do_not_fit_abort_the_append_whole(
    ledger: Ledger, fields: dict[str, Any], problem: str
) -> None:
    with pytest.raises(AdmsyncError, match=problem):
        ledger.append([unmatched(), observed("a", 1, fields)])
    for table in ("ledger.events", "adm.venues"):
        assert counted(ledger, table) == 0


SEEN = RecordObserved(table="adm.venues", key="a", row_id=1, fields={"external_id": "a"})
CHANGED = RecordChanged(table="adm.venues", key="a", row_id=1, changes={})
GONE = RecordVanished(table="adm.venues", key="a", row_id=1, fields={})


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([SEEN, SEEN], "the row is there already"),
        ([CHANGED], "there is no such row"),
        ([SEEN, GONE, CHANGED], "there is no such row"),
    ],
    ids=["seen twice", "changed unseen", "changed when gone"],
)
def test_an_event_out_of_turn_is_named_with_its_row(
    ledger: Ledger, events: list[Event], problem: str
) -> None:
    message = f"at position {len(events)} does not fit adm.venues 1: {problem}"
    with pytest.raises(ProjectionError, match=message):
        ledger.append([Entry(event) for event in events])
    assert counted(ledger, "ledger.events") == 0


def test_a_projector_that_raises_aborts_the_append_whole(ledger: Ledger) -> None:
    def fail(_recorded: Recorded) -> Iterable[Step]:
        raise RuntimeError("a bug")

    failing = Projector("failing", (adm.SESSIONS,), {TutorialRecordUnmatched: fail})
    broken = evolve(ledger, projectors=(*PROJECTORS, failing))
    with pytest.raises(RuntimeError):
        broken.append([observed("a", 1), unmatched()], blobs=[b"page"])
    for table in ("ledger.events", "ledger.appends", "ledger.blobs", "adm.venues"):
        assert counted(ledger, table) == 0
    assert ledger.append([unmatched()]).positions == [1]


@pytest.fixture
def drifted(ledger: Ledger) -> Ledger:
    """A ledger some of whose rows were changed by hand: one, one taken out, one put in."""
    ada = {"first_name": Personal("Ada")}
    ledger.append(
        [
            observed("a", 1, {"name": "A"}),
            observed("b", 2, {"name": "B"}),
            observed("i", 3, ada, table="adm.instructors"),
        ]
    )
    with ledger.database.transaction() as connection:
        connection.execute(text("UPDATE adm.venues SET name = 'X', tutorial_venue_id = 2"))
        connection.execute(text("DELETE FROM adm.venues WHERE id = 2"))
        connection.execute(
            text(
                "INSERT INTO adm.pricelevels (id, external_id, name, created_at, updated_at)"
                " VALUES (9, 'p', 'Full', now(), now())"
            )
        )
    return ledger


def test_a_difference_is_named_row_by_row(drifted: Ledger) -> None:
    replayed = replay(drifted.database)
    assert replayed.rows == {"adm.venues": 2}
    # What another writer made is its own: listed, and no difference.
    [unknown] = replayed.others
    name, link, missing = replayed.differences
    assert (unknown.table, unknown.key, unknown.column) == ("adm.pricelevels", "9", None)
    assert (unknown.ledger, unknown.stands["name"]) == (None, "Full")
    assert {name, link} == {
        Difference("adm.venues", "1", "name", "A", "X"),
        Difference("adm.venues", "1", "tutorial_venue_id", None, 2),
    }
    assert (missing.key, missing.column, missing.stands) == ("2", None, None)
    assert missing.ledger["name"] == "B"


def test_mending_sets_the_rows_right_and_records_it(drifted: Ledger) -> None:
    with new_run(drifted, "replay") as run:
        assert mend(run) == {"adm.venues": 2}
    assert replay(drifted.database).ok
    assert counted(drifted, "adm.pricelevels") == 1
    assert counted(drifted, "adm.venues") == 2
    mended = [r.event for r in drifted.read() if type(r.event).__name__ == "ProjectionsMended"]
    assert len(mended) == 1


@pytest.mark.parametrize("referring", ["NO ACTION DEFERRABLE INITIALLY DEFERRED", "CASCADE"])
def test_mending_leaves_a_removed_row_that_others_refer_to(ledger: Ledger, referring: str) -> None:
    """Two rows that the ledger removed stand again; one of them is referred to."""
    ledger.append([observed("a", 1), observed("b", 2)])
    with ledger.database.transaction() as connection:
        connection.execute(
            text(
                "CREATE TABLE adm.learners (id int, venue_id bigint REFERENCES adm.venues"
                f" ON DELETE {referring})"
            )
        )
    before = standing(ledger.database, adm.VENUES)
    ledger.append([Entry(GONE), Entry(evolve(GONE, key="b", row_id=2))])
    with ledger.database.transaction() as connection:
        StoredRows(driver(connection), adm.VENUES).insert(before)
        connection.execute(text("INSERT INTO adm.learners VALUES (1, 2)"))
    assert replay(ledger.database).rows == {"adm.venues": 2}
    with new_run(ledger, "replay") as run:
        assert mend(run) == {"adm.venues": 1}
    assert [row["id"] for row in standing(ledger.database, adm.VENUES)] == [2]
    assert counted(ledger, "adm.learners") == 1


def test_a_row_made_again_under_another_key_stands_in_nobody_s_way(ledger: Ledger) -> None:
    """Another writer deleted a row and made its own of the same Administrate id."""
    ledger.append([observed("a", 1), observed("b", 2, {"name": "B"})])
    with ledger.database.transaction() as connection:
        connection.execute(text("DELETE FROM adm.venues WHERE id = 1"))
        connection.execute(text("UPDATE adm.venues SET name = 'X' WHERE id = 2"))
        connection.execute(
            text(
                "INSERT INTO adm.venues (id, external_id, created_at, updated_at)"
                " VALUES (99, 'a', now(), now())"
            )
        )
    with new_run(ledger, "replay") as run:
        assert mend(run) == {"adm.venues": 1}
    found = replay(ledger.database)
    assert found.rows == {"adm.venues": 1}
    assert [one.key for one in found.others] == ["99"]


@pytest.mark.parametrize("gone", ["DROP TABLE adm.sessions", "ALTER TABLE adm.sessions DROP title"])
def test_a_table_to_which_nothing_was_written_never_differs(ledger: Ledger, gone: str) -> None:
    ledger.append([observed("a", 1)])
    with ledger.database.transaction() as connection:
        connection.execute(text(gone))
    assert replay(ledger.database).ok


def test_ids_that_two_rows_exchanged_are_set_right(ledger: Ledger) -> None:
    ledger.append([observed("a", 1), observed("b", 2)])
    with ledger.database.transaction() as connection:
        for row, key in ((1, "-"), (2, "a"), (1, "b")):
            connection.execute(
                text(f"UPDATE adm.venues SET external_id = '{key}' WHERE id = {row}")
            )
    with new_run(ledger, "replay") as run:
        assert mend(run) == {"adm.venues": 2}
    assert replay(ledger.database).ok


def test_a_time_leads_to_the_last_position_by_then(ledger: Ledger) -> None:
    first, second = (ledger.append([unmatched(), unmatched()]).events[-1] for _ in range(2))
    instant = timedelta(microseconds=1)
    with ledger.database.driver_transaction() as connection:
        assert position_at(connection, first.recorded_at - instant) == 0
        assert position_at(connection, first.recorded_at) == 2
        assert position_at(connection, second.recorded_at - instant) == 2
        assert position_of(connection, second.recorded_at.isoformat()) == 4
        assert position_of(connection, "3") == 3
        edges = ("0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
        for typed in ("5", "soon", "-1", "", *edges):
            with pytest.raises(UsageRefused):
                position_of(connection, typed)
