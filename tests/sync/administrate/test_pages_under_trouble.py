"""Fetching a list while calls fail and records come and go: whole, or the truth about why not."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.administrate.client import Administrate
from sync.administrate.pace.retry import RetryBudget
from sync.administrate.reads.pages import Completeness, Paging
from tests.sync.administrate.changing_set import CHANGES, Change, ChangingSet
from tests.sync.administrate.conftest import Connect
from tests.sync.administrate.fetching import fetch, serve
from tests.sync.administrate.scripted_server import Fault, ScriptedServer, data

# The server stays; each example sets what it serves.
shared_server = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PAGINGS = st.builds(Paging, st.integers(2, 8), st.integers(1, 3))
# A page of HTML is not asked for again.
FAULTS = st.sampled_from(
    sorted(set(Fault) - {Fault.HANG, Fault.UNAUTHORISED, Fault.NOT_JSON}, key=str)
)


@shared_server
@given(st.lists(FAULTS, max_size=7), st.integers(0, 260))
def test_faults_that_fit_into_the_budget_change_nothing(
    server: ScriptedServer, connect: Connect, faults: list[Fault], count: int
) -> None:
    expected = serve(server, count)
    server.script.extend(faults)
    # Every waiting worker moves the one clock, so time says nothing here; attempts do.
    patient = evolve(server.settings, retries=RetryBudget(seconds=1e9))
    fetched = fetch(connect(patient))
    assert fetched.ids == expected
    assert fetched.end.complete


@shared_server
@given(FAULTS, st.integers(0, 4))
def test_faults_past_the_budget_are_told_with_what_was_fetched_before(
    server: ScriptedServer, connect: Connect, fault: Fault, good: int
) -> None:
    expected = serve(server, 500)
    server.reset()
    stream_settings = evolve(server.settings, retries=RetryBudget(attempts=2))
    server.script.extend([data(**_page(expected, number)) for number in range(good)])
    server.script.extend([fault] * 100)
    fetched = fetch(connect(stream_settings), Paging(workers=1))
    assert not fetched.end.complete
    assert fetched.end.error is not None
    assert fetched.end.why == str(fetched.end.error)
    assert fetched.ids == expected[: len(fetched.ids)]
    assert len(fetched.ids) >= good * 99
    server.reset()


def _page(ids: list[str], number: int) -> dict[str, Any]:
    return ChangingSet(set(range(len(ids)))).answer("Venues", {"first": 100, "offset": number * 99})


@shared_server
@given(st.sets(st.integers(0, 40), max_size=40), CHANGES, PAGINGS)
def test_under_changes_a_complete_list_lacks_nothing_that_was_there_all_along(
    server: ScriptedServer,
    connect: Connect,
    numbers: set[int],
    changes: list[Change],
    paging: Paging,
) -> None:
    venues = ChangingSet(numbers, list(changes))
    server.obey = venues.answer
    fetched = fetch(connect(server.settings), paging)
    assert len(fetched.ids) == len(set(fetched.ids))
    if fetched.end.complete:
        assert fetched.end.total == len(fetched.ids)
        assert venues.ever_present <= set(fetched.ids)
    else:
        assert fetched.end.why
        assert fetched.end.passes == 3


def test_a_set_that_settles_is_fetched_again_and_complete(
    client: Administrate, server: ScriptedServer
) -> None:
    venues = ChangingSet(set(range(30)), [("nothing", 0), ("remove", 2)])
    server.obey = venues.answer
    fetched = fetch(client, Paging(page_size=10, workers=1))
    assert len(fetched.restarts) == 1
    assert fetched.end == Completeness(True, 29, 29, 2)


def test_a_removal_and_an_insertion_that_cancel_out_are_noticed(
    client: Administrate, server: ScriptedServer
) -> None:
    """The total stays and no id repeats, yet a record slips from the second page to the first."""
    venues = ChangingSet(set(range(20)))

    def swap(operation: str, variables: Mapping[str, Any]) -> object:
        if variables["offset"] and 99 not in venues.numbers:
            venues.numbers.remove(3)
            venues.numbers.add(99)
        return venues.answer(operation, variables)

    server.obey = swap
    fetched = fetch(client, Paging(page_size=10, workers=1))
    assert fetched.restarts == ["record 10 is no longer where it was"]
    assert fetched.end.complete
    assert "V000010" in fetched.ids


def test_a_server_without_order_is_not_believed(
    client: Administrate, server: ScriptedServer
) -> None:
    def shuffled(numbers: Any) -> list[int]:
        return random.sample(sorted(numbers), len(numbers))

    server.obey = ChangingSet(set(range(60)), ordered=shuffled).answer
    fetched = fetch(client, Paging(page_size=10))
    assert not fetched.end.complete
    assert len(fetched.restarts) == 2


@pytest.mark.parametrize("more", [True, False])
def test_a_next_page_that_is_wrongly_announced_or_denied_is_noticed(
    client: Administrate, server: ScriptedServer, more: bool
) -> None:
    venues = ChangingSet(set(range(30)))

    def lie(operation: str, variables: Mapping[str, Any]) -> object:
        answer: Any = venues.answer(operation, variables)
        answer["venues"]["pageInfo"]["hasNextPage"] = more
        return answer

    server.obey = lie
    fetched = fetch(client, Paging(page_size=10))
    assert not fetched.end.complete
    assert "are said to follow" in fetched.end.why
