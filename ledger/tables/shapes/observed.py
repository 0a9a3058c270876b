"""The shape of a database's tutorial tables, recognised by their columns, not by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from attrs import frozen
from sqlalchemy.dialects import postgresql

from ledger.errors import DatabaseError
from ledger.tables import METADATA
from ledger.tables.shapes import FEBRUARY, MADE, SHAPES
from ledger.tables.shapes.shape import Held, Shape, TutorialTables, bound

# Types that hold the same values, by the first of them.
_KINDS = {
    "character varying": "text",
    "character": "text",
    "integer": "bigint",
    "smallint": "bigint",
}
_COLUMNS = """
SELECT n.nspname || '.' || t.relname, a.attname::text, format_type(a.atttypid, a.atttypmod),
    a.attnotnull, a.atthasdef OR a.attidentity <> ''
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = 'acted' AND n.nspname || '.' || t.relname = ANY(%s)
ORDER BY t.relname, a.attnum
"""


class ShapeUnknown(DatabaseError):
    """The tutorial tables have no shape that the program can write to."""


@frozen
class Found:
    """A column that is there; ``given``: it gets a value where none is written."""

    kind: str
    required: bool
    given: bool

    @property
    def length(self) -> int | None:
        """The most characters it takes, where that is bounded."""
        inside = self.kind.partition("(")[2].rstrip(")")
        return int(inside) if inside.isdecimal() else None


Columns = Mapping[str, Mapping[str, Found]]


def columns_of(reader: psycopg.Connection[Any]) -> Columns:
    """The columns of the tables that rows are made in, as far as these are there."""
    found: dict[str, dict[str, Found]] = {name: {} for name in MADE}
    for table, column, *facts in reader.execute(_COLUMNS, (list(MADE),)).fetchall():
        found[table][column] = Found(*facts)
    return found


def tables_in(reader: psycopg.Connection[Any]) -> TutorialTables:
    """The tutorial tables as they are. Raises ``ShapeUnknown``, naming each column that is missing
    or of another type."""
    columns = columns_of(reader)
    wrong = {shape: list(_lacking(shape, columns)) for shape in SHAPES}
    shape = min(SHAPES, key=lambda one: len(wrong[one]))
    if wrong[shape]:
        raise ShapeUnknown(
            f"the tutorial tables are of no shape that admsync knows (nearest: {shape.name});"
            f" {'; '.join(wrong[shape])}: nothing can be imported or rolled back; the syncs work"
        )
    return _bound(shape, columns)


def still_there(reader: psycopg.Connection[Any], tables: TutorialTables) -> TutorialTables:
    """The tables as recorded, without columns that are gone or of another type."""
    return _bound(tables.shape, columns_of(reader), tables)


def unfillable(reader: psycopg.Connection[Any]) -> list[str]:
    """The columns (``acted.tutorial_events.branch_id``) that may not be NULL, get no value by
    themselves, and for which the program has none."""
    columns, tables = columns_of(reader), tables_in(reader)
    return [
        f"{table}.{name}"
        for table in MADE
        for name, found in columns[table].items()
        if found.required and not found.given and name != "id" and name not in tables.present[table]
    ]


def check_fillable(reader: psycopg.Connection[Any]) -> None:
    """Raises ``DatabaseError`` where a row made here would lack a required value."""
    if lacking := unfillable(reader):
        raise DatabaseError(
            f"{' and '.join(lacking)} may not be NULL and has no default, and admsync has no value"
            " for it, so nothing was written: give the column a default, or let it be NULL"
        )


def longest_texts(reader: psycopg.Connection[Any]) -> dict[str, int]:
    """The most characters that a text column of the tutorial events takes, by column."""
    found = columns_of(reader)[MADE[0]]
    return {name: one.length for name, one in found.items() if one.length is not None}


def _lacking(shape: Shape, columns: Columns) -> Iterator[str]:
    for table in MADE:
        there = columns[table]
        for one in shape.columns[table]:
            if one.name in there and not _fits(one, there[one.name]):
                if one.needed or there[one.name].required:
                    yield f"{table}.{one.name} is {there[one.name].kind}, not {_kind_of(one)}"
            elif one.needed and one.name not in there:
                yield f"{table}.{one.name} is missing"


def _bound(shape: Shape, columns: Columns, among: TutorialTables | None = None) -> TutorialTables:
    return bound(
        shape,
        {
            table: {
                one.name: _is_filled(one, columns[table][one.name])
                for one in (shape.columns[table] if among is None else among.held(table))
                if one.name in columns[table] and _fits(one, columns[table][one.name])
            }
            for table in MADE
        },
    )


def _is_filled(held: Held, found: Found) -> bool:
    return found.required and not held.needed and held.type.python_type is str


def _fits(held: Held, found: Found) -> bool:
    return _plain(found.kind) == _plain(_kind_of(held))


def _plain(kind: str) -> str:
    name = kind.partition("(")[0].strip().lower()
    return _KINDS.get(name, name)


def _kind_of(held: Held) -> str:
    name = held.type.compile(postgresql.dialect()).lower()  # type: ignore[no-untyped-call]  # its stubs lack this
    return name.replace("varchar", "character varying")


# What the program makes where there are no tables, and what a ledger is of that says nothing else.
AS_MADE = bound(
    FEBRUARY,
    {
        table: dict.fromkeys(
            (str(c.name) for c in METADATA.tables[table].columns if c.name != "id"), False
        )
        for table in MADE
    },
)
