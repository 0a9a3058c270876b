"""The database: one way to reach it, whether it came with the program or was given by URL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
import sqlalchemy
from attrs import field, frozen
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine import make_url

from ledger.database.builtin import embedded_url
from ledger.database.settings import DatabaseSettings
from ledger.errors import DatabaseBusy, DatabaseError, DatabaseUnreachable, NotMigrated

OLDEST_SERVER = 15
# How long to wait for a lock another process holds, and for a client that went silent. A session
# that holds a run's locks is idle for as long as the run lasts, and has to live that long.
_SESSION = (
    "-c lock_timeout=60s -c idle_in_transaction_session_timeout=10min -c idle_session_timeout=0"
    " -c tcp_keepalives_idle=60 -c tcp_keepalives_interval=15 -c timezone=UTC"
    " -c default_transaction_isolation=read\\ committed -c client_min_messages=warning"
)


@frozen
class Database:
    """A PostgreSQL server's database that the ledger lives in."""

    engine: Engine = field(repr=False)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, committed at the end, rolled back where something is raised."""
        with translated_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that sees the ledger and the tables as of one moment."""
        with translated_errors(), self.engine.connect() as pooled:
            connection = pooled.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection of its own that commits each statement: for locks and for listening."""
        with translated_errors():
            pooled = self.engine.raw_connection()
            connection = _driver(pooled.driver_connection)
            # Detached, it is closed at the end instead of going back with its locks.
            pooled.detach()
            with connection:
                connection.autocommit = True
                yield connection

    def close(self) -> None:
        """Closes the connections that wait for their next use."""
        self.engine.dispose()


def open_database(settings: DatabaseSettings) -> Database:
    """The database the settings name, reached once to be sure of it.

    Raises ``DatabaseError`` with one line: unreachable, refused, older than PostgreSQL 15, or a
    URL that is none. No message holds the password.
    """
    engine = sqlalchemy.create_engine(
        _driver_url(settings.url or embedded_url(settings.data_dir, settings.linger)),
        connect_args={"application_name": "admsync", "options": _SESSION},
        pool_pre_ping=True,
        # No value of ours is a float: 1.50 in a JSON column is that, not the nearest double.
        json_deserializer=partial(json.loads, parse_float=Decimal),
        # What is bound to a statement may name a person; no error or log quotes it.
        hide_parameters=True,
    )
    database = Database(engine)
    with database.transaction() as connection:
        found = driver(connection).info.server_version
    if found < OLDEST_SERVER * 10000:
        database.close()
        raise DatabaseError(
            f"the server is PostgreSQL {found // 10000}; admsync needs {OLDEST_SERVER} or later"
        )
    return database


def driver(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection beneath an SQLAlchemy one, in the same transaction."""
    return _driver(connection.connection.driver_connection)


@contextmanager
def translated_errors() -> Iterator[None]:
    """What the driver raises, as one line for a person; what the program relies on, untouched."""
    try:
        yield
    except sqlalchemy.exc.DBAPIError as problem:
        raise _explained(problem.orig) from problem
    except psycopg.Error as problem:
        raise _explained(problem) from problem


def _driver(connection: object) -> psycopg.Connection[Any]:
    assert isinstance(connection, psycopg.Connection)  # noqa: S101 - the engine was made with it
    return connection


def _driver_url(url: str) -> URL:
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except (sqlalchemy.exc.ArgumentError, ValueError):
        # The URL itself is quoted neither here nor in the traceback: it may hold a password.
        raise DatabaseError(
            "DATABASE_URL is not a URL; expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        ) from None
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseError(
            f"DATABASE_URL names a {parsed.get_backend_name()} database; admsync needs PostgreSQL"
        )
    return parsed.set(drivername="postgresql+psycopg")


def _passes(problem: psycopg.Error) -> bool:
    """Whether the same may succeed later: a deadlock, too little room, a lock or time not given."""
    state = problem.sqlstate or ""
    return state[:2] in ("40", "53") or state in ("55P03", "57014")


def _explained(problem: BaseException | None) -> Exception:
    if not isinstance(problem, psycopg.Error):
        return DatabaseError(f"the database driver failed: {problem}")
    if isinstance(problem, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName):
        return NotMigrated(
            f"the database lacks what admsync keeps there ({_line(problem)}); run: admsync migrate"
        )
    if isinstance(problem, psycopg.errors.InsufficientPrivilege):
        return DatabaseError(
            f"the database refuses: {_line(problem)}; grant the role what it needs with"
            " admsync migrate --grant ROLE, run by the owner"
        )
    lost = problem.sqlstate is None or problem.sqlstate[:2] == "08"
    if isinstance(problem, psycopg.errors.AdminShutdown | psycopg.errors.CrashShutdown) or (
        lost and isinstance(problem, psycopg.OperationalError)
    ):
        return DatabaseUnreachable(
            f"the database cannot be reached: {_line(problem)}; see DATABASE_URL"
        )
    if _passes(problem):
        return DatabaseBusy(f"the database could not do it now: {_line(problem)}")
    return DatabaseError(f"the database refuses: {_line(problem)}")


def _line(problem: psycopg.Error) -> str:
    text = problem.diag.message_primary or str(problem)
    if isinstance(problem, psycopg.errors.UniqueViolation):
        # Which value it is: somebody has to give it up. No unique column of ours names a person.
        text += f": {problem.diag.message_detail}"
    hint = f" ({problem.diag.message_hint})" if problem.diag.message_hint else ""
    return " ".join(text.split()) + hint
