"""Fetching a whole list: every record once, with all that belongs to it, and from where one was."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from sync.administrate.client import Administrate
from sync.administrate.errors import AnswerLost, Malformed, NotFound, SchemaMismatch
from sync.administrate.reads.listings import Part, assemble, nodes, refused_of
from sync.administrate.reads.lookups import find_all
from sync.administrate.reads.pages import Completeness, Page, Paging, fetch_pages
from sync.administrate.reads.passes import Progress
from sync.administrate.reads.queries import (
    COURSE_TEMPLATE_PRICES,
    CUSTOM_FIELD_DEFINITIONS,
    EVENTS,
    SESSIONS_OF_EVENT,
    VENUES,
)
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
        parts = [Part.stored(VENUES, answer.variables, answer.body) for answer in page.answers]
        assert assemble(VENUES, page.ids, parts) == page.records


@pytest.mark.parametrize(
    "broken",
    [
        {"venues": None},
        {"venues": {**window([venue(0)], 100, 0), "pageInfo": None}},
        {"venues": window([None], 100, 0)},
        {"venues": window([{**venue(0), "id": None}], 100, 0)},
    ],
)
def test_a_null_that_leaves_no_record_to_refuse_is_asked_for_again(
    client: Administrate, server: ScriptedServer, broken: dict[str, object]
) -> None:
    expected = serve(server, 1)
    server.script.append(data(**broken))
    assert fetch(client).ids == expected
    server.script.extend([data(**broken)] * 10)
    assert type(fetch(client).end.error) is Malformed


def test_a_list_that_is_not_paged_is_whole_at_once(
    client: Administrate, server: ScriptedServer
) -> None:
    definition = {"key": "D1", "label": "Sitting", "type": "text", "isRequired": False, "roles": []}
    definition |= {"description": None, "definitionLocator": None, "options": None}
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
    return {
        "id": "E1",
        **dict.fromkeys(("legacyId", "code", "title"), "given"),
        **dict.fromkeys(("createdAt", "updatedAt"), "2026-01-05T09:00:00Z"),
        "customFieldValues": [],
        "externalIds": [],
        "type": "public",
        "learningMode": "blended",
        "lifecycleState": "draft",
        "bookedPlaces": 0,
        "sessions": window([_session(n, staff) for n in range(sessions)], 100, 0),
        "staff": window([], 100, 0),
    }


def test_connections_within_a_record_are_made_whole(
    client: Administrate, server: ScriptedServer
) -> None:
    sessions, staff = 120, 205
    # Made beforehand: the server has to answer in time.
    whole = _event(sessions, staff)
    listed = {
        "sessions": [_session(n, staff if n == 3 else 1) for n in range(sessions)],
        "staff": [_staff(n) for n in range(staff)],
    }

    def obey(operation: str, variables: Mapping[str, Any]) -> object:
        if operation == "Events":
            return {"events": window([whole], 100, 0)}
        name = "sessions" if operation == "SessionsOfEvent" else "staff"
        page = window(listed[name], variables["first"], variables["offset"])
        return {"node": {"id": variables["id"], name: page}}

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


WRONG = {
    "name": ["x"],
    "description": 5,
    "location": {"id": 7, "name": "London"},
}


@pytest.mark.parametrize("name", WRONG)
def test_one_bad_record_is_refused_by_its_id_and_the_others_are_taken(
    client: Administrate, server: ScriptedServer, name: str
) -> None:
    records = [venue(number) for number in range(205)]
    records[120][name] = WRONG[name]
    server.obey = lambda _operation, variables: {
        "venues": window(records, variables["first"], variables["offset"])
    }
    items = list(fetch_pages(client, VENUES))
    pages = [item for item in items if isinstance(item, Page)]
    refused = [one for page in pages for one in page.refused]
    assert [one.id for one in refused] == ["V000120"]
    assert refused[0].why.startswith(name)
    taken = [record["id"] for page in pages for record in page.records]
    assert taken == [record["id"] for record in records if record["id"] != "V000120"]
    assert len(server.calls) == 3
    # Where it may be the very record that is looked for, the list is of no use.
    with pytest.raises(SchemaMismatch, match="V000120"):
        find_all(client, VENUES)


def test_a_refused_page_is_read_again_from_its_bodies(
    client: Administrate, server: ScriptedServer
) -> None:
    records = [{**venue(0), "name": None}, venue(1)]
    server.obey = lambda _operation, _variables: {"venues": window(records, 100, 0)}
    page = next(fetch_pages(client, VENUES))
    assert isinstance(page, Page)
    parts = [Part.stored(VENUES, answer.variables, answer.body) for answer in page.answers]
    assert refused_of(VENUES, page.ids, parts) == page.refused != ()
    assert assemble(VENUES, page.ids, parts) == page.records


def _prices(numbers: Iterable[int], **wrong: object) -> list[dict[str, Any]]:
    price = {
        "amount": "1.00",
        "priceLevel": None,
        "region": {"id": "R", "code": "UK"},
        "financialUnit": {"id": "G", "name": "Pound", "code": "GBP"},
    }
    return [{"id": f"P{n:04}", **price, **(wrong if n == 5 else {})} for n in numbers]


@pytest.mark.parametrize("count", [10, 205])
@pytest.mark.parametrize("wrong", [{"amount": "NaN"}, {"amount": {}}, {"financialUnit": None}])
def test_a_bad_record_within_a_record_is_refused_alone(
    client: Administrate, server: ScriptedServer, wrong: dict[str, object], count: int
) -> None:
    prices = _prices(range(count), **wrong)

    def obey(_operation: str, variables: Mapping[str, Any]) -> object:
        if "id" in variables:
            part = window(prices, variables["first"], variables["offset"])
            return {"node": {"id": "T1", "publicPrices": part}}
        template = {"id": "T1", "code": "CB1", "publicPrices": window(prices, 100, 0)}
        return {"courseTemplates": window([template], 100, 0)}

    server.obey = obey
    page = next(fetch_pages(client, COURSE_TEMPLATE_PRICES))
    assert isinstance(page, Page)
    assert [(one.id, one.owner) for one in page.refused] == [("P0005", "T1")]
    assert len(nodes(page.records[0], "publicPrices")) == count - 1


def test_a_bad_record_hides_what_is_wrong_within_it(
    client: Administrate, server: ScriptedServer
) -> None:
    template = {"id": "T1", "code": 5, "publicPrices": window(_prices([5], amount="x"), 100, 0)}
    server.obey = lambda _operation, _variables: {"courseTemplates": window([template], 100, 0)}
    page = next(fetch_pages(client, COURSE_TEMPLATE_PRICES))
    assert isinstance(page, Page)
    assert [(one.id, one.why) for one in page.refused] == [("T1", "code is a number, not a text")]
    assert page.ids == ("T1",)
    assert page.records == ()


@pytest.mark.parametrize("length", [2_001, 10_000_000])
def test_a_text_past_all_measure_is_refused_without_being_repeated(
    client: Administrate, server: ScriptedServer, length: int
) -> None:
    records = [{**venue(0), "name": "x" * length}, venue(1)]
    server.obey = lambda _operation, _variables: {"venues": window(records, 100, 0)}
    page = next(fetch_pages(client, VENUES))
    assert isinstance(page, Page)
    [refused] = page.refused
    assert refused.why == f"name has {length:,} characters; more than 2,000 are not taken"
