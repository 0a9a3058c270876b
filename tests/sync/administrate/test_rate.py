"""The pace of calls: the bound holds over every span of time, whatever asks and whenever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.database.connection import Database
from ledger.errors import StoppedResumably
from sync.administrate.errors import NotSent
from sync.administrate.operations import Kind, Operation
from sync.administrate.pace import MOST, WINDOW
from sync.administrate.pace.rate import BATCH, Pace, RateLimit
from sync.administrate.pace.reservations import USABLE, CallReservations, NoneLeft, Reservation
from tests.databases import opened
from tests.sync.administrate.fake_time import FakeTime

ANY = Operation("Venues", Kind.READ, "")
STEPS = st.lists(
    st.one_of(
        st.just("call"),
        st.tuples(st.just("idle"), st.floats(0, 400)),
        st.tuples(st.just("throttled"), st.floats(0, 90)),
    ),
    max_size=150,
)


def paced(
    limit: RateLimit | None = None, reservations: CallReservations | None = None
) -> tuple[Pace, FakeTime]:
    time = FakeTime()
    pace = Pace(limit or RateLimit(), reservations, clock=time.clock, sleep=time.sleep)
    return pace, time


def counted(database: Database) -> int:
    """The calls that the table counts."""
    with database.session() as connection:
        row = connection.execute("SELECT sum(calls) FROM ledger.call_reservations").fetchone()
    assert row is not None
    return row[0] or 0


def aged(database: Database, seconds: float) -> None:
    """Has every reservation stand for so much longer, as by waiting."""
    with database.session() as connection:
        connection.execute(
            "UPDATE ledger.call_reservations"
            " SET reserved_at = reserved_at - make_interval(secs => %s)",
            (seconds,),
        )


def test_by_itself_a_process_makes_fewer_than_6000_calls_in_five_minutes() -> None:
    limit = RateLimit()
    assert limit.burst + 300 * limit.per_second < 6000


@given(STEPS, st.integers(1, 8), st.floats(0.05, 20))
def test_no_span_of_time_holds_more_calls_than_the_limit(
    steps: list[object], burst: int, per_second: float
) -> None:
    pace, time = paced(RateLimit(burst, per_second))
    calls = []
    for step in steps:
        match step:
            case ("idle", float() as seconds):
                time.now += seconds
            case ("throttled", float() as pause):
                pace.slow_down(pause)
            case _:
                pace.wait_for(ANY)
                calls.append(time.now)
    for first, start in enumerate(calls):
        for last in range(first, len(calls)):
            allowed = burst + per_second * (calls[last] - start)
            assert last - first + 1 <= allowed + 1e-6


def test_after_a_throttling_nothing_goes_for_the_pause_and_then_half_as_fast() -> None:
    pace, time = paced(RateLimit(burst=100, per_second=10))
    pace.slow_down(30)
    pace.wait_for(ANY)
    assert time.now >= 1030
    began = time.now
    for _ in range(50):
        pace.wait_for(ANY)
    assert time.now - began >= 9.9


def test_a_throttling_slows_calls_that_are_reserved_too(database: Database) -> None:
    pace, time = paced(RateLimit(burst=1, per_second=10), CallReservations(database))
    pace.wait_for(ANY)
    pace.slow_down(30)
    began = time.now
    for _ in range(11):
        pace.wait_for(ANY)
    assert time.now - began >= 30 + 2
    assert counted(database) >= 12


def test_the_full_pace_comes_back_after_a_window() -> None:
    pace, time = paced(RateLimit(burst=1, per_second=10))
    pace.slow_down(1)
    time.now += 302
    began = time.now
    for _ in range(51):
        pace.wait_for(ANY)
    assert time.now - began <= 5.1


def test_workers_share_one_limit() -> None:
    pace, time = paced(RateLimit(burst=5, per_second=2))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _number: pace.wait_for(ANY), range(45)))
    assert time.now - 1000 >= 20 - 1e-6


def test_a_stop_that_is_asked_for_ends_the_wait() -> None:
    def stopped(_seconds: float) -> None:
        raise StoppedResumably("stopped on request")

    pace = Pace(RateLimit(burst=1, per_second=1), clock=lambda: 0.0, sleep=stopped)
    pace.wait_for(ANY)
    with pytest.raises(NotSent, match="stopped on request"):
        pace.wait_for(ANY)


def test_reserved_calls_go_at_full_speed(database: Database) -> None:
    pace, time = paced(reservations=CallReservations(database))
    for _ in range(3 * BATCH):
        pace.wait_for(ANY)
    assert time.slept == []
    assert counted(database) == 3 * BATCH


def test_what_is_not_used_is_given_back(database: Database) -> None:
    pace, _ = paced(reservations=CallReservations(database))
    for _ in range(BATCH + 3):
        pace.wait_for(ANY)
    pace.close()
    assert counted(database) == BATCH + 3


def test_a_reservation_is_used_for_seconds_only(database: Database) -> None:
    pace, time = paced(reservations=CallReservations(database))
    pace.wait_for(ANY)
    time.now += USABLE
    pace.wait_for(ANY)
    assert counted(database) == 1 + BATCH


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0, 200)), max_size=40))
def test_no_window_holds_more_than_the_most_whoever_reserves(
    database: Database, steps: list[tuple[int, float]]
) -> None:
    aged(database, 3 * WINDOW)
    reservations, now, made = CallReservations(database), 0.0, []
    for wanted, idle in steps:
        match reservations.reserve(wanted):
            case Reservation(calls=calls):
                assert calls <= wanted
                made.append((now, calls))
            case NoneLeft(seconds=seconds):
                assert 0 < seconds <= WINDOW + USABLE
        aged(database, idle)
        now += idle
    for end, _ in made:
        # They may be made at once, or as late as they are usable. The test itself takes a moment.
        begin = end - WINDOW - USABLE + 1
        assert sum(calls for at, calls in made if begin < at <= end) <= MOST


def test_a_full_window_is_waited_for_and_told_how_long(database: Database) -> None:
    reservations = CallReservations(database)
    assert isinstance(first := reservations.reserve(MOST - 10), Reservation)
    assert isinstance(rest := reservations.reserve(BATCH), Reservation)
    assert (first.calls, rest.calls) == (MOST - 10, 10)
    aged(database, 100)
    full = reservations.reserve(1)
    assert isinstance(full, NoneLeft)
    assert WINDOW + USABLE - 160 < full.seconds <= WINDOW + USABLE - 100
    aged(database, WINDOW + USABLE - 100)
    assert reservations.reserve(MOST) == Reservation(rest.id + 1, MOST)


def test_old_reservations_are_forgotten(database: Database) -> None:
    reservations = CallReservations(database)
    reservations.reserve(7)
    aged(database, 4 * WINDOW)
    reservations.reserve(3)
    with database.session() as connection:
        rows = connection.execute("SELECT calls FROM ledger.call_reservations").fetchall()
    assert rows == [(3,)]


@pytest.mark.parametrize(
    "broken",
    [
        "DROP TABLE ledger.call_reservations",
        "ALTER DATABASE {name} SET default_transaction_read_only = on",
        "ALTER TABLE ledger.call_reservations ADD CONSTRAINT none CHECK (calls < 0) NOT VALID",
    ],
    ids=["missing", "read-only", "refusing"],
)
def test_a_process_whose_table_fails_keeps_to_its_own_limit(database_url: str, broken: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(broken.format(name=name).encode())
    with opened(database_url) as database:
        pace, time = paced(RateLimit(burst=2, per_second=4), CallReservations(database))
        for _ in range(10):
            pace.wait_for(ANY)
    assert 2 <= sum(time.slept) <= 2.1
