"""Fetching a whole list: every record once, with all that belongs to it, and from where one was."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sync.administrate.client import Administrate
from sync.administrate.errors import AnswerLost, Malformed, NotFound
from sync.administrate.listings import Part, assemble
from sync.administrate.lookups import find_all
from sync.administrate.pages import Completeness, Paging, fetch_pages
from sync.administrate.passes import Progress
from sync.administrate.reads import CUSTOM_FIELD_DEFINITIONS, EVENTS, SESSIONS_OF_EVENT, VENUES
from tests.sync.administrate.changing_set import ChangingSet, venue, window
from tests.sync.administrate.fake_time import FakeTime
from tests.sync.administrate.fetching import fetch, serve
from tests.sync.administrate.scripted_server import Fault, ScriptedServer, data


@pytest.mark.parametrize("count", [0, 1, 2, 99, 100, 101, 199, 200, 1234])
def test_every_record_comes_once_and_in_order(
    client: Administrate, server: ScriptedServer, count: int
) -> None:
    expected = serve(server, count)
    fetched = fetch(client)
    assert fetched.ids == expected
    assert fetched.end == Completeness(True, count, count, 1)


@pytest.mark.parametrize("page_size", [-1, 1, 2, 3, 100, 5000])
def test_any_page_size_will_do(
    client: Administrate, server: ScriptedServer, page_size: int
) -> None:
    expected = serve(server, 205)
    assert fetch(client, Paging(page_size=page_size)).ids == expected
    assert all(2 <= variables["first"] <= 100 for _operation, variables in server.calls)


def test_a_server_that_gives_less_than_asked_is_followed_by_what_came(
    client: Administrate, server: ScriptedServer
) -> None:
    venues = ChangingSet(set(range(250)))
    sizes = itertools.cycle([60, 2, 17, 100, 3])

    def stingy(operation: str, variables: Mapping[str, Any]) -> object:
        return venues.answer(operation, {**variables, "first": next(sizes)})

    server.obey = stingy
    fetched = fetch(client)
    assert len(fetched.ids) == len(set(fetched.ids)) == 250
    assert fetched.end.complete


def test_few_pages_are_asked_for_ahead(client: Administrate, server: ScriptedServer) -> None:
    serve(server, 100_000)
    stream = fetch_pages(client, VENUES, None, Paging(workers=2))
    next(stream)
    assert isinstance(stream, Iterator)
    stream.close()  # type: ignore[attr-defined]  # a generator, which may be left early
    assert len(server.calls) <= 6


def test_a_run_goes_on_behind_the_pages_it_has(
    client: Administrate, server: ScriptedServer
) -> None:
    expected = serve(server, 500)
    fetched = fetch(client, progress=Progress(500, expected[:200]))
    assert fetched.ids == expected
    assert fetched.end.complete
    assert min(variables["offset"] for _operation, variables in server.calls) == 199


def test_a_run_that_had_everything_only_looks_whether_it_still_holds(
    client: Administrate, server: ScriptedServer
) -> None:
    expected = serve(server, 50)
    fetched = fetch(client, progress=Progress(50, expected))
    assert fetched.ids == expected
    assert fetched.end.complete
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    "kept",
    [Progress(501, ["V000000"]), Progress(500, ["V000001"]), Progress(500, ["V000000"] * 2)],
)
def test_pages_kept_from_another_state_are_given_up(
    client: Administrate, server: ScriptedServer, kept: Progress
) -> None:
    expected = serve(server, 500)
    fetched = fetch(client, progress=kept)
    assert len(fetched.restarts) == 1
    assert fetched.ids == expected
    assert fetched.end.complete


def test_a_page_can_be_read_again_from_its_bodies(
    client: Administrate, server: ScriptedServer
) -> None:
    serve(server, 250)
    for page in fetch(client).pages:
        parts = [Part.kept(VENUES, answer.variables, answer.body) for answer in page.answers]
        assert assemble(VENUES, page.ids, parts) == page.records


@pytest.mark.parametrize("name", ["id", "name", "location"])
def test_a_null_where_none_may_be_is_asked_for_again(
    client: Administrate, server: ScriptedServer, name: str
) -> None:
    broken = {"venues": window([{**venue(0), name: None}], 100, 0)}
    expected = serve(server, 1)
    server.script.append(data(**broken))
    assert fetch(client).ids == expected
    server.script.extend([data(**broken)] * 10)
    assert type(fetch(client).end.error) is Malformed


def test_a_list_that_is_not_paged_is_whole_at_once(
    client: Administrate, server: ScriptedServer
) -> None:
    definition = {"key": "D1", "label": "Sitting", "type": "text", "isRequired": False, "roles": []}
    server.obey = lambda _operation, _variables: {
        "customFieldTemplate": {"customFieldDefinitions": [definition]}
    }
    assert find_all(client, CUSTOM_FIELD_DEFINITIONS, {"type": "Event"}) == (definition,)
    assert server.calls == [("CustomFieldDefinitions", {"type": "Event"})]


def test_a_list_that_cannot_be_had_whole_is_an_error_where_it_must_be(
    client: Administrate, server: ScriptedServer
) -> None:
    server.script.extend([Fault.RESET_AFTER] * 10)
    with pytest.raises(AnswerLost):
        find_all(client, VENUES)


def _staff(number: int) -> dict[str, Any]:
    return {"id": f"P{number:04}", "legacyId": "1", "staffType": "instructor", "isPrimary": False}


def _session(number: int, staff: int) -> dict[str, Any]:
    return {
        "id": f"S{number:04}",
        "legacyId": "1",
        "code": "",
        "title": f"Day {number}",
        "lifecycleState": "draft",
        "customFieldValues": [],
        "staff": window([_staff(n) for n in range(staff)], 100, 0),
    }


def _event(sessions: int, staff: int) -> dict[str, Any]:
    required = dict.fromkeys(EVENTS.required, "given")
    return required | {
        "id": "E1",
        "sessions": window([_session(n, staff) for n in range(sessions)], 100, 0),
        "staff": window([], 100, 0),
    }


def test_connections_within_a_record_are_made_whole(
    client: Administrate, server: ScriptedServer
) -> None:
    sessions, staff = 120, 205

    def obey(operation: str, variables: Mapping[str, Any]) -> object:
        match operation:
            case "Events":
                return {"events": window([_event(sessions, staff)], 100, 0)}
            case "SessionsOfEvent":
                records = [_session(n, staff if n == 3 else 1) for n in range(sessions)]
                name = "sessions"
            case _:
                records = [_staff(n) for n in range(staff)]
                name = "staff"
        return {
            "node": {
                "id": variables["id"],
                name: window(records, variables["first"], variables["offset"]),
            }
        }

    server.obey = obey
    [event] = find_all(client, EVENTS)
    edges = event["sessions"]["edges"]
    assert [edge["node"]["id"] for edge in edges] == [f"S{n:04}" for n in range(sessions)]
    assert len(edges[3]["node"]["staff"]["edges"]) == staff


def test_the_list_of_a_record_that_is_gone_is_not_found(
    client: Administrate, server: ScriptedServer, time: FakeTime
) -> None:
    server.obey = lambda _operation, _variables: {"node": None}
    with pytest.raises(NotFound):
        find_all(client, SESSIONS_OF_EVENT, {"id": "E1"})
    assert time.slept == []
