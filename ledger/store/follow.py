"""Follows the ledger: each new event once, in order."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.database.connection import Database
from ledger.store.entries import StoredEvent
from ledger.store.read import Selection, read_chunks


def follow(
    database: Database, *, after: int = 0, poll_seconds: float = 5.0
) -> Iterator[list[StoredEvent]]:
    """The events after a position, endlessly; empty lists while there are none.

    Wakes by notification, and in case one is lost polls every ``poll_seconds``. An empty list comes
    at least that often, so that a caller can stop.
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
