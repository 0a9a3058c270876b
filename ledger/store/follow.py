"""Following the ledger: events as they are appended, each once, in order, none missed."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.database.connection import Database
from ledger.store.entries import StoredEvent
from ledger.store.read import Selection, read_chunks


def follow(
    database: Database, *, after: int = 0, poll_seconds: float = 5.0
) -> Iterator[list[StoredEvent]]:
    """The events after a position, for as long as the caller asks; empty lists while none come.

    Wakes by notification; where that is lost, the ledger is looked at every ``poll_seconds`` all
    the same. An empty list comes at least that often, so that a caller can stop.
    """
    with database.session() as connection:
        connection.execute("LISTEN admsync_ledger")
        while True:
            for events in read_chunks(connection, Selection(after=after)):
                yield events
                after = events[-1].position
            for _ in connection.notifies(timeout=poll_seconds, stop_after=1):
                break
            else:
                yield []
