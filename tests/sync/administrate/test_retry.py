"""When a failed attempt is repeated and after how long, as a function of values."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.administrate.errors import AdministrateError, AnswerLost, Done, Throttled
from sync.administrate.operations import Kind, Operation
from sync.administrate.pace.retry import RetryBudget, wait_before_retry
from sync.administrate.transport.connections import Reply

FAILURES = AdministrateError.__subclasses__()
BUDGET = RetryBudget()


def failure(
    of: type[AdministrateError], kind: Kind, retry_after: float | None = None
) -> AdministrateError:
    return of(Operation("Any", kind, ""), "said", retry_after=retry_after)


@pytest.mark.parametrize("of", FAILURES)
def test_a_creation_is_repeated_only_where_it_was_certainly_not_done(
    of: type[AdministrateError],
) -> None:
    error = failure(of, Kind.CREATE)
    if error.retryable:
        assert error.done is Done.NO


@pytest.mark.parametrize("of", FAILURES)
def test_what_is_safe_for_a_creation_is_safe_for_everything(of: type[AdministrateError]) -> None:
    if failure(of, Kind.CREATE).retryable:
        assert all(failure(of, kind).retryable for kind in Kind)


@given(
    st.builds(
        failure, st.sampled_from(FAILURES), st.sampled_from(Kind), st.none() | st.floats(0, 1e9)
    ),
    st.integers(1, 1000),
    st.floats(0, 1000),
    st.floats(0, 1),
)
def test_a_wait_stays_within_the_budget(
    error: AdministrateError, attempt: int, elapsed: float, chance: float
) -> None:
    wait = wait_before_retry(error, attempt, elapsed, BUDGET, chance)
    if wait is not None:
        assert attempt < BUDGET.attempts
        assert 0 < wait <= max(BUDGET.longest_wait, BUDGET.longest_retry_after)
        assert elapsed + wait <= BUDGET.seconds
        if error.retry_after is not None:
            assert wait >= min(error.retry_after, BUDGET.longest_retry_after)


def test_waits_double_up_to_the_longest() -> None:
    error = failure(AnswerLost, Kind.READ)
    budget = RetryBudget(attempts=10, longest_wait=10)
    waits = [wait_before_retry(error, attempt, 0, budget, 1.0) for attempt in range(1, 8)]
    assert waits == [0.5, 1, 2, 4, 8, 10, 10]


def test_a_throttled_call_waits_longer() -> None:
    lost, throttled = failure(AnswerLost, Kind.READ), failure(Throttled, Kind.READ)
    assert wait_before_retry(lost, 1, 0, BUDGET, 1.0) == 0.5
    assert wait_before_retry(throttled, 1, 0, BUDGET, 1.0) == 5.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": "-30"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "Mon, 05 Jan 2026 09:00:00 GMT"}, None),
        (
            {
                "Retry-After": "Mon, 05 Jan 2026 09:00:30 GMT",
                "Date": "Mon, 05 Jan 2026 09:00:00 GMT",
            },
            30.0,
        ),
        (
            {
                "Retry-After": "Mon, 05 Jan 2026 08:00:00 GMT",
                "Date": "Mon, 05 Jan 2026 09:00:00 GMT",
            },
            0.0,
        ),
    ],
)
def test_retry_after_is_read_where_it_can_be(
    headers: Mapping[str, str], expected: float | None
) -> None:
    assert Reply(200, headers, b"").retry_after == expected
