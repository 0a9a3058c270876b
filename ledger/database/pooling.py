"""A pooler that lends a server's session for one transaction at a time, recognised and refused.

The locks of a run, what it listens to and its session's settings live in a session of the server's,
which a pooler has to leave to one client for as long as that is connected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg

from ledger.database.errors import NO_SESSION
from ledger.errors import DatabaseError

_ROUNDS = 3  # of looking; others at the same pooler may take a session in between
_MARK = "admsync.session"


def refuse_transaction_pooling(
    first: psycopg.Connection[Any], connect: Callable[[], psycopg.Connection[Any]]
) -> None:
    """Raises ``DatabaseError`` where the session of a connection is not its own.

    Leaves ``first`` as it is, outside a transaction; ``connect`` makes a second one, where the
    first does not lead straight to the server.
    """
    if not _through_pooler(first):
        return
    first.rollback()
    first.autocommit = True
    try:
        if _shares_its_session(first, connect):
            raise DatabaseError(NO_SESSION)
    finally:
        if not first.closed:
            first.autocommit = False


def session_pid(connection: psycopg.Connection[Any]) -> int:
    """The server's process of a connection, as the server says: a pooler tells libpq another."""
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None  # noqa: S101 - a query without FROM has one row
    pid: int = row[0]
    return pid


def _through_pooler(connection: psycopg.Connection[Any]) -> bool:
    return connection.info.backend_pid != session_pid(connection)


def _shares_its_session(
    first: psycopg.Connection[Any], connect: Callable[[], psycopg.Connection[Any]]
) -> bool:
    """Whether two connections report one process, or one of them changes its own."""
    mark = uuid4().hex
    first.execute("SELECT set_config(%s, %s, false)", (_MARK, mark))
    pid = session_pid(first)
    with connect() as second:
        second.autocommit = True
        for _ in range(_ROUNDS):
            if session_pid(second) == pid:
                return True
            # While this transaction lasts, its session is lent to nobody else.
            with second.transaction():
                if session_pid(second) == pid:
                    return True
                found = first.execute(
                    "SELECT pg_backend_pid(), current_setting(%s, true)", (_MARK,)
                ).fetchone()
                if found != (pid, mark):
                    return True
    return False
