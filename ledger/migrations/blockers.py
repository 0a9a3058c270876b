"""The sessions that hold a lock which a migration waits for, named while it waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Event, Thread
from typing import Any

import psycopg
from attrs import define, field

from ledger.database.connection import Database
from ledger.database.pooling import session_pid
from ledger.errors import DatabaseBusy

_LOOK_SECONDS = 0.2
_BLOCKERS = """
SELECT DISTINCT b.pid, a.usename, a.application_name, a.xact_start, statement_timestamp()
FROM unnest(pg_blocking_pids(%s)) AS b (pid) LEFT JOIN pg_stat_activity a USING (pid) ORDER BY b.pid
"""


class Blocked(DatabaseBusy):
    """A lock was not given in time; nothing was done, and the same may be done later. Exits 3."""

    exit_code = 3


@define
class Blockers:
    """The sessions that a watched connection waits for, or waited for last, in words."""

    watching: psycopg.Connection[Any]
    last: list[str] = field(factory=list)
    _first_seen: dict[int, datetime] = field(factory=dict)
    _ended: Event = field(factory=Event)
    _watchers: list[Thread] = field(factory=list)

    def watch(self, connection: psycopg.Connection[Any]) -> None:
        """Looks, from another session, whom this one waits for, until the context ends."""
        watcher = Thread(target=self._look, args=(session_pid(connection),), daemon=True)
        self._watchers.append(watcher)
        watcher.start()

    def end(self) -> None:
        self._ended.set()
        for watcher in self._watchers:
            watcher.join()

    def _look(self, pid: int) -> None:
        with suppress(psycopg.Error):
            while not self._ended.wait(_LOOK_SECONDS):
                rows = self.watching.execute(_BLOCKERS, (pid,)).fetchall()
                self.last = [self._in_words(*row) for row in rows] or self.last

    def _in_words(
        self,
        pid: int,
        role: str | None,
        application: str | None,
        since: datetime | None,
        now: datetime,
    ) -> str:
        if pid == 0:
            return "a prepared transaction (see pg_prepared_xacts)"
        # The server shows the times of a session only to its own role.
        first = self._first_seen.setdefault(pid, now)
        when = f"since {since or first:%Y-%m-%d %H:%M:%S} UTC{'' if since else ' at the latest'}"
        return f"process {pid} (role {role}, application {application or 'unnamed'}, {when})"


@contextmanager
def naming_blockers(database: Database) -> Iterator[Blockers]:
    """Raises ``Blocked``, with who holds the lock, where the wait for one takes too long."""
    with database.session() as watching:
        blockers = Blockers(watching)
        try:
            yield blockers
        except DatabaseBusy as problem:
            if not isinstance(problem.__cause__, psycopg.errors.LockNotAvailable):
                raise
            # It cannot be asked for once the wait is over.
            holders = "; ".join(blockers.last) or "a session that is gone by now"
            raise Blocked(
                f"nothing was done: a lock that it needs is held by {holders}. Wait for its end, or"
                " end it with SELECT pg_terminate_backend(PROCESS), then run the same again"
            ) from problem
        finally:
            blockers.end()
