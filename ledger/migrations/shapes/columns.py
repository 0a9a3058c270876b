"""Columns of an adopted table: added where they are missing, and left alone where they will do."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateColumn

from ledger.errors import DatabaseError
from ledger.migrations.shapes.change import alter
from ledger.migrations.shapes.found import Columns, FoundColumn
from ledger.migrations.shapes.types import fits, holder, reading
from ledger.tables import column_names


def mend_columns(connection: Connection, table: Table, there: Columns) -> Iterator[str]:
    """Makes the table hold what the program keeps in it; says which columns are another kind now.

    Defaults stay. Nothing gets a NOT NULL, and none is kept where we may have no value.
    """
    for column in table.columns:
        found = there.get(column.name)
        if found is None:
            _add(connection, table, column)
            continue
        if found.generated:
            # It keeps its values, and takes others from here on.
            change = f'ALTER COLUMN "{column.name}" DROP EXPRESSION'
            alter(connection, table, change, column=column.name)
            yield f"{table.fullname}.{column.name} is no longer computed."
        if not fits(column, found):
            _change_type(connection, table, column, found)
            yield (
                f"{table.fullname}.{column.name} is {holder(column).becomes} now, {found.kind}"
                " before."
            )
        if found.required and column.nullable and not found.in_key:
            _may_be_empty(connection, table, column.name)
    for name in there.keys() - set(column_names(table)):
        found = there[name]
        given = found.default or found.identity or found.generated or found.in_key
        if found.required and not given:
            _may_be_empty(connection, table, name)


def missing_columns(table: Table, there: Columns) -> list[str]:
    """The names of those columns of ours that the table has not, in their order."""
    return [name for name in column_names(table) if name not in there]


def _may_be_empty(connection: Connection, table: Table, name: str) -> None:
    alter(connection, table, f'ALTER COLUMN "{name}" DROP NOT NULL', column=name)


def _add(connection: Connection, table: Table, column: Column[object]) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # its stubs lack this
    definition = str(CreateColumn(column).compile(dialect=dialect))
    if column.server_default is None and not column.primary_key:
        # Other writers do not know of it.
        definition = definition.replace(" NOT NULL", "")
    alter(connection, table, f"ADD COLUMN {definition}", column=column.name)


def _change_type(
    connection: Connection, table: Table, column: Column[object], found: FoundColumn
) -> None:
    name, kind = f'"{column.name}"', holder(column).becomes
    _refuse_loss(connection, table, column, found)
    change = f"ALTER COLUMN {name} TYPE {kind} USING {reading(column, found, name)}"
    if found.default:
        default = reading(column, found, found.default)
        change = (
            f"ALTER COLUMN {name} DROP DEFAULT, {change}, ALTER COLUMN {name} SET DEFAULT {default}"
        )
    alter(connection, table, change, column=column.name)


def _refuse_loss(
    connection: Connection, table: Table, column: Column[object], found: FoundColumn
) -> None:
    """Raises ``DatabaseError``, naming the first row, where the new type cannot hold a value."""
    if not holder(column).back:
        return
    name = f'"{column.name}"'
    lost = connection.exec_driver_sql(
        f"SELECT {name}::text FROM {table.fullname}"
        f" WHERE ({reading(column, found, name)})::{found.kind} IS DISTINCT FROM {name} LIMIT 1"
    ).scalar()
    if lost is not None:
        raise DatabaseError(
            f"{table.fullname}.{column.name} cannot be {holder(column).becomes}: {lost!r}, of type"
            f" {found.kind}, would not be the same; mend that row and migrate again"
        )


def default_times(connection: Connection, table: Table, there: Columns) -> None:
    """Gives ``created_at`` and ``updated_at`` the default that they have in a table made now."""
    for name in ("created_at", "updated_at"):
        found = there.get(name)
        if found is not None and found.default is None:
            connection.execute(
                text(f"ALTER TABLE {table.fullname} ALTER COLUMN {name} SET DEFAULT now()")
            )
