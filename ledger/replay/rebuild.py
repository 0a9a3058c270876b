"""Rebuilds the projected tables as of a position, from the ledger alone.

They are temporary tables of the connection, invisible to others and dropped with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql

from ledger.database.connection import Database, driver
from ledger.events import CATALOGUE, Catalogue
from ledger.projections import PROJECTORS, Projector, in_shape, project
from ledger.store.read import Selection, decoded, read_chunks
from ledger.store.tutorial_shape import recorded_tables
from ledger.tables import column_names

_SCRATCH = "pg_temp"


@contextmanager
def rebuilt(
    connection: Connection,
    until: int,
    projectors: Sequence[Projector] = PROJECTORS,
    catalogue: Catalogue = CATALOGUE,
) -> Iterator[Connection]:
    """A connection on which the projectors' tables hold their rows as of a position, for its
    lifetime.

    Statements on those tables see the rebuilt ones; textual SQL names them ``pg_temp.<table>``.
    """
    reader = driver(connection)
    projectors = in_shape(projectors, recorded_tables(reader, until, catalogue))
    tables = tables_of(projectors)
    for projector in projectors:
        for table in projector.tables:
            connection.execute(text(_creation(connection, table, declared=projector.shared)))
    for table in tables:
        [primary] = table.primary_key.columns
        connection.execute(
            text(f"ALTER TABLE pg_temp.{table.name} ADD PRIMARY KEY ({primary.name})")
        )
    scratch = connection.execution_options(
        schema_translate_map={table.schema: _SCRATCH for table in tables}
    )
    handled = {kind.__name__ for projector in projectors for kind in projector.handles}
    for events in read_chunks(reader, Selection(until=until)):
        wanted = [event for event in events if event.type in handled]
        project(scratch, decoded(reader, wanted, catalogue), projectors)
    try:
        yield scratch
    finally:
        connection.execution_options(schema_translate_map={})


def _creation(connection: Connection, table: Table, *, declared: bool) -> str:
    """The statement that creates the scratch table. Its column types are those in the database or,
    for a ``declared`` shape (possibly a past one) and missing columns, the declared ones."""
    temporary = f"CREATE TEMPORARY TABLE {table.name}"
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # its stubs lack this
    types = {str(column.name): column.type.compile(dialect) for column in table.columns}
    there = set() if declared else existing_columns(connection, table)
    if not there:
        typed = ", ".join(f"{name} {kind}" for name, kind in types.items())
        return f"{temporary} ({typed}) ON COMMIT DROP"
    columns = ", ".join(
        name if name in there else f"NULL::{kind} AS {name}" for name, kind in types.items()
    )
    return f"{temporary} ON COMMIT DROP AS SELECT {columns} FROM {table.fullname} WITH NO DATA"


def existing_columns(connection: Connection, table: Table) -> set[str]:
    """The columns that a table has in the database; none where there is no such table."""
    found = connection.execute(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:table)"
            " AND attnum > 0 AND NOT attisdropped"
        ),
        {"table": table.fullname},
    )
    return set(found.scalars())


def state_at(
    database: Database, table: Table, until: int, *, projectors: Sequence[Projector] = PROJECTORS
) -> list[dict[str, Any]]:
    """The rows of a projected table as of a position."""
    owners = [projector for projector in projectors if table in projector.tables]
    with database.snapshot() as connection, rebuilt(connection, until, owners) as scratch:
        [primary] = table.primary_key.columns
        rows = scratch.execute(table.select().order_by(primary))
        return [dict(zip(column_names(table), row, strict=True)) for row in rows]


def tables_of(projectors: Sequence[Projector]) -> list[Table]:
    """The tables the projectors write, referenced tables first."""
    return [table for projector in projectors for table in projector.tables]
