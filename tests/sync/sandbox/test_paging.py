"""Connections as a client meets them, over a socket."""

from __future__ import annotations

import pytest

from sync.sandbox.graphql.connections import cursor
from tests.sync.sandbox.builders import LIST_VENUES, Asker


@pytest.fixture
def many_venues(asker: Asker) -> Asker:
    """A sandbox with 130 venues more than the company has."""
    london = asker.one("locations", "name", "London")
    for number in range(130):
        asker.sandbox.control.insert("Venue", name=f"Room {number:03}", locationId=london)
    return asker


def test_a_page_has_50_records_by_default_and_never_more_than_100(many_venues: Asker) -> None:
    sizes = {
        first: len(many_venues.ask(LIST_VENUES, first=first)["venues"]["edges"])
        for first in (None, 0, 7, 100, 101, 5000)
    }
    assert sizes == {None: 50, 0: 0, 7: 7, 100: 100, 101: 100, 5000: 100}


def test_a_cursor_goes_on_after_its_record(asker: Asker) -> None:
    whole = asker.nodes("venues")
    after = asker.nodes("venues", arguments=f'first: 3, after: "{cursor(4)}"')
    assert after == whole[5:8]
    assert cursor(0) == "Q3Vyc29yOjA="


def test_the_page_tells_the_total_and_whether_more_follow(asker: Asker) -> None:
    total = len(asker.nodes("venues"))
    last = asker.ask(LIST_VENUES, first=5, offset=total - 5)["venues"]["pageInfo"]
    before = asker.ask(LIST_VENUES, first=5, offset=total - 6)["venues"]["pageInfo"]
    assert last == {"totalRecords": total, "hasNextPage": False}
    assert before == {"totalRecords": total, "hasNextPage": True}


@pytest.mark.parametrize("order", ["id", "reversed", "shuffled"])
def test_without_an_order_records_come_as_the_switch_says(asker: Asker, order: str) -> None:
    asker.sandbox.control.switch(default_order=order)
    numbers = [int(node["legacyId"]) for node in asker.nodes("contacts", "legacyId")]
    expected = {"id": sorted(numbers), "reversed": sorted(numbers, reverse=True)}
    assert numbers == expected.get(order, numbers)
    assert (numbers == sorted(numbers)) is (order == "id")


def test_one_filter_object_stands_for_a_list(asker: Asker) -> None:
    only = 'filters: {field: isAdmin, operation: eq, value: "true"}'
    administrators = asker.nodes("contacts", "isAdmin name", only)
    assert administrators
    assert all(one["isAdmin"] for one in administrators)


def test_an_unknown_filter_field_fails_the_whole_request(asker: Asker) -> None:
    document = """{ hello venues(filters: [{field: colour, operation: eq, value: "x"}]) {
        edges { cursor } } }"""
    answer = asker.answer(document)
    assert "data" not in answer
    assert "colour" in answer["errors"][0]["message"]
    asker.sandbox.control.switch(invalid_status=400)
    assert asker.post(document).status_code == 400


def test_the_empty_errors_list_beside_data_is_there_sometimes(asker: Asker) -> None:
    shown = {"errors" in asker.answer("{ hello }") for _ in range(6)}
    assert shown == {True, False}
    asker.sandbox.control.switch(empty_errors="never")
    assert not any("errors" in asker.answer("{ hello }") for _ in range(3))


def test_events_are_found_by_course_location_and_staff(asker: Asker) -> None:
    tutor = asker.one("contacts", "name", "Callum Jessop")
    event = asker.event(locationId=asker.one("locations", "name", "London"))
    asker.add_staff(event["id"], tutor)
    for name, value, titles in (
        ("courseTemplateCode", "CB1_LO_3", ["ELO-CB1-01-25S", "ELO-CB1-99-26A"]),
        ("locationName", "Leeds", ["EF-CP1-07-25S"]),
        ("staffContactId", tutor, ["ELO-CB1-99-26A"]),
        ("lifecycleState", "draft", ["ELO-CB1-99-26A"]),
    ):
        only = f'filters: [{{field: {name}, operation: eq, value: "{value}"}}]'
        assert [one["title"] for one in asker.nodes("events", "title", only)] == titles
