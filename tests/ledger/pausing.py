"""Another session's turn in the midst of a transaction: before a statement that is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from ledger.database.connection import Database
from tests.databases import opened


@contextmanager
def acting_before(
    url: str, statement: str, act: Callable[[], object], *, turn: int = 1
) -> Iterator[Database]:
    """The database at a URL, on whose connections ``act`` is called once, before the ``turn``-th
    statement that has these words."""
    seen = 0

    class Paused(psycopg.Cursor[TupleRow]):
        def execute(self, query: Any, *given: Any, **more: Any) -> Paused:
            nonlocal seen
            if statement in str(query):
                seen += 1
                if seen == turn:
                    act()
            return super().execute(query, *given, **more)

    with opened(url) as database:
        # Both that it needs at a time: the engine takes one of them for its own.
        with database.driver_transaction() as one, database.driver_transaction() as another:
            one.cursor_factory = another.cursor_factory = Paused
        yield database
    assert seen >= turn, "it did not come to that"


class Beside:
    """Things done by another thread while this one is in the midst of its own."""

    def __init__(self, database: Database, *acts: Callable[[], object]) -> None:
        self.database, self.acts = database, acts
        self.outcomes: list[Future[object]] = []

    def begin(self) -> None:
        """Begins them, and returns when each has ended or waits for a lock."""
        pool = ThreadPoolExecutor(len(self.acts))
        self.outcomes = [pool.submit(act) for act in self.acts]
        pool.shutdown(wait=False)
        until = monotonic() + 60
        while sum(not one.done() for one in self.outcomes) > len(waiting(self.database)):
            assert monotonic() < until, "neither ends nor waits"
            sleep(0.02)

    def problems(self) -> list[str]:
        """How each ended: what it raised, or nothing."""
        return [str(one.exception(60) or "") for one in self.outcomes]


def waiting(database: Database) -> set[int]:
    """The processes that wait for a lock in this database."""
    with database.session() as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        return {pid for (pid,) in rows.fetchall()}


def wait_for_a_waiter(database: Database) -> None:
    until = monotonic() + 60
    while not waiting(database):
        assert monotonic() < until, "nobody waits"
        sleep(0.02)
