"""Bringing tables that may be there already to the shape the program expects, keeping their rows.

Tables of ``acted`` are made where they are missing and otherwise left alone. Tables of ``adm`` that
an older tool made, or from which the web application's migrations took columns, get what is missing
of ours; columns of its own stay, unread.
"""

from __future__ import annotations

import re

import psycopg
from attrs import frozen
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateSchema, CreateTable

from ledger.errors import DatabaseError
from ledger.migrations.shapes.columns import mend_columns, missing_columns
from ledger.migrations.shapes.constraints import mend_constraints
from ledger.migrations.shapes.found import Columns, columns_found, not_tables
from ledger.migrations.shapes.keys import count_keys_up
from ledger.tables import LEDGER_PROJECTIONS, acted, adm


@frozen
class Mended:
    """What was changed: the columns added to tables of adm that were there, and all of it in
    sentences for a person."""

    added: dict[str, list[str]]
    said: list[str]


def bring_to_shape(connection: Connection) -> Mended:
    """Makes what is missing in ``acted``, ``adm`` and ``ledger``; mends what is of ``adm``.

    Run again, it changes nothing.
    """
    for schema in (acted.SCHEMA, adm.SCHEMA):
        connection.execute(CreateSchema(schema, if_not_exists=True))
    # A table with a key that is yet to be checked cannot be altered.
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    _refuse_other_than_tables(connection)
    there = columns_found(connection, *adm.BY_NAME)
    mended, references = Mended({}, []), list[str]()
    for table in (*acted.TABLES, *LEDGER_PROJECTIONS, *adm.TABLES):
        if table.fullname in there:
            _mend(connection, table, there[table.fullname], mended)
            references += mend_constraints(connection, table)
        elif not inspect(connection).has_table(table.name, table.schema):
            _create(connection, table)
    if references:
        mended.said.append(
            "ON DELETE is SET NULL for keys to acted, NO ACTION within adm; changed:"
            f" {', '.join(references)}."
        )
    connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    return mended


def _create(connection: Connection, table: Table) -> None:
    try:
        with connection.begin_nested():
            table.create(connection)
    except ProgrammingError as problem:
        if not isinstance(problem.orig, psycopg.errors.DuplicateTable):
            raise
        # An older table of another name has kept those of its keys: PostgreSQL chooses others.
        made = str(CreateTable(table).compile(dialect=connection.dialect))
        connection.exec_driver_sql(re.sub(r"CONSTRAINT \S+ ", "", made))
        for index in table.indexes:
            columns = ", ".join(str(column.name) for column in index.columns)
            connection.exec_driver_sql(f"CREATE INDEX ON {table.fullname} ({columns})")


def _mend(connection: Connection, table: Table, there: Columns, mended: Mended) -> None:
    missing = missing_columns(table, there)
    if missing:
        mended.added[table.fullname] = missing
        mended.said.append(f"{table.fullname}: added {', '.join(missing)}.")
    mended.said.extend(mend_columns(connection, table, there))
    count_keys_up(connection, table, there)


def _refuse_other_than_tables(connection: Connection) -> None:
    wrong = not_tables(connection, *adm.BY_NAME)
    if wrong:
        raise DatabaseError(
            f"{wrong[0]} is no table; admsync keeps rows of its own there: give it another name"
            " and migrate again"
        )
