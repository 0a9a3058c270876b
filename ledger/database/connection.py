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
from sqlalchemy import Connection, Engine

from ledger.database.builtin import embedded_url
from ledger.database.errors import translated_errors
from ledger.database.libpq import put_in_place
from ledger.database.pooling import refuse_transaction_pooling
from ledger.database.server_url import parameters_of
from ledger.database.session import connect
from ledger.database.settings import DatabaseSettings
from ledger.errors import DatabaseError

OLDEST_SERVER = 15


@frozen
class Database:
    """A PostgreSQL server's database that the ledger lives in."""

    engine: Engine = field(repr=False)
    # The setting that names it, to be told where it cannot be reached.
    named_by: str = "DATABASE_URL"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, committed at the end, rolled back where something is raised."""
        with translated_errors(self.named_by), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that sees the ledger and the tables as of one moment."""
        with translated_errors(self.named_by), self.engine.connect() as pooled:
            connection = pooled.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection of its own that commits each statement: for locks and for listening."""
        with translated_errors(self.named_by):
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

    Raises ``DatabaseError`` with one line: unreachable, refused, older than PostgreSQL 15, behind
    a pooler that keeps no session, or a URL that is none. No message holds the password.
    """
    parameters = _parameters(settings)
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        pool_pre_ping=True,
        # No value of ours is a float: 1.50 in a JSON column is that, not the nearest double.
        json_deserializer=partial(json.loads, parse_float=Decimal),
        # What is bound to a statement may name a person; no error or log quotes it.
        hide_parameters=True,
    )

    @sqlalchemy.event.listens_for(engine, "do_connect")
    def connected(
        _dialect: object, _record: object, _arguments: object, own: dict[str, Any]
    ) -> psycopg.Connection[Any]:
        return connect({**own, **parameters})

    database = Database(
        engine, "ADMSYNC_DATA_DIR" if settings.builtin else settings.named_by or "DATABASE_URL"
    )
    try:
        with database.transaction() as connection:
            reached = driver(connection)
            _refuse_old(reached.info.server_version // 10000)
            refuse_transaction_pooling(reached, partial(connect, parameters))
    except BaseException:
        database.close()
        raise
    return database


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
    return _driver(connection.connection.driver_connection)


def _driver(connection: object) -> psycopg.Connection[Any]:
    assert isinstance(connection, psycopg.Connection)  # noqa: S101 - the engine was made with it
    return connection
