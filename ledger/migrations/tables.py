"""The tables of ``acted``, ``adm`` and ``ledger``, created or mended; their rows are kept.

Tables of ``acted`` are created where they are missing and otherwise left alone. Tables of ``adm``
from an older tool, or without columns that the web application's migrations dropped, get the
missing ones; columns of other programs stay, unread.
"""

from __future__ import annotations

from attrs import Factory, frozen
from sqlalchemy import Connection, text

from ledger.database.connection import driver
from ledger.errors import DatabaseError
from ledger.migrations.bridge_tables.columns import mend_columns, missing_columns
from ledger.migrations.bridge_tables.constraints import mend_constraints
from ledger.migrations.definitions import statements_for
from ledger.schema import acted, adm, ledger
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
    tables = (*acted.TABLES, *ledger.TABLES, *adm.TABLES)
    present = database_columns(driver(connection), [table.fullname for table in tables])
    changes, foreign_keys = Changes(), list[str]()
    for table in tables:
        columns = present.get(table.fullname)
        if columns is None:
            for statement in statements_for(table):
                connection.exec_driver_sql(statement)
        elif table in adm.TABLES:
            missing = missing_columns(table, columns)
            if missing:
                changes.added[table.fullname] = missing
                changes.sentences.append(f"{table.fullname}: added {', '.join(missing)}.")
            changes.sentences.extend(mend_columns(connection, table, columns))
            foreign_keys += mend_constraints(connection, table)
    if foreign_keys:
        changes.sentences.append(
            "ON DELETE is SET NULL for keys to acted, NO ACTION within adm; changed:"
            f" {', '.join(foreign_keys)}."
        )
    connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    return changes


def create_schema(connection: Connection, name: str) -> None:
    """Creates a schema where there is none; even IF NOT EXISTS takes CREATE on the database."""
    missing = text("SELECT to_regnamespace(:name) IS NULL")
    if connection.scalar(missing, {"name": name}):
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
