"""The store: where a batch stands once appended, and which batches are refused."""

from __future__ import annotations

from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from uuid_utils.compat import uuid7

from ledger.database.connection import driver
from ledger.errors import AdmsyncError, AppendRefused, PartlyKnown, VersionConflict
from ledger.events import RunFailed
from ledger.store.append import append
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.read import Selection, read, read_chunks
from tests.ledger.builders import counted, decision, unmatched

VENUE = "acted.tutorial_venues/1"


def versions(ledger: Ledger, stream: str) -> list[int]:
    with ledger.database.transaction() as connection:
        return [event.version for event in read(driver(connection), Selection(stream=stream))]


def test_events_stand_at_the_next_positions_in_their_order(ledger: Ledger) -> None:
    assert ledger.append([unmatched(1), unmatched(2)]).positions == [1, 2]
    assert ledger.append([unmatched(1)]).positions == [3]


@settings(max_examples=30)
@given(batches=st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), max_size=4))
def test_a_streams_versions_have_no_gap(ledger: Ledger, batches: list[list[str]]) -> None:
    for batch in batches:
        ledger.append([unmatched(key) for key in batch])
    for key in "abc":
        found = versions(ledger, f"acted.tutorial_venues/{key}")
        assert found == list(range(1, len(found) + 1))


def test_an_empty_batch_appends_nothing(ledger: Ledger) -> None:
    assert ledger.append([]).positions == []
    assert counted(ledger, "ledger.appends") == 0


def test_events_without_a_record_are_in_their_runs_stream(ledger: Ledger) -> None:
    run_id = uuid7()
    # Not projected: the run did not start.
    Ledger(ledger.database, "tests", projectors=()).append(
        [Entry(RunFailed(reason="x"))], run_id=run_id
    )
    assert versions(ledger, f"run/{run_id}") == [1]


def test_an_event_without_record_or_run_is_refused(ledger: Ledger) -> None:
    with pytest.raises(AppendRefused, match="RunFailed is about no record, so it needs a run"):
        ledger.append([Entry(RunFailed(reason="x"))])


@pytest.mark.parametrize("expected", [0, 2, -1])
def test_a_stream_at_another_version_than_expected_refuses_the_batch(
    ledger: Ledger, expected: int
) -> None:
    ledger.append([unmatched(1)])
    message = f"stream {VENUE} stands at version 1, not {expected}"
    with pytest.raises(VersionConflict, match=message):
        ledger.append([unmatched(2), unmatched(1)], expected={VENUE: expected})
    assert counted(ledger, "ledger.events") == 1


def test_a_stream_at_the_expected_version_takes_the_batch(ledger: Ledger) -> None:
    ledger.append([unmatched(1)], expected={VENUE: 0, "acted.tutorial_venues/2": 0})
    assert ledger.append([unmatched(1)], expected={VENUE: 1}).positions == [2]


def test_the_same_batch_again_stands_where_it_stood(ledger: Ledger) -> None:
    batch = [unmatched(1), unmatched(2)]
    first = ledger.append(batch)
    ledger.append([unmatched(3)])
    again = ledger.append(batch, expected={VENUE: 0})
    assert again.known
    assert again.positions == first.positions == [1, 2]
    assert counted(ledger, "ledger.events") == 3
    assert ledger.append([unmatched(4)]).positions == [4]


def test_a_batch_of_which_a_part_is_known_is_refused_whole(ledger: Ledger) -> None:
    known = unmatched(1)
    ledger.append([known])
    with pytest.raises(PartlyKnown, match="1 of 2 events are in the ledger already"):
        ledger.append([unmatched(2), known])
    assert counted(ledger, "ledger.events") == 1


@pytest.mark.parametrize("known", [False, True])
def test_a_batch_with_an_event_twice_is_refused(ledger: Ledger, known: bool) -> None:
    entry = unmatched(1)
    if known:
        ledger.append([entry])
    with pytest.raises(PartlyKnown, match="repeat in the batch"):
        ledger.append([entry, entry])


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_append_under_an_older_snapshot_is_refused(ledger: Ledger, level: str) -> None:
    with ledger.database.engine.connect() as connection:
        connection.execute(text(f"SET TRANSACTION ISOLATION LEVEL {level}"))
        with pytest.raises(AppendRefused, match=f"needs READ COMMITTED, not {level}"):
            append(driver(connection), [unmatched()], actor="tests")


HOSTILE = ["", "\x1f", "\x1e", "\x00", "\ud800", "a\x1fb", "a\x1eb"]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_that_the_columns_cannot_carry_is_refused(ledger: Ledger, name: str) -> None:
    for entry in (decision(name), unmatched(1, candidates=(name,))):
        with pytest.raises(AppendRefused, match="cannot name a record"):
            ledger.append([unmatched(7), entry])
    assert counted(ledger, "ledger.events") == 0


@pytest.mark.parametrize(
    "name",
    [" ", "'; DROP TABLE ledger.events; --", "{a,b}", '"', "\\", "%s", "NULL", "\n", "a/b/c"],
    ids=ascii,
)
def test_a_name_of_any_other_characters_is_a_name(ledger: Ledger, name: str) -> None:
    ledger.append([decision("a/1", name), unmatched(2, candidates=(name, "x"))])
    found = ledger.read(Selection(subjects=[name]))
    assert [recorded.position for recorded in found] == [1, 2]


def test_an_error_in_the_database_is_one_line(ledger: Ledger) -> None:
    beyond = evolve(unmatched(), cause=2**63)
    with pytest.raises(AdmsyncError) as raised:
        ledger.append([beyond])
    assert "\n" not in str(raised.value)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Sixty events about ten venues and ten candidates, every third in a run."""
    for number in range(1, 61):
        run_id = UUID(int=7) if number % 3 == 0 else None
        about = (f"adm.venues/{number % 4}",)
        ledger.append([unmatched(number % 10, candidates=about)], run_id=run_id)
    ledger.append([decision("adm.venues/1")])
    return ledger


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), range(1, 62)),
        (Selection(after=10, until=20), range(11, 21)),
        (Selection(stream=VENUE), range(1, 61, 10)),
        (Selection(subjects=["adm.venues/1"]), [*range(1, 61, 4), 61]),
        (Selection(run_id=UUID(int=7)), range(3, 61, 3)),
        (Selection(types=["DecisionTaken", "Unheard"]), [61]),
        (Selection(types=["TutorialRecordUnmatched"]), range(1, 61)),
        (Selection(types=[]), []),
        (Selection(stream=VENUE, run_id=UUID(int=7), after=21), [51]),
    ],
)
@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_events_are_selected_in_order_and_backwards(
    filled: Ledger, selection: Selection, expected: list[int], chunk: int
) -> None:
    positions = list(expected)
    with filled.database.transaction() as connection:
        for backwards, wanted in ((False, positions), (True, positions[::-1])):
            for limit in (None, 0, 3):
                chunks = read_chunks(
                    driver(connection), selection, backwards=backwards, limit=limit, chunk=chunk
                )
                found = list(chunks)
                assert [e.position for events in found for e in events] == wanted[:limit]
                assert all(len(events) <= chunk for events in found)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(run_id=UUID(int=7)),
        Selection(types=["TutorialRecordUnmatched"]),
        Selection(stream=VENUE),
        Selection(subjects=[VENUE]),
    ],
    ids=["run", "type", "stream", "subject"],
)
def test_reading_what_is_selected_costs_in_proportion_to_it(
    ledger: Ledger, selection: Selection
) -> None:
    ledger.append([unmatched(1) for _ in range(2000)], run_id=UUID(int=7))
    with ledger.database.transaction() as connection:
        assert len(list(read_chunks(driver(connection), selection, chunk=10))) == 200
        # The rows and index entries that the server went through in this transaction.
        passed = connection.exec_driver_sql(
            "SELECT sum(pg_stat_get_xact_tuples_returned(oid)) FROM pg_class"
            " WHERE oid = 'ledger.events'::regclass OR oid IN (SELECT indexrelid FROM pg_index"
            " WHERE indrelid = 'ledger.events'::regclass)"
        ).scalar_one()
    assert passed < 10 * 2000


def test_what_follows_from_an_event_says_so(ledger: Ledger) -> None:
    [position] = ledger.append([unmatched(1)]).positions
    ledger.append([evolve(unmatched(1), cause=position)])
    assert [recorded.cause for recorded in ledger.read()] == [None, 1]
