"""The types that may hold the program's values of a column; the change of another type.

A column of a type that may hold it stays as it is: a change can lose a value, and a view on the
column forbids it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from ledger.errors import DatabaseError
from ledger.migrations.bridge_tables.alter import alter
from ledger.tables.database_columns import DatabaseColumn

_WHOLE = ("smallint", "integer", "bigint")
_MOMENTS = ("timestamp with time zone", "timestamp without time zone", "date")


@frozen
class _Types:
    """The types that may hold a value, without their lengths, and the one that others become.

    ``cast`` is the SQL for a value of another type as the new one, ``{}`` the column; where
    ``reversible`` it must give the old value when it is cast back.
    """

    types: tuple[str, ...]
    becomes: str
    cast: str = "{}::text"
    reversible: bool = False


_TYPES: tuple[tuple[type[TypeEngine[Any]], _Types], ...] = (
    (Text, _Types(("text", "character varying", "citext", "name"), "text")),
    (BigInteger, _Types(_WHOLE, "bigint", "{}::bigint", reversible=True)),
    (Integer, _Types(_WHOLE, "integer", "{}::integer", reversible=True)),
    (Boolean, _Types(("boolean",), "boolean", "{}::text::boolean")),
    (
        DateTime,
        _Types(_MOMENTS, "timestamp with time zone", "{}::timestamptz", reversible=True),
    ),
    (Date, _Types(_MOMENTS, "date", "{}::date", reversible=True)),
    (Numeric, _Types(("numeric",), "numeric", "{}::numeric", reversible=True)),
    (JSONB, _Types(("jsonb", "json"), "jsonb", "{}::jsonb")),
)


def change_type(
    connection: Connection, table: Table, column: Column[object], present: DatabaseColumn
) -> Iterator[str]:
    """Changes the type of a column that cannot hold our values, keeping its values and default.

    Raises ``DatabaseError``, naming a row, where the new type cannot hold a value.
    """
    types = next(one for kind, one in _TYPES if isinstance(column.type, kind))
    if present.plain in types.types and (
        not isinstance(column.type, Numeric) or _scale(present.base) >= (column.type.scale or 0)
    ):
        return
    cast = types.cast
    if present.plain.endswith("[]") and isinstance(column.type, JSONB):
        cast = "to_jsonb({})"
    name = f'"{column.name}"'
    if types.reversible:
        _refuse_loss(connection, table, column.name, present.kind, cast.format(f"({name})"), types)
    change = f"ALTER COLUMN {name} TYPE {types.becomes} USING {cast.format(f'({name})')}"
    if present.default:
        default = cast.format(f"({present.default})")
        change = (
            f"ALTER COLUMN {name} DROP DEFAULT, {change}, ALTER COLUMN {name} SET DEFAULT {default}"
        )
    alter(connection, table, change, column=column.name)
    yield f"{table.fullname}.{column.name} is {types.becomes} now, {present.kind} before."


def _refuse_loss(
    connection: Connection, table: Table, name: str, kind: str, cast: str, types: _Types
) -> None:
    lost = connection.exec_driver_sql(
        f'SELECT "{name}"::text FROM {table.fullname}'
        f' WHERE ({cast})::{kind} IS DISTINCT FROM "{name}" LIMIT 1'
    ).scalar()
    if lost is not None:
        raise DatabaseError(
            f"{table.fullname}.{name} cannot be {types.becomes}: {lost!r}, of type {kind}, would"
            " not be the same; mend that row and migrate again"
        )


def _scale(kind: str) -> int:
    declared = re.search(r",(-?\d+)\)", kind)
    if declared:
        return int(declared[1])
    # numeric(10) has none; numeric, any.
    return 0 if "(" in kind else 1000
