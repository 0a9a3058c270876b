"""The shape of a database's tutorial tables, recognised by their columns, not by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg

from ledger.errors import DatabaseError
from ledger.schema import acted
from ledger.tables.database_columns import Columns, DatabaseColumn, database_columns
from ledger.tables.shapes.deployed import FEBRUARY, SHAPES
from ledger.tables.shapes.shape import (
    MADE,
    TUTORIAL_EVENTS,
    Shape,
    ShapeColumn,
    TutorialTables,
    tables_of,
)

# Types that hold the same values, by the first of them.
_EQUIVALENT = {
    "character varying": "text",
    "character": "text",
    "integer": "bigint",
    "smallint": "bigint",
}


class ShapeUnknown(DatabaseError):
    """The tutorial tables have no shape that the program can write to."""


def tables_in(reader: psycopg.Connection[Any]) -> TutorialTables:
    """The tutorial tables as they are. Raises ``ShapeUnknown``, naming each column that is missing
    or of another type."""
    return _recognised(_columns(reader))


def still_there(reader: psycopg.Connection[Any], tables: TutorialTables) -> TutorialTables:
    """The tables as recorded, without columns that are gone or of another type."""
    shape_columns = {table: tables.columns(table) for table in MADE}
    return _tables(tables.shape, shape_columns, _columns(reader))


def check_fillable(reader: psycopg.Connection[Any]) -> None:
    """Raises ``DatabaseError`` where a row made here would lack a required value: a column that may
    not be NULL has no default, and no event has a value for it."""
    columns = _columns(reader)
    present = _recognised(columns).present
    unfillable = [
        f"{table}.{name}"
        for table in MADE
        for name, column in columns[table].items()
        if column.not_null and not column.filled and name not in ("id", *present[table])
    ]
    if unfillable:
        raise DatabaseError(
            f"{' and '.join(unfillable)} may not be NULL and has no default, and admsync has no"
            " value for it, so nothing was written: give the column a default, or let it be NULL"
        )


def longest_texts(reader: psycopg.Connection[Any]) -> dict[str, int]:
    """The most characters that a text column of the tutorial events takes, by column."""
    columns = _columns(reader)[TUTORIAL_EVENTS]
    return {name: one.length for name, one in columns.items() if one.length is not None}


def _columns(reader: psycopg.Connection[Any]) -> Mapping[str, Columns]:
    columns = database_columns(reader, MADE)
    return {table: columns.get(table, {}) for table in MADE}


def _recognised(columns: Mapping[str, Columns]) -> TutorialTables:
    unfit = {shape: list(_unfit(shape, columns)) for shape in SHAPES}
    shape = min(SHAPES, key=lambda one: len(unfit[one]))
    if unfit[shape]:
        raise ShapeUnknown(
            f"the tutorial tables are of no shape that admsync knows (nearest: {shape.name});"
            f" {'; '.join(unfit[shape])}: nothing can be imported or rolled back; the syncs work"
        )
    return _tables(shape, shape.columns, columns)


def _unfit(shape: Shape, columns: Mapping[str, Columns]) -> Iterator[str]:
    """The columns that keep tables from being of a shape, in words."""
    for table in MADE:
        for one in shape.columns[table]:
            column = columns[table].get(one.name)
            if column is None:
                if one.needed:
                    yield f"{table}.{one.name} is missing"
            elif not _fits(one, column) and (one.needed or column.not_null):
                yield f"{table}.{one.name} is {column.kind}, not {one.kind}"


def _tables(
    shape: Shape,
    shape_columns: Mapping[str, Sequence[ShapeColumn]],
    columns: Mapping[str, Columns],
) -> TutorialTables:
    """The tables with those of the shape's columns that are there and fit."""
    present = {
        table: {
            one.name: column.not_null and not one.needed and one.is_text
            for one in shape_columns[table]
            if (column := columns[table].get(one.name)) is not None and _fits(one, column)
        }
        for table in MADE
    }
    return tables_of(shape, present)


def _fits(one: ShapeColumn, column: DatabaseColumn) -> bool:
    return _plain(column.kind) == _plain(one.kind)


def _plain(kind: str) -> str:
    name = kind.partition("(")[0].strip().lower()
    return _EQUIVALENT.get(name, name)


# The tables that the program creates itself; those of a ledger without a recorded shape.
AS_MADE = tables_of(
    FEBRUARY,
    {table.fullname: dict.fromkeys(table.names[1:], False) for table in acted.MADE},
)
