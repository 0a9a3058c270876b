"""The types that may hold the program's values of a column; the change of another type.

A column of a type that may hold it stays as it is: a change can lose a value, and a view on the
column forbids it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen
from sqlalchemy import Connection

from ledger.errors import DatabaseError
from ledger.migrations.bridge_tables.alter import alter
from ledger.schema.declared import (
    BIGINT,
    BOOLEAN,
    DATE,
    INTEGER,
    JSONB,
    MOMENT,
    TEXT,
    Column,
    Table,
)
from ledger.tables.database_columns import DatabaseColumn

_WHOLE = ("smallint", INTEGER, BIGINT)
_MOMENTS = (MOMENT, "timestamp without time zone", DATE)


@frozen
class _Types:
    """The types that may hold a value of a declared one, without their lengths.

    ``cast`` is the SQL for a value of another type as the declared one, ``{}`` the column; where
    ``reversible`` it must give the old value when it is cast back.
    """

    types: tuple[str, ...]
    cast: str
    reversible: bool = False


_TYPES = {
    TEXT: _Types((TEXT, "character varying", "citext", "name"), "{}::text"),
    BIGINT: _Types(_WHOLE, "{}::bigint", reversible=True),
    INTEGER: _Types(_WHOLE, "{}::integer", reversible=True),
    BOOLEAN: _Types((BOOLEAN,), "{}::text::boolean"),
    MOMENT: _Types(_MOMENTS, "{}::timestamptz", reversible=True),
    DATE: _Types(_MOMENTS, "{}::date", reversible=True),
    "numeric": _Types(("numeric",), "{}::numeric", reversible=True),
    JSONB: _Types((JSONB, "json"), "{}::jsonb"),
}


def change_type(
    connection: Connection, table: Table, column: Column, present: DatabaseColumn
) -> Iterator[str]:
    """Changes the type of a column that cannot hold our values, keeping its values and default.

    Raises ``DatabaseError``, naming a row, where the new type cannot hold a value.
    """
    becomes, types = column.plain, _TYPES[column.plain]
    if present.plain in types.types and (
        becomes != "numeric" or _scale(present.base) >= _scale(column.kind)
    ):
        return
    cast = types.cast
    if present.plain.endswith("[]") and becomes == JSONB:
        cast = "to_jsonb({})"
    name = f'"{column.name}"'
    if types.reversible:
        _refuse_loss(connection, table, column, present.kind, cast.format(f"({name})"))
    change = f"ALTER COLUMN {name} TYPE {becomes} USING {cast.format(f'({name})')}"
    if present.default:
        default = cast.format(f"({present.default})")
        change = (
            f"ALTER COLUMN {name} DROP DEFAULT, {change}, ALTER COLUMN {name} SET DEFAULT {default}"
        )
    alter(connection, table, change, column=column.name)
    yield f"{table.fullname}.{column.name} is {becomes} now, {present.kind} before."


def _refuse_loss(
    connection: Connection, table: Table, column: Column, kind: str, cast: str
) -> None:
    lost = connection.exec_driver_sql(
        f'SELECT "{column.name}"::text FROM {table.fullname}'
        f' WHERE ({cast})::{kind} IS DISTINCT FROM "{column.name}" LIMIT 1'
    ).scalar()
    if lost is not None:
        raise DatabaseError(
            f"{table.fullname}.{column.name} cannot be {column.plain}: {lost!r}, of type {kind},"
            " would not be the same; mend that row and migrate again"
        )


def _scale(kind: str) -> int:
    declared = re.search(r",(-?\d+)\)", kind)
    if declared:
        return int(declared[1])
    # numeric(10) has none; numeric, any.
    return 0 if "(" in kind else 1000
