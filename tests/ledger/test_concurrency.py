"""Several writers at once: positions without a gap, in commit order, whoever reads meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.database.connection import driver
from ledger.errors import VersionConflict
from ledger.store.append import head
from ledger.store.follow import follow
from ledger.store.ledger import Ledger
from ledger.store.read import Selection, read
from ledger.verify.verify import verify_chain
from tests.ledger.builders import counted, unmatched

# What a writer does, batch by batch: the streams it writes to, and whether it commits.
plans = st.lists(
    st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=5), st.booleans()),
    min_size=1,
    max_size=6,
)


class Abandoned(Exception):
    """The writer changes its mind before it commits."""


def write(ledger: Ledger, plan: Sequence[tuple[list[str], bool]], together: Barrier) -> int:
    """Carries out a plan; returns how many events are in."""
    together.wait()
    written = 0
    for streams, commits in plan:
        try:
            with ledger.database.transaction() as connection:
                ledger.append_in(connection, [unmatched(stream) for stream in streams])
                if not commits:
                    raise Abandoned
                written += len(streams)
        except Abandoned:
            pass
    return written


def see(ledger: Ledger, after: int, finished: Event) -> list[int]:
    """Every position in the order in which polling, as fast as it can, comes to see it."""
    seen: list[int] = []
    last_look = False
    while True:
        selection = Selection(after=seen[-1] if seen else after)
        with ledger.database.transaction() as connection:
            seen += [event.position for event in read(driver(connection), selection)]
        if last_look:
            return seen
        last_look = finished.is_set()


def hear(ledger: Ledger, after: int, finished: Event) -> list[int]:
    """Every position as a follower of the ledger is told of it."""
    heard: list[int] = []
    for events in follow(ledger.database, after=after, poll_seconds=0.05):
        heard += [event.position for event in events]
        if not events and finished.is_set():
            return heard
    raise AssertionError("following ends only when the follower does")


@settings(max_examples=15)
@given(written=st.lists(plans, min_size=2, max_size=4))
def test_positions_are_dense_and_seen_in_order(
    ledger: Ledger, written: list[list[tuple[list[str], bool]]]
) -> None:
    with ledger.database.transaction() as connection:
        before, _ = head(driver(connection))
    finished, together = Event(), Barrier(len(written))
    with ThreadPoolExecutor(len(written) + 2) as pool:
        readers = [pool.submit(reader, ledger, before, finished) for reader in (see, hear)]
        try:
            writers = [pool.submit(write, ledger, plan, together) for plan in written]
            count = sum(writer.result() for writer in writers)
        finally:
            finished.set()
    for reader in readers:
        assert reader.result() == list(range(before + 1, before + count + 1))
    assert_streams_are_contiguous(ledger)
    assert verify_chain(ledger.database).ok


def assert_streams_are_contiguous(ledger: Ledger) -> None:
    with ledger.database.transaction() as connection:
        torn = connection.exec_driver_sql(
            "SELECT stream FROM ledger.events GROUP BY stream"
            " HAVING array_agg(version ORDER BY position)"
            " <> array(SELECT generate_series(1, max(version)))"
        )
        assert torn.all() == []


def at_once(count: int, act: Callable[[], object]) -> list[Future[object]]:
    """The same thing done by several threads that begin together."""
    together = Barrier(count)

    def begin() -> object:
        together.wait()
        return act()

    with ThreadPoolExecutor(count) as pool:
        return [pool.submit(begin) for _ in range(count)]


@pytest.mark.parametrize("round_", range(5))
def test_of_those_who_expect_the_same_version_one_appends(ledger: Ledger, round_: int) -> None:
    stream = f"acted.tutorial_venues/{round_}"
    attempts = at_once(4, lambda: ledger.append([unmatched(round_)], expected={stream: 0}))
    refused = [attempt.exception() for attempt in attempts]
    assert sum(isinstance(problem, VersionConflict) for problem in refused) == 3
    assert counted(ledger, "ledger.events") == 1


def test_the_same_batch_from_several_at_once_is_in_once(ledger: Ledger) -> None:
    batch = [unmatched(1), unmatched(2)]
    attempts = at_once(4, lambda: ledger.append(batch).positions)
    assert [attempt.result() for attempt in attempts] == [[1, 2]] * 4
    assert counted(ledger, "ledger.events") == 2


def test_a_transaction_that_began_before_another_append_stands_behind_it(ledger: Ledger) -> None:
    with ledger.database.transaction() as early:
        early.exec_driver_sql("SELECT 1")
        assert ledger.append([unmatched(1)]).positions == [1]
        assert ledger.append_in(early, [unmatched(1)]).positions == [2]
    assert_streams_are_contiguous(ledger)
