"""Names the sessions that hold a lock for which a transaction waits in vain.

Once a wait is over, the server no longer tells whom it was for. So a transaction that lasts is
looked at now and then from another session, which is closed again at once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Any

import psycopg
from attrs import define, field

from ledger.database.errors import IN_VAIN, line_of
from ledger.database.session import process_of
from ledger.errors import AdmsyncError, LockNotGiven
from ledger.output.words import moment_alone

# Seconds from the start of a transaction to each look at it, then between two.
_LOOKS = (0.2, 0.5, 0.8, 1.2, 2.0, 4.0, 8.0, 16.0)
_LATER = 10.0
_TICK = 0.1
# Only who waits is asked about: the question stops all who lock anything for a moment.
_HOLDERS = """
SELECT w.pid, b.pid, a.usename, a.application_name, a.backend_type, a.xact_start,
    statement_timestamp(), a.state, a.query
FROM pg_stat_activity w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS b (pid)
LEFT JOIN pg_stat_activity a ON a.pid = b.pid
WHERE w.pid = ANY(%s) AND w.wait_event_type = 'Lock' ORDER BY w.pid, b.pid
"""
_WORD = re.compile(r"\s*([A-Za-z]+)")


@define(eq=False)
class _Transaction:
    """A transaction that is under way in a process of the server's, and whom it waited for last."""

    process: int = 0
    began: float = field(factory=time.monotonic)
    looks: int = 0
    holders: tuple[str, ...] = ()

    def is_due(self) -> bool:
        """Whether it is to be looked at."""
        further = max(0, self.looks - len(_LOOKS) + 1)
        after = _LOOKS[min(self.looks, len(_LOOKS) - 1)] + further * _LATER
        return time.monotonic() - self.began >= after


@define(eq=False)
class LockWaits:
    """The transactions under way in a database; ``connect`` makes the session that looks."""

    connect: Callable[[], psycopg.Connection[Any]]
    _under_way: set[_Transaction] = field(factory=set)
    _guard: Lock = field(factory=Lock)
    _watcher: Thread | None = None
    _first_seen: dict[int, datetime] = field(factory=dict)

    @contextmanager
    def named(self) -> Iterator[Callable[[psycopg.Connection[Any]], None]]:
        """Raises ``LockNotGiven``, with who holds it, where a wait for a lock was in vain; yields
        what is to be told the transaction's connection."""
        own = _Transaction()

        def of(connection: psycopg.Connection[Any]) -> None:
            own.process = process_of(connection)
            self._watch(own)

        try:
            yield of
        except IN_VAIN as problem:
            raise LockNotGiven(line_of(problem), own.holders) from problem
        finally:
            with self._guard:
                self._under_way.discard(own)

    def _watch(self, transaction: _Transaction) -> None:
        with self._guard:
            self._under_way.add(transaction)
            if self._watcher is None or not self._watcher.is_alive():
                self._watcher = Thread(target=self._look_at_all, daemon=True, name="lock waits")
                self._watcher.start()

    def _look_at_all(self) -> None:
        tick = Event()
        while True:
            tick.wait(_TICK)
            with self._guard:
                if not self._under_way:
                    self._watcher = None
                    return
                due = {one.process: one for one in self._under_way if one.is_due()}
            if due:
                # What keeps it from looking keeps nobody from working.
                with suppress(psycopg.Error, AdmsyncError, OSError):
                    self._look_at(due)

    def _look_at(self, due: dict[int, _Transaction]) -> None:
        for one in due.values():
            one.looks += 1
        found: dict[int, list[str]] = {}
        with self.connect() as session:
            for waiting, *holder in session.execute(_HOLDERS, (list(due),)).fetchall():
                found.setdefault(waiting, []).append(self._in_words(*holder))
        for process, holders in found.items():
            due[process].holders = tuple(dict.fromkeys(holders))

    def _in_words(
        self,
        process: int,
        role: str | None,
        application: str | None,
        backend: str | None,
        since: datetime | None,
        now: datetime,
        state: str | None,
        query: str | None,
    ) -> str:
        if process == 0:
            return "a prepared transaction (see pg_prepared_xacts)"
        # The server shows what a session does, and since when, only to its own role.
        first = self._first_seen.setdefault(process, now)
        when = f"since {moment_alone(since or first)}{'' if since else ' at the latest'}"
        who = f"role {role}, application {application or 'unnamed'}"
        if backend not in (None, "client backend"):
            who = str(backend)
        doing = ""
        # Of the statement no more than its first word: its values may name people.
        if state and (word := _WORD.match(query or "")):
            doing = f", {state}: {word[1].upper()}"
        return f"process {process} ({who}, {when}{doing})"
