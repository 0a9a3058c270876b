"""A record's history is whole from either side of its link, and so is any table's past."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.database.connection import driver
from ledger.errors import UsageRefused
from ledger.events import Event, MatchesReaffirmed
from ledger.history.as_json import events_as_json
from ledger.history.record_history import events_about, link_of, steps
from ledger.replay.rebuild import state_at
from ledger.runs.run import new_run
from ledger.schema import adm
from ledger.store.bridge_rows import current_rows
from ledger.store.ledger import Ledger
from ledger.store.positions import position_of
from ledger.store.read import CHUNK, Selection
from tests.databases import Databases, opened
from tests.ledger.pausing import acting_before
from tests.ledger.record_events import (
    append_events,
    changed,
    linked,
    named,
    observed,
    tutorial_venue,
    vanished,
)


def history(ledger: Ledger, record: str, *, until: int | None = None) -> list[dict[str, Any]]:
    with ledger.database.transaction() as connection:
        reader = driver(connection)
        link = link_of(reader, record, until=until)
        return list(events_as_json(reader, events_about(reader, [link], until=until)))


def position(ledger: Ledger, typed: str) -> int:
    with ledger.database.driver_transaction() as connection:
        return position_of(connection, typed)


def test_either_side_of_a_link_tells_the_same_history(ledger: Ledger) -> None:
    tutorial = tutorial_venue(ledger.database, "BPP Waterloo")
    elsewhere = tutorial_venue(ledger.database, "Elsewhere")
    append_events(
        ledger,
        observed("adm.venues", "V1", 1, name="Waterloo"),
        observed("adm.venues", "V2", 2, name="Elsewhere"),
        changed("adm.venues", "V1", 1, name=("Waterloo", "BPP Waterloo")),
        linked("adm.venues", "V2", 2, elsewhere, candidates=(tutorial,)),
        linked("adm.venues", "V1", 1, tutorial),
        MatchesReaffirmed(
            table="adm.venues",
            rule="venue",
            rule_version=1,
            keys=("V1", "V2"),
            row_ids=(1, 2),
        ),
        run_id=uuid4(),
    )
    events = history(ledger, "adm.venues/V1")
    assert [event["position"] for event in events] == [1, 3, 4, 5, 6]
    assert events == history(ledger, tutorial)


def test_a_long_history_begins_once_its_first_events_are_read(
    ledger: Ledger, database_url: str
) -> None:
    seen = (observed("adm.venues", f"V{n}", n) for n in range(1, 2 * CHUNK + 1))
    append_events(ledger, *seen)
    further: list[str] = []
    # One to read the first events, one for the names in them; then comes the next.
    chunk = "FROM ledger.events WHERE position = ANY"
    with (
        acting_before(database_url, chunk, lambda: further.append("read"), turn=3) as database,
        database.driver_transaction() as reader,
    ):
        told = steps(reader, Selection(types=["RecordObserved"]))
        assert next(told).recorded.position == 1
        assert not further
        assert sum(1 for _ in told) == 2 * CHUNK - 1
    assert further


def test_history_says_who_when_in_which_run_and_what(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.venues", "V1", 1, name="Waterloo"))
    with new_run(ledger, "sync venues") as run:
        run.append(changed("adm.venues", "V1", 1, name=("Waterloo", "BPP Waterloo")))
    first, second = history(ledger, "adm.venues/V1")
    assert first["run_id"] is None
    assert second["run_id"] == str(run.run_id)
    assert second["actor"] == "tests"
    assert second["subjects"] == ["adm.venues/V1"]
    assert second["payload"]["changes"] == {"name": {"before": "Waterloo", "after": "BPP Waterloo"}}
    with ledger.database.transaction() as connection:
        types = [
            event["type"]
            for event in events_as_json(driver(connection), Selection(run_id=run.run_id))
        ]
    assert types == ["RunStarted", "RecordChanged", "RunCompleted"]


def test_history_shows_a_person_by_name(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.instructors", "C1", 1, **named("Ann", "Other")))
    [event] = history(ledger, "adm.instructors/C1")
    assert event["payload"]["fields"] == {
        "external_id": "C1",
        "first_name": "Ann",
        "last_name": "Other",
    }


def test_history_stops_at_a_position(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.venues", "V1", 1, name="a"))
    append_events(ledger, changed("adm.venues", "V1", 1, name=("a", "b")))
    append_events(ledger, changed("adm.venues", "V1", 1, name=("b", "c")))
    assert [event["position"] for event in history(ledger, "adm.venues/V1", until=2)] == [1, 2]


def test_the_state_at_a_time_is_that_of_the_last_event_by_then(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.venues", "V1", 1, name="Waterloo"))
    append_events(ledger, changed("adm.venues", "V1", 1, name=("Waterloo", "BPP Waterloo")))
    first, second = ledger.read()
    microsecond = timedelta(microseconds=1)
    assert position(ledger, (first.recorded_at - microsecond).isoformat()) == 0
    assert position(ledger, first.recorded_at.isoformat()) == 1
    assert position(ledger, (second.recorded_at - microsecond).isoformat()) == 1
    assert position(ledger, second.recorded_at.isoformat()) == 2
    assert position(ledger, "2999-01-01") == 2
    [row] = state_at(ledger.database, adm.VENUES, 1)
    assert row["name"] == "Waterloo"


def test_a_time_without_an_offset_is_local(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    append_events(ledger, observed("adm.venues", "V1", 1, name="Waterloo"))
    [event] = ledger.read()
    monkeypatch.setenv("TZ", "Etc/GMT-14")
    time.tzset()
    there = event.recorded_at.astimezone().replace(tzinfo=None)
    assert position(ledger, there.isoformat()) == 1
    assert position(ledger, (there - timedelta(hours=1)).isoformat()) == 0
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("typed", ["3", "yesterday", "-1", "", "2026-13-01"])
def test_what_is_no_position_or_time_is_refused(ledger: Ledger, typed: str) -> None:
    append_events(ledger, observed("adm.venues", "V1", 1, name="Waterloo"))
    with pytest.raises(UsageRefused):
        position(ledger, typed)


# What may happen next to one of three venues; a step that does not fit what stands is left out.
_steps = st.tuples(
    st.sampled_from(["see", "rename", "link", "vanish"]),
    st.integers(1, 3),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5),
)


def _step(kind: str, row_id: int, name: str, standing: set[int], tutorial: str) -> Event | None:
    key = f"V{row_id}"
    if kind == "see":
        if row_id in standing:
            return None
        standing.add(row_id)
        return observed("adm.venues", key, row_id, name=name)
    if row_id not in standing:
        return None
    if kind == "rename":
        return changed("adm.venues", key, row_id, name=(None, name))
    if kind == "link":
        return linked("adm.venues", key, row_id, tutorial if name else None)
    standing.remove(row_id)
    return vanished("adm.venues", key, row_id, name=name)


@settings(max_examples=15)
@given(st.lists(st.lists(_steps, min_size=1, max_size=4), max_size=6))
def test_the_state_at_any_position_is_what_stood_then(
    databases: Databases, template: str, batches: list[list[tuple[str, int, str]]]
) -> None:
    with databases.fresh(template) as url, opened(url) as database:
        ledger = Ledger(database, actor="tests")
        tutorial = tutorial_venue(database, "Somewhere")
        stood: dict[int, list[dict[str, Any]]] = {0: []}
        standing: set[int] = set()
        for batch in batches:
            events = [
                event for step in batch if (event := _step(*step, standing, tutorial)) is not None
            ]
            if not events:
                continue
            last = append_events(ledger, *events)[-1]
            with database.driver_transaction() as connection:
                rows = current_rows(connection, adm.VENUES)
            stood[last] = [rows[row_id] for row_id in sorted(rows)]
        for at, then in stood.items():
            assert state_at(database, adm.VENUES, at) == then
