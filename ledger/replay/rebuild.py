"""Rebuilds the projected tables as of a position, from the ledger alone.

They are temporary tables of a connection, invisible to others and dropped with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from ledger.database.connection import Database
from ledger.errors import AdmsyncError
from ledger.events import CATALOGUE, Catalogue
from ledger.events.recorded import Recorded
from ledger.projections import PROJECTORS, ProjectionError, Projector, in_shape, project
from ledger.replay.place import Place, place_to_rebuild
from ledger.schema.declared import Table
from ledger.store.entries import Unreadable
from ledger.store.read import Selection, decoded, read_chunks
from ledger.store.tutorial_shape import recorded_tables

# What an event raises whose values are of no use to a projector or a column.
_MISFITS = (
    *(ProjectionError, psycopg.DataError, psycopg.IntegrityError),
    *(LookupError, ValueError, TypeError, AttributeError),
)
# How many positions a message names.
_NAMED = 20


class NotRebuilt(AdmsyncError):
    """The tables cannot be rebuilt from the ledger; the message names the events' positions."""


def rebuild(
    place: Place,
    until: int,
    projectors: Sequence[Projector] = PROJECTORS,
    catalogue: Catalogue = CATALOGUE,
) -> None:
    """Makes ``pg_temp.<table>`` of each of the projectors' tables, with its rows as of a position,
    until the transaction ends.

    Raises ``NotRebuilt`` where events that change rows cannot be read, or one does not fit.
    """
    projectors = in_shape(projectors, recorded_tables(place.ledger, until, catalogue))
    tables = tables_of(projectors)
    for projector in projectors:
        for table in projector.tables:
            place.copy(table)
            place.tables.execute(_creation(place, table, declared=projector.shared))
    for table in tables:
        place.tables.execute(f"ALTER TABLE pg_temp.{table.name} ADD PRIMARY KEY ({table.key})")
    handled = {kind.__name__ for projector in projectors for kind in projector.handles}
    unreadable: list[int] = []
    for events in read_chunks(place.ledger, Selection(until=until)):
        wanted = [event for event in events if event.type in handled]
        recorded = decoded(place.ledger, wanted, catalogue, tolerant=True)
        unreadable += [one.position for one in recorded if isinstance(one.event, Unreadable)]
        if not unreadable:
            _apply(place.tables, recorded, projectors)
    if unreadable:
        raise NotRebuilt(_unreadable_at(unreadable))


def _apply(
    tables: psycopg.Connection[Any], events: Sequence[Recorded], projectors: Sequence[Projector]
) -> None:
    """Applies the events or, where one does not fit, halves of them until it is found."""
    try:
        with tables.transaction():
            project(tables, events, projectors, "pg_temp")
    except _MISFITS as problem:
        if len(events) > 1:
            middle = len(events) // 2
            _apply(tables, events[:middle], projectors)
            _apply(tables, events[middle:], projectors)
            return
        told = str(problem) if isinstance(problem, AdmsyncError) else type(problem).__name__
        raise NotRebuilt(
            f"the tables cannot be rebuilt: the event at position {events[0].position} does not"
            f" fit what came before it: {told}"
        ) from problem


def _unreadable_at(positions: Sequence[int]) -> str:
    listed = ", ".join(map(str, positions[:_NAMED]))
    more = f" and {len(positions) - _NAMED} more" if len(positions) > _NAMED else ""
    one = len(positions) == 1
    events = f"the event at position {listed}" if one else f"the events at positions {listed}{more}"
    return f"the tables cannot be rebuilt: {events} cannot be read; admsync verify says why"


def _creation(place: Place, table: Table, *, declared: bool) -> str:
    """The statement that creates the scratch table. Its column types are those in the database or,
    for a ``declared`` shape (possibly a past one) and missing columns, the declared ones."""
    temporary = f"CREATE TEMPORARY TABLE {table.name}"
    there = set() if declared else existing_columns(place, table)
    if not there:
        typed = ", ".join(f"{one.name} {one.kind}" for one in table.columns)
        return f"{temporary} ({typed}) ON COMMIT DROP"
    columns = ", ".join(
        one.name if one.name in there else f"NULL::{one.kind} AS {one.name}"
        for one in table.columns
    )
    return (
        f"{temporary} ON COMMIT DROP AS SELECT {columns} FROM {place.current(table)} WITH NO DATA"
    )


def existing_columns(place: Place, table: Table) -> set[str]:
    """The columns that a current table has; none where there is no such table."""
    found = place.tables.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s)"
        " AND attnum > 0 AND NOT attisdropped",
        (place.current(table),),
    )
    return {name for (name,) in found.fetchall()}


def state_at(
    database: Database, table: Table, until: int, *, projectors: Sequence[Projector] = PROJECTORS
) -> list[dict[str, Any]]:
    """The rows of a projected table as of a position."""
    owners = [projector for projector in projectors if table in projector.tables]
    with place_to_rebuild(database) as place:
        rebuild(place, until, owners)
        rows = place.tables.execute(
            f"SELECT {table.selected} FROM pg_temp.{table.name} ORDER BY {table.key}"
        )
        return [dict(zip(table.names, row, strict=True)) for row in rows.fetchall()]


def tables_of(projectors: Sequence[Projector]) -> list[Table]:
    """The tables the projectors write, referenced tables first."""
    return [table for projector in projectors for table in projector.tables]
