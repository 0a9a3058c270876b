"""The rate governor's bound holds over every span of time, whatever asks and whenever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from sync.administrate.rate import RateGovernor, RateLimit
from tests.sync.administrate.fake_time import FakeTime

STEPS = st.lists(
    st.one_of(
        st.just("call"),
        st.tuples(st.just("idle"), st.floats(0, 400)),
        st.tuples(st.just("throttled"), st.floats(0, 90)),
    ),
    max_size=150,
)


def governed(limit: RateLimit) -> tuple[RateGovernor, FakeTime]:
    time = FakeTime()
    return RateGovernor(limit, clock=time.clock, sleep=time.sleep), time


def test_by_default_fewer_than_6000_calls_fit_into_five_minutes() -> None:
    limit = RateLimit()
    assert limit.burst + 300 * limit.per_second < 6000


@given(STEPS, st.integers(1, 8), st.floats(0.05, 20))
def test_no_span_of_time_holds_more_calls_than_the_limit(
    steps: list[object], burst: int, per_second: float
) -> None:
    governor, time = governed(RateLimit(burst, per_second))
    calls = []
    for step in steps:
        match step:
            case ("idle", float() as seconds):
                time.now += seconds
            case ("throttled", float() as pause):
                governor.slow_down(pause)
            case _:
                governor.acquire()
                calls.append(time.now)
    for first, start in enumerate(calls):
        for last in range(first, len(calls)):
            allowed = burst + per_second * (calls[last] - start)
            assert last - first + 1 <= allowed + 1e-6


def test_after_a_throttling_nothing_goes_for_the_pause_and_then_half_as_fast() -> None:
    governor, time = governed(RateLimit(burst=100, per_second=10))
    governor.slow_down(30)
    governor.acquire()
    assert time.now >= 1030
    began = time.now
    for _ in range(50):
        governor.acquire()
    assert time.now - began >= 9.9


def test_the_full_pace_comes_back_after_a_window() -> None:
    governor, time = governed(RateLimit(burst=1, per_second=10))
    governor.slow_down(1)
    time.now += 302
    began = time.now
    for _ in range(51):
        governor.acquire()
    assert time.now - began <= 5.1


def test_workers_share_one_limit() -> None:
    governor, time = governed(RateLimit(burst=5, per_second=2))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _number: governor.acquire(), range(45)))
    assert time.now - 1000 >= 20 - 1e-6
