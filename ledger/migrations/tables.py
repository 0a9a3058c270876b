"""The tables of ``acted``, ``adm`` and ``ledger``, created or mended; their rows are kept.

Tables of ``acted`` are created where they are missing and otherwise left alone. Tables of ``adm``
from an older tool, or without columns that the web application's migrations dropped, get the
missing ones; columns of other programs stay, unread.
"""

from __future__ import annotations

import re

import psycopg
from attrs import Factory, frozen
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateSchema, CreateTable

from ledger.database.connection import driver
from ledger.errors import DatabaseError
from ledger.migrations.bridge_tables.columns import mend_columns, missing_columns
from ledger.migrations.bridge_tables.constraints import mend_constraints
from ledger.tables import LEDGER_PROJECTIONS, acted, adm
from ledger.tables.database_columns import database_columns

_NO_TABLES = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm', 'f') AND n.nspname || '.' || c.relname = ANY(:tables) ORDER BY 1
"""


@frozen
class Changes:
    """The changed tables: the columns added to each, and a sentence about each change."""

    added: dict[str, list[str]] = Factory(dict)
    sentences: list[str] = Factory(list)


def create_or_mend_tables(connection: Connection) -> Changes:
    """Creates what is missing in ``acted``, ``adm`` and ``ledger``; mends the tables of ``adm``.

    Run again, it changes nothing.
    """
    for schema in (acted.SCHEMA, adm.SCHEMA):
        create_schema(connection, schema)
    # A table with a key that is yet to be checked cannot be altered.
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for name in connection.execute(text(_NO_TABLES), {"tables": list(adm.BY_NAME)}).scalars():
        raise DatabaseError(
            f"{name} is no table; admsync keeps rows of its own there: give it another name and"
            " migrate again"
        )
    present = database_columns(driver(connection), adm.BY_NAME)
    changes, foreign_keys = Changes(), list[str]()
    for table in (*acted.TABLES, *LEDGER_PROJECTIONS, *adm.TABLES):
        if table.fullname in present:
            columns = present[table.fullname]
            missing = missing_columns(table, columns)
            if missing:
                changes.added[table.fullname] = missing
                changes.sentences.append(f"{table.fullname}: added {', '.join(missing)}.")
            changes.sentences.extend(mend_columns(connection, table, columns))
            foreign_keys += mend_constraints(connection, table)
        elif not inspect(connection).has_table(table.name, table.schema):
            _create(connection, table)
    if foreign_keys:
        changes.sentences.append(
            "ON DELETE is SET NULL for keys to acted, NO ACTION within adm; changed:"
            f" {', '.join(foreign_keys)}."
        )
    connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    return changes


def create_schema(connection: Connection, name: str) -> None:
    """Creates a schema where there is none; even IF NOT EXISTS takes CREATE on the database."""
    if not inspect(connection).has_schema(name):
        connection.execute(CreateSchema(name))


def _create(connection: Connection, table: Table) -> None:
    try:
        with connection.begin_nested():
            table.create(connection)
    except ProgrammingError as problem:
        if not isinstance(problem.orig, psycopg.errors.DuplicateTable):
            raise
        # An older table of another name has kept those of its keys: PostgreSQL chooses others.
        statement = str(CreateTable(table).compile(dialect=connection.dialect))
        connection.exec_driver_sql(re.sub(r"CONSTRAINT \S+ ", "", statement))
        for index in table.indexes:
            columns = ", ".join(str(column.name) for column in index.columns)
            connection.exec_driver_sql(f"CREATE INDEX ON {table.fullname} ({columns})")
