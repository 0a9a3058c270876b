"""Locks bound to their connection: a killed process leaves none behind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
from attrs import frozen

from ledger.database.connection import Database
from ledger.database.pooling import session_pid
from ledger.errors import AdmsyncError, StoppedResumably
from ledger.events import RunResumed, RunStarted
from ledger.output.words import moment_alone

# A session that holds a run's locks has this and the run's id for its application_name.
APPLICATION = "admsync"
_RUN = "run/{}"

# Which of the server's locks are advisory ones of this database, and which of these is a name's.
_OURS = (
    "granted AND locktype = 'advisory' AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_IS_LOCK = f"{_OURS} AND classid = %s::bigint::oid AND objid = %s::bigint::oid"


class Busy(AdmsyncError):
    """Another run holds the lock; the message says which, and since when."""


class LockLost(StoppedResumably):
    """The connection with a run's locks is gone: another run may have taken them."""


@frozen
class Hold:
    """The locks of a run, as long as its database session lasts."""

    run_id: UUID
    session: int

    def check(self, connection: psycopg.Connection[Any]) -> None:
        """Raises ``LockLost`` where the session is gone.

        On a connection that keeps others from appending, no event of a run that took the locks
        since can stand before what is appended on it.
        """
        held = connection.execute(
            f"SELECT 1 FROM pg_locks WHERE pid = %s AND {_IS_LOCK}",
            (self.session, *_halves(_of_run(self.run_id))),
        )
        if held.fetchone() is None:
            raise LockLost(
                "the connection that kept other runs off the same work was lost, and one may be"
                " at it by now"
            )


@contextmanager
def holding(database: Database, run_id: UUID, names: tuple[str, ...]) -> Iterator[Hold]:
    """Locks the run itself and each named thing, as long as the context lasts.

    Raises ``Busy`` where another run holds one of them.
    """
    with database.session() as connection:
        connection.execute(
            "SELECT set_config('application_name', %s, false)", (f"{APPLICATION} {run_id}",)
        )
        for name in (_of_run(run_id), *names):
            taken = connection.execute("SELECT pg_try_advisory_lock(%s)", (lock_key(name),))
            if taken.fetchone() != (True,):
                raise Busy(_held_by(connection, name))
        try:
            yield Hold(run_id, session_pid(connection))
        finally:
            # Closing the connection lets go of them too, but only a moment after it is closed;
            # where it is lost, they are gone with it.
            with suppress(psycopg.OperationalError):
                connection.execute("SELECT pg_advisory_unlock_all()")


def lock_key(name: str) -> int:
    """The key of a name among PostgreSQL's advisory locks."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def unheld_runs(connection: psycopg.Connection[Any], run_ids: Iterable[UUID]) -> set[UUID]:
    """The runs without a live process; none on a standby, where nobody sees the primary's locks."""
    if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
        return set()
    rows = connection.execute(
        f"SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE {_OURS}"
    )
    held = {key for (key,) in rows.fetchall()}
    return {run_id for run_id in run_ids if lock_key(_of_run(run_id)) not in held}


def _held_by(connection: psycopg.Connection[Any], name: str) -> str:
    holder = connection.execute(
        "SELECT a.application_name, a.usename FROM pg_locks"
        f" JOIN pg_stat_activity a USING (pid) WHERE {_IS_LOCK}",
        _halves(name),
    ).fetchone()
    if holder is None:
        return f"{name} was held by another run a moment ago; try again"
    application, role = holder
    run = application.removeprefix(f"{APPLICATION} ")
    return (
        f"run {run} works on {name} since {_since(connection, run)}, as the database's role {role};"
        f" wait for it (admsync show {run}) or stop it"
    )


def _since(connection: psycopg.Connection[Any], run: str) -> str:
    """When a run last began, and for whom, from the ledger: the server shows the times of a session
    only to its own role."""
    begun = connection.execute(
        "SELECT recorded_at, actor FROM ledger.events WHERE stream = %s AND type = ANY(%s)"
        " ORDER BY version DESC LIMIT 1",
        (_RUN.format(run), [RunStarted.__name__, RunResumed.__name__]),
    ).fetchone()
    if begun is None:
        return "a moment ago"
    return f"{moment_alone(begun[0])} for {begun[1]}"


def _of_run(run_id: UUID) -> str:
    return _RUN.format(run_id)


def _halves(name: str) -> tuple[int, int]:
    """A name's number as the server shows it: in two halves."""
    return divmod(lock_key(name) % 2**64, 2**32)
