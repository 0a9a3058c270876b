"""Following a list in the order of its updates: no edit is passed over, nothing read for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.administrate.client import Administrate
from sync.administrate.reads.following import follow_pages, latest
from sync.administrate.reads.pages import Completeness, Page, Paging, Restarted
from sync.administrate.reads.queries import UPDATED_EVENTS
from tests.sync.administrate.scripted_server import ScriptedServer
from tests.sync.administrate.updated_set import UpdatedSet, at, event


def followed(
    client: Administrate, page_size: int = 100, since: str = "", before: Sequence[Any] = ()
) -> tuple[dict[str, str], Completeness, int]:
    """The titles last seen, by id; how it ended; how many pages there were."""
    titles: dict[str, str] = {}
    pages = 0
    paging = Paging(page_size=page_size)
    for item in follow_pages(client, UPDATED_EVENTS, {}, paging, since, before):
        match item:
            case Page(records=records, ids=ids):
                assert [one["id"] for one in records] == list(ids)
                titles |= {one["id"]: one["title"] for one in records}
                pages += 1
            case Restarted():
                titles.clear()
            case Completeness():
                return titles, item, pages
    raise AssertionError("the stream ended without a Completeness")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    # Few times for many events: whole pages are of one.
    st.dictionaries(st.integers(0, 40), st.integers(0, 3), max_size=40),
    st.lists(st.lists(st.integers(0, 40), max_size=12), max_size=12),
    st.integers(2, 8),
)
def test_whatever_is_edited_meanwhile_every_event_is_seen_as_it_is_at_the_end(
    server: ScriptedServer,
    client: Administrate,
    updated: dict[int, int],
    edits: list[list[int]],
    page_size: int,
) -> None:
    events = UpdatedSet(dict(updated), [*edits])
    server.obey = events.answer
    titles, end, _ = followed(client, page_size)
    # What is edited after the last request is for the next time.
    if end.complete:
        assert titles == events.titles
    else:
        assert "keep changing places" in end.why


@pytest.mark.parametrize(("events", "size", "calls"), [(348, 100, 4), (250, 100, 3), (0, 100, 1)])
def test_a_list_that_keeps_still_costs_a_call_a_page(
    server: ScriptedServer, client: Administrate, events: int, size: int, calls: int
) -> None:
    server.obey = UpdatedSet({number: number for number in range(events)}).answer
    titles, end, pages = followed(client, size)
    assert (len(titles), end.complete, pages) == (events, True, calls)


def test_a_whole_bulk_of_one_time_is_read_once(
    server: ScriptedServer, client: Administrate
) -> None:
    server.obey = UpdatedSet(dict.fromkeys(range(1000), 7)).answer
    titles, end, pages = followed(client)
    assert (len(titles), end.complete) == (1000, True)
    # The first page, then each from the last record that was seen.
    assert pages == 12


def test_only_what_was_updated_since_is_read(server: ScriptedServer, client: Administrate) -> None:
    server.obey = UpdatedSet({number: number for number in range(1000)}).answer
    titles, _, pages = followed(client, since=at(990))
    assert (len(titles), pages) == (10, 1)
    [(_, variables)] = server.calls
    assert variables["filters"] == [{"field": "updatedAt", "operation": "ge", "value": at(990)}]


def test_a_run_goes_on_behind_the_events_that_it_has(
    server: ScriptedServer, client: Administrate
) -> None:
    server.obey = UpdatedSet({number: number for number in range(500)}).answer
    titles, end, _ = followed(client, before=[event(n, n) for n in range(300)])
    assert sorted(titles) == [f"E{n:06}" for n in range(300, 500)]
    assert end.fetched == 500


def test_a_server_that_keeps_no_order_is_not_believed(
    server: ScriptedServer, client: Administrate
) -> None:
    events = UpdatedSet({number: number for number in range(300)})

    def backwards(operation: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = events.answer(operation, variables)
        answer["events"]["edges"].reverse()
        return answer

    server.obey = backwards
    _, end, _ = followed(client)
    assert not end.complete
    assert "not in the order" in end.why


def test_the_later_of_two_times_is_that_of_the_later_moment() -> None:
    assert latest("", "2026-01-01T00:00:00Z") == "2026-01-01T00:00:00Z"
    early, late = "2026-01-01T00:30:00+01:00", "2026-01-01T00:00:00Z"
    assert latest(early, late) == latest(late, early) == late
