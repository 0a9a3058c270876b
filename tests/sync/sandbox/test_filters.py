"""Filters, orders and pages against a plain-Python account of what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.sandbox.graphql.call import Call
from sync.sandbox.graphql.connections import page
from sync.sandbox.graphql.schema import schema
from sync.sandbox.records.ids import global_id
from sync.sandbox.records.kinds import COURSE_TEMPLATE, EVENT, VENUE
from sync.sandbox.records.store import Store
from sync.sandbox.switches import Switches

Record = dict[str, Any]

TEXTS = st.text(st.sampled_from("aAbß_%-. é\\"), max_size=5)
NUMBERS = st.none() | st.integers(-2, 3)
OPERATIONS = ("eq", "ne", "gt", "ge", "lt", "le", "like", "wordlike", "in", "notin", "contains")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "records.sqlite")
    yield opened
    opened.close()


def called(store: Store, **switches: Any) -> Call:
    return Call(
        schema(), store, Switches(**switches), "2026-01-01T00:00:00.000000Z", lambda *_: None
    )


def fill(store: Store, bodies: list[Record], kind: Any = COURSE_TEMPLATE) -> None:
    store.fill(
        (kind, {"id": global_id(kind.prefix, at), "legacyId": str(at), **body})
        for at, body in enumerate(bodies, start=1)
    )


def found(call: Call, kind: Any = COURSE_TEMPLATE, **arguments: Any) -> list[int]:
    nodes = page(call, kind, {"first": 100, **arguments})["edges"]
    return [int(edge["node"]["legacyId"]) for edge in nodes]


def like(text: str, pattern: str) -> bool:
    parts = (re.escape(part) for part in pattern.casefold().split("%"))
    return re.fullmatch(".*".join(parts), text.casefold(), re.DOTALL) is not None


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def holds(value: Any, operation: str, one: Any, several: list[Any]) -> bool:
    """What a filter means for a value that is there."""
    meanings: dict[str, Callable[[], bool]] = {
        "eq": lambda: value == one,
        "ne": lambda: value != one,
        "gt": lambda: value > one,
        "ge": lambda: value >= one,
        "lt": lambda: value < one,
        "le": lambda: value <= one,
        "like": lambda: like(value, one),
        "wordlike": lambda: words(one) <= words(value),
        "in": lambda: value in several,
        "notin": lambda: value not in several,
        "contains": lambda: all(part in value for part in several),
    }
    return meanings[operation]()


bounded = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@bounded
@given(
    titles=st.lists(st.none() | TEXTS, max_size=8),
    operation=st.sampled_from(OPERATIONS),
    value=TEXTS,
    values=st.lists(TEXTS, max_size=3),
)
def test_a_text_filter_finds_what_its_operation_says(
    store: Store, titles: list[str | None], operation: str, value: str, values: list[str]
) -> None:
    fill(store, [{"title": title} for title in titles])
    given_filter = {"field": "title", "operation": operation, "value": value, "values": values}
    expected = [
        at
        for at, title in enumerate(titles, start=1)
        if title is not None and holds(title, operation, value, values)
    ]
    assert found(called(store), filters=[given_filter]) == expected


@bounded
@given(
    places=st.lists(NUMBERS, max_size=8),
    operation=st.sampled_from(OPERATIONS[:6]),
    value=st.integers(-3, 4),
)
def test_numbers_are_compared_as_numbers(
    store: Store, places: list[int | None], operation: str, value: int
) -> None:
    fill(store, [{"maxPlaces": most} for most in places], EVENT)
    given_filter = {"field": "maxPlaces", "operation": operation, "value": str(value)}
    expected = [
        at
        for at, most in enumerate(places, start=1)
        if most is not None and holds(most, operation, value, [])
    ]
    assert found(called(store), EVENT, filters=[given_filter]) == expected


@bounded
@given(titles=st.lists(st.none() | TEXTS, max_size=8))
def test_a_null_is_found_by_isnull_alone(store: Store, titles: list[str | None]) -> None:
    fill(store, [{"title": title} for title in titles])
    call = called(store)
    null = found(call, filters=[{"field": "title", "operation": "isnull"}])
    there = found(call, filters=[{"field": "title", "operation": "notnull"}])
    assert null == [at for at, title in enumerate(titles, start=1) if title is None]
    assert sorted(null + there) == list(range(1, len(titles) + 1))


@bounded
@given(
    titles=st.lists(TEXTS, max_size=8),
    first=st.sampled_from(OPERATIONS[:6]),
    second=st.sampled_from(OPERATIONS[:6]),
    value=TEXTS,
)
def test_several_filters_must_all_hold(
    store: Store, titles: list[str], first: str, second: str, value: str
) -> None:
    fill(store, [{"title": title} for title in titles])
    call = called(store)
    one, other = ({"field": "title", "operation": o, "value": value} for o in (first, second))
    both = set(found(call, filters=[one])) & set(found(call, filters=[other]))
    assert set(found(call, filters=[one, other])) == both


@bounded
@given(
    names=st.lists(TEXTS, max_size=12),
    size=st.integers(1, 5),
    direction=st.sampled_from(["asc", "desc"]),
)
def test_pages_of_any_size_give_every_record_once_in_order(
    store: Store, names: list[str], size: int, direction: str
) -> None:
    fill(store, [{"name": name} for name in names], VENUE)
    call = called(store)
    order = [{"field": "name", "direction": direction}]
    seen: list[str] = []
    ids: list[str] = []
    while True:
        part = page(call, VENUE, {"first": size, "offset": len(ids), "orderBy": order})
        seen += [edge["node"]["name"] for edge in part["edges"]]
        ids += [edge["node"]["id"] for edge in part["edges"]]
        assert part["pageInfo"]["totalRecords"] == len(names)
        if not part["pageInfo"]["hasNextPage"]:
            break
    assert seen == sorted(names, reverse=direction == "desc")
    assert len(set(ids)) == len(names)


def test_the_case_of_text_counts_or_not_by_switch(store: Store) -> None:
    fill(store, [{"code": "CB1_LO_6"}, {"code": "cb1_lo_6"}])
    wanted = {"field": "code", "operation": "eq", "value": "CB1_LO_6"}
    assert found(called(store), filters=[wanted]) == [1]
    assert found(called(store, ignore_case=True), filters=[wanted]) == [1, 2]


def test_an_underscore_in_like_is_itself(store: Store) -> None:
    fill(store, [{"code": "CB1_LO_6"}, {"code": "CB1-LO-6"}])
    wanted = {"field": "code", "operation": "like", "value": "CB1_LO%"}
    assert found(called(store), filters=[wanted]) == [1]


def test_wordlike_takes_whole_words_or_their_beginnings_by_switch(store: Store) -> None:
    fill(store, [{"title": "Actuarial Practice"}, {"title": "Practices"}])
    wanted = {"field": "title", "operation": "wordlike", "value": "PRACTICE!"}
    assert found(called(store), filters=[wanted]) == [1]
    assert found(called(store, wordlike="prefixes"), filters=[wanted]) == [1, 2]


def test_times_are_compared_as_moments_whatever_their_offset(store: Store) -> None:
    fill(store, [{"createdAt": "2026-01-12T14:00:00.000000Z"}], EVENT)
    call = called(store)
    for value, there in (("2026-01-12T09:00:00-05:00", [1]), ("2026-01-12T14:00:00+00:00", [1])):
        assert (
            found(call, EVENT, filters=[{"field": "createdAt", "operation": "eq", "value": value}])
            == there
        )
    later = {"field": "createdAt", "operation": "gt", "value": "2026-01-12T14:00:00.000001Z"}
    assert found(call, EVENT, filters=[later]) == []


@pytest.mark.parametrize(
    ("field", "value"), [("maxPlaces", "many"), ("isSoldOut", "yes"), ("createdAt", "today")]
)
def test_a_value_that_cannot_be_read_fails_the_request(
    store: Store, field: str, value: str
) -> None:
    with pytest.raises(GraphQLError, match=field):
        found(called(store), EVENT, filters=[{"field": field, "operation": "eq", "value": value}])
