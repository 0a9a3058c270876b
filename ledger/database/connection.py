"""The database: one way to reach it, whether it came with the program or was given by URL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import field, frozen

from ledger.database.builtin import embedded_url
from ledger.database.errors import translated_errors
from ledger.database.lock_waits import LockWaits
from ledger.database.parameters import parameters_of, put_in_place, without_variables
from ledger.database.pooling import refuse_transaction_pooling
from ledger.database.session import connect
from ledger.database.settings import DATA_DIR, DatabaseSettings
from ledger.errors import DatabaseError

if TYPE_CHECKING:
    # A third of a second to load, which a command that only reads is spared.
    from sqlalchemy import Connection, Engine

OLDEST_SERVER = 15


@frozen(slots=False)
class Database:
    """A PostgreSQL server's database that the ledger lives in, reached with these parameters.

    It is read with psycopg, in a ``driver_transaction``; SQLAlchemy is loaded where something asks
    for its ``engine``.
    """

    parameters: Mapping[str, Any] = field(repr=False)
    # The setting that names it, to be told where it cannot be reached.
    named_by: str = "DATABASE_URL"
    # Where the built-in server keeps its data, be it this one or not.
    data_dir: Path = field(factory=Path)
    # Connections that wait for their next use.
    _idle: list[psycopg.Connection[Any]] = field(factory=list, repr=False)

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine on the same parameters, with connections of its own."""
        from ledger.database.engine import engine_on  # noqa: PLC0415 - loads SQLAlchemy

        return engine_on(self._taken)

    @cached_property
    def _lock_waits(self) -> LockWaits:
        return LockWaits(partial(connect, self.parameters))

    @contextmanager
    def driver_transaction(self) -> Iterator[psycopg.Connection[Any]]:
        """One transaction, as ``transaction`` is, on a connection of psycopg's."""
        with translated_errors(self.named_by), self._lock_waits.named() as waits:
            connection = self._taken()
            waits(connection)
            try:
                with connection.transaction():
                    yield connection
            finally:
                if not connection.closed:
                    self._idle.append(connection)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, committed at the end, rolled back where something is raised."""
        from ledger.database.engine import driver_errors  # noqa: PLC0415 - loads SQLAlchemy

        with (
            translated_errors(self.named_by),
            self._lock_waits.named() as waits,
            driver_errors(),
            self.engine.begin() as connection,
        ):
            waits(driver(connection))
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that sees the ledger and the tables as of one moment."""
        from ledger.database.engine import driver_errors  # noqa: PLC0415 - loads SQLAlchemy

        with (
            translated_errors(self.named_by),
            self._lock_waits.named() as waits,
            driver_errors(),
            self.engine.connect() as pooled,
        ):
            connection = pooled.execution_options(isolation_level="REPEATABLE READ")
            waits(driver(connection))
            with connection.begin():
                yield connection

    @contextmanager
    def builtin_transaction(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction on the built-in server under ``data_dir``, started for it if need be."""
        with translated_errors(DATA_DIR.name), without_variables():
            connection = connect(parameters_of(embedded_url(self.data_dir)))
        with connection, connection.transaction():
            yield connection

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection of its own that commits each statement: for locks and for listening."""
        with translated_errors(self.named_by), connect(self.parameters) as connection:
            connection.autocommit = True
            yield connection

    def close(self) -> None:
        """Closes the connections that wait for their next use."""
        while self._idle:
            self._idle.pop().close()
        if "engine" in vars(self):
            self.engine.dispose()

    def _taken(self) -> psycopg.Connection[Any]:
        """A connection that nobody uses, made where none waits; the server answers on it."""
        while True:
            try:
                waiting = self._idle.pop()
            except IndexError:
                return connect(self.parameters)
            try:
                waiting.execute("SELECT 1")
                waiting.rollback()
            except psycopg.Error:
                # Lost while it waited.
                waiting.close()
            else:
                return waiting


def open_database(settings: DatabaseSettings) -> Database:
    """The database the settings name, reached once to be sure of it.

    Raises ``DatabaseError`` with one line: unreachable, refused, older than PostgreSQL 15, behind
    a pooler that keeps no session, or a URL that is none. No message holds the password.
    """
    parameters = _parameters(settings)
    named_by = DATA_DIR.name if settings.builtin else settings.named_by or "DATABASE_URL"
    with translated_errors(named_by):
        return Database(parameters, named_by, settings.data_dir, [_reached(parameters)])


def _reached(parameters: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """The first connection, to a server that serves."""
    connection = connect(parameters)
    try:
        _refuse_old(connection.info.server_version // 10000)
        refuse_transaction_pooling(connection, partial(connect, parameters))
        connection.rollback()
    except BaseException:
        connection.close()
        raise
    return connection


def _parameters(settings: DatabaseSettings) -> dict[str, Any]:
    """The parameters to connect with; libpq's variables are put in place beside them."""
    parameters = dict(settings.parameters)
    if settings.url:
        parameters = parameters_of(settings.url)
    variables = dict(settings.variables)
    if "options" not in parameters and "PGOPTIONS" in variables:
        parameters["options"] = variables.pop("PGOPTIONS")
    put_in_place(variables)
    # Nor do they come near the server's own programs.
    return (
        parameters_of(embedded_url(settings.data_dir, settings.linger))
        if settings.builtin
        else parameters
    )


def _refuse_old(found: int) -> None:
    if found < OLDEST_SERVER:
        raise DatabaseError(
            f"the server is PostgreSQL {found}; admsync needs {OLDEST_SERVER} or later"
        )


def driver(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection beneath an SQLAlchemy one, in the same transaction."""
    beneath = connection.connection.driver_connection
    assert isinstance(beneath, psycopg.Connection)  # noqa: S101 - the engine was made with it
    return beneath
