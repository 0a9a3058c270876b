"""Comparing a fetch of a part of an entity with its rows: what it does not cover stays as it is."""

from __future__ import annotations

from typing import Any

from ledger.schema import adm
from sync.decide.current_state import BridgeRow
from sync.decide.differences import Differences, compare
from sync.entities import EVENTS, LOCATIONS, SESSIONS
from sync.entity import Observed
from sync.fetch.fetched import Fetch, Fetched
from sync.fetch.source import Part, Source, Window
from sync.fetch.sources import source_of


def a_row(row_id: int, key: str, **columns: Any) -> BridgeRow:
    own = {"id": row_id, "external_id": key, "event_id": row_id, "day_number": None}
    return BridgeRow(row_id, key, {**own, **columns}, None)


def observed(key: str, **fields: Any) -> dict[str, Fetched]:
    own = {"external_id": key, "day_number": None}
    return {key: Fetched(Observed(key, {"event_id": None, **own, **fields}), 1)}


def names(rows: tuple[BridgeRow, ...]) -> list[str]:
    return [row.key for row in rows]


def compared(fetch: Fetch, *rows: BridgeRow, **options: Any) -> Differences:
    return compare(adm.SESSIONS, fetch, {row.key: row for row in rows}, **options)


def test_only_what_was_asked_for_and_not_returned_is_gone() -> None:
    fetch = Fetch(records=observed("a"), covered=frozenset({"a", "b"}))
    rows = (a_row(1, "a", event_id=None), a_row(2, "b"), a_row(3, "c"))
    found = compared(fetch, *rows)
    assert (names(found.gone), found.unchanged, found.guarded) == (["b"], 1, "")


def test_the_share_that_would_go_at_once_is_one_of_what_was_asked_for() -> None:
    asked = [a_row(n, f"asked {n}") for n in range(12)]
    others = [a_row(100 + n, f"other {n}") for n in range(100)]
    here = {key: one for n in range(6) for key, one in observed(f"asked {n}").items()}
    fetch = Fetch(records=here, covered=frozenset(row.key for row in asked))
    assert compared(fetch, *asked, *others).guarded == "6 of 12 would go at once"


def test_a_row_that_the_guard_keeps_keeps_its_place() -> None:
    """Or the new record of that place would end the whole transaction."""
    there = a_row(1, "gone", event_id=7, day_number=1)
    fetch = Fetch(records=observed("new", event_id=7, day_number=1), complete=False, why="cut")
    found = compared(fetch, there)
    assert found.guarded
    assert (found.new, [one.key for one in found.skipped]) == ((), ["new"])


def test_a_row_without_a_record_keeps_its_place_too() -> None:
    nobodys = a_row(1, "id=1", event_id=7, day_number=1)
    fetch = Fetch(records=observed("new", event_id=7, day_number=1))
    found = compared(fetch, holding={"id=1": nobodys})
    assert [one.key for one in found.skipped] == ["new"]


def parts(source: Source, window: Window) -> list[tuple[str, Any]]:
    return [(one.name, dict(one.variables)) for one in source.parts_for(window)]


def test_linked_events_are_asked_for_a_hundred_at_a_time_and_the_current_ones_besides() -> None:
    ids = tuple(str(n) for n in range(250))
    asked = parts(source_of(EVENTS), Window(ids, since="2026-01-01T00:00:00+00:00"))
    assert [name for name, _ in asked] == ["by id 1", "by id 2", "by id 3", "current"]
    assert [len(one["filters"][0]["values"]) for _, one in asked[:3]] == [100, 100, 50]
    assert asked[3][1]["filters"][0] == {
        "field": "end",
        "operation": "ge",
        "value": "2026-01-01T00:00:00+00:00",
    }


def test_all_events_are_one_list_and_all_sessions_those_of_every_event() -> None:
    assert parts(source_of(EVENTS), Window(("1",), every=True)) == [("", {})]
    assert [name for name, _ in parts(source_of(SESSIONS), Window(("1",)))] == ["by id 1"]
    assert parts(source_of(SESSIONS), Window()) == []


def test_the_lists_of_a_fetch_are_known_by_their_names_afterwards() -> None:
    def listed(source: Source, *given: str) -> list[Part]:
        return list(source.parts_named(given))

    assert [one.name for one in listed(source_of(EVENTS), "by id 7")] == ["by id 7"]
    assert [one.name for one in listed(source_of(LOCATIONS), "", "another")] == [""]
