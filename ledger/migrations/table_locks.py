"""Locks all tables that a migration changes at once, or none of them.

Whoever is at work holds some of them and comes for others: to hold a few and wait for the rest
would end with one of the two killed by the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import psycopg

from ledger.schema import acted, adm
from ledger.schema.adm import linked_table
from ledger.store.append import lock

# Seconds for all at once: less than the server lets pass before it looks for a deadlock.
_AT_ONCE = 0.6
# Tables of this role's own, and those that a foreign key of theirs refers to.
_TABLES = """
SELECT c.oid::regclass::text, n.nspname = ANY(%(own)s)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'UPDATE')
    AND (n.nspname = ANY(%(own)s) OR n.nspname || '.' || c.relname = ANY(%(named)s))
ORDER BY 2, 1
"""


def wait_at_most(connection: psycopg.Connection[Any], seconds: float) -> None:
    """How long each statement of the transaction waits for a lock from here on."""
    # Zero would be for ever.
    connection.execute(f"SET LOCAL lock_timeout = {max(1, round(seconds * 1000))}")


def lock_tables(connection: psycopg.Connection[Any], until: float) -> None:
    """Locks the ledger against appends, and the tables against everybody, until the transaction
    ends.

    Raises ``LockNotAvailable`` where they are not all free at any moment before ``until``.
    """
    while True:
        try:
            # A savepoint, which lets go of them all.
            with connection.transaction():
                _lock_all(connection, min(until, monotonic() + _AT_ONCE))
        except psycopg.errors.LockNotAvailable:
            if monotonic() >= until:
                raise
        else:
            return


def _lock_all(connection: psycopg.Connection[Any], until: float) -> None:
    wait_at_most(connection, until - monotonic())
    lock(connection)
    for statement in _statements(connection):
        wait_at_most(connection, until - monotonic())
        connection.execute(statement.encode())


def _statements(connection: psycopg.Connection[Any]) -> Iterator[str]:
    linked = {linked_table(name) for name in adm.BY_NAME} - {None}
    named = sorted({*map(str, linked), *(table.fullname for table in acted.TABLES)})
    asked = {"own": ["ledger", adm.SCHEMA], "named": named}
    for name, own in connection.execute(_TABLES, asked).fetchall():
        # A key that refers to a table keeps others from writing to it, not from reading it.
        yield f"LOCK TABLE {name} IN {'ACCESS EXCLUSIVE' if own else 'SHARE ROW EXCLUSIVE'} MODE"
