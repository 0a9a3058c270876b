"""Locks that go with their connection: a killed process leaves none behind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg

from ledger.database import Database
from ledger.errors import AdmsyncError


class Busy(AdmsyncError):
    """Another run works on the same thing; the message says which, and since when."""


@contextmanager
def holding(database: Database, run_id: UUID, names: tuple[str, ...]) -> Iterator[None]:
    """Holds the run itself and each named thing for the run, as long as it lasts.

    Raises ``Busy`` where another run holds one of them.
    """
    with database.session() as connection:
        connection.execute(
            "SELECT set_config('application_name', %s, false)", (f"admsync {run_id}",)
        )
        for name in (f"run/{run_id}", *names):
            taken = connection.execute("SELECT pg_try_advisory_lock(%s)", (lock_key(name),))
            if taken.fetchone() != (True,):
                raise Busy(_held_by(connection, name))
        try:
            yield
        finally:
            # Closing the connection lets go of them too, but only a moment after it is closed;
            # where it is lost, they are gone with it.
            with suppress(psycopg.OperationalError):
                connection.execute("SELECT pg_advisory_unlock_all()")


def lock_key(name: str) -> int:
    """The number that stands for a name among PostgreSQL's advisory locks."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def held_keys(connection: psycopg.Connection[Any]) -> set[int]:
    """The numbers of the advisory locks that are held in this database."""
    rows = connection.execute(
        "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE granted"
        " AND locktype = 'advisory' AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return {key for (key,) in rows.fetchall()}


def _held_by(connection: psycopg.Connection[Any], name: str) -> str:
    key = lock_key(name) % 2**64
    holder = connection.execute(
        "SELECT a.application_name, a.backend_start FROM pg_locks l"
        " JOIN pg_stat_activity a USING (pid) WHERE l.granted AND l.locktype = 'advisory'"
        " AND l.objsubid = 1 AND l.classid = %s::bigint::oid AND l.objid = %s::bigint::oid"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (key >> 32, key & 0xFFFFFFFF),
    ).fetchone()
    if holder is None:
        return f"{name} was held by another run a moment ago; try again"
    run = holder[0].removeprefix("admsync ")
    return (
        f"run {run} works on {name} since {holder[1]:%Y-%m-%d %H:%M:%S} UTC;"
        f" wait for it (admsync show {run}) or stop it"
    )
