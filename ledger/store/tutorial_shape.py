"""The recorded shape of the web application's tutorial tables, and the record of its change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import psycopg
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import AdmsyncError
from ledger.events import (
    CATALOGUE,
    TUTORIAL_SHAPE,
    Catalogue,
    TutorialEventCreated,
    TutorialRecordCarriedOver,
    TutorialRecordRemoved,
    TutorialSessionCreated,
    TutorialShapeObserved,
)
from ledger.store.append import lock
from ledger.store.entries import Entry
from ledger.store.read import CHUNK, Selection, decoded, read, read_recorded
from ledger.tables.shapes.deployed import BY_NAME
from ledger.tables.shapes.observed import AS_MADE, ShapeUnknown, still_there, tables_in
from ledger.tables.shapes.shape import (
    TUTORIAL_EVENTS,
    TUTORIAL_SESSIONS,
    TutorialTables,
    tables_of,
)


def recorded_tables(
    reader: psycopg.Connection[Any], until: int | None = None, catalogue: Catalogue = CATALOGUE
) -> TutorialTables:
    """The tutorial tables as the ledger knew them at a position; now, where none is given."""
    of_shape = Selection(stream=TUTORIAL_SHAPE, until=until)
    last = list(read(reader, of_shape, backwards=True, limit=1))
    if not last:
        return AS_MADE
    [recorded] = decoded(reader, last, catalogue)
    event = recorded.event
    assert isinstance(event, TutorialShapeObserved)  # noqa: S101 - the stream has no others
    if event.shape not in BY_NAME:
        raise AdmsyncError(
            f"the ledger knows tutorial tables of the shape {event.shape!r}, which this version of"
            " admsync does not: if a later one recorded it, upgrade admsync; otherwise another"
            " program did"
        )
    return tables_of(BY_NAME[event.shape], event.columns)


def present_tables(
    reader: psycopg.Connection[Any], catalogue: Catalogue = CATALOGUE
) -> TutorialTables:
    """The tutorial tables as the ledger knows them now, without columns that are gone since."""
    return still_there(reader, recorded_tables(reader, catalogue=catalogue))


def take_up_shape(
    connection: Connection, append: Callable[[Sequence[Entry]], object]
) -> TutorialShapeObserved | None:
    """Records a change of the tutorial tables' shape, and the values that the web application's
    migrations put into the new columns of rows made here; ``None`` where there is no change.
    Tables of no known shape are left to the commands that write to them."""
    reader = driver(connection)
    if _change(reader) is None:
        return None
    lock(reader)
    # Once nobody else can append: another run may have recorded it.
    change = _change(reader)
    if change is None:
        return None
    known, found = change
    event = TutorialShapeObserved(
        shape=found.shape.name,
        former=known.shape.name,
        columns={table: dict(columns) for table, columns in found.present.items()},
    )
    append([Entry(event)])
    entries = _carried_over(reader, known, found)
    while batch := list(islice(entries, CHUNK)):
        append(batch)
    return event


def _change(reader: psycopg.Connection[Any]) -> tuple[TutorialTables, TutorialTables] | None:
    try:
        found = tables_in(reader)
    except ShapeUnknown:
        return None
    known = recorded_tables(reader)
    return None if found.same_as(known) else (known, found)


def _carried_over(
    reader: psycopg.Connection[Any], known: TutorialTables, found: TutorialTables
) -> Iterator[Entry]:
    made = _made(reader)
    for name in (TUTORIAL_EVENTS, TUTORIAL_SESSIONS):
        new = found.new_columns(name, since=known)
        if not new:
            continue
        ids = iter(sorted(made[name]))
        while some := list(islice(ids, CHUNK)):
            for row_id, *values in _rows(reader, name, new, some):
                fields = dict(zip(new, values, strict=True))
                yield Entry(TutorialRecordCarriedOver(table=name, row_id=row_id, fields=fields))


def _made(reader: psycopg.Connection[Any]) -> dict[str, set[int]]:
    """The tutorial rows made here and not removed again, by table."""
    made: dict[str, set[int]] = {TUTORIAL_EVENTS: set(), TUTORIAL_SESSIONS: set()}
    kinds = (TutorialEventCreated, TutorialSessionCreated, TutorialRecordRemoved)
    for recorded in read_recorded(reader, Selection(types=[kind.__name__ for kind in kinds])):
        match recorded.event:
            case TutorialEventCreated(row_id=row_id):
                made[TUTORIAL_EVENTS].add(row_id)
            case TutorialSessionCreated(row_id=row_id):
                made[TUTORIAL_SESSIONS].add(row_id)
            case TutorialRecordRemoved(table=table, row_id=row_id):
                made[table].discard(row_id)
    return made


def _rows(
    reader: psycopg.Connection[Any], table: str, names: Sequence[str], ids: Sequence[int]
) -> Sequence[Any]:
    return reader.execute(
        f"SELECT id, {', '.join(names)} FROM {table} WHERE id = ANY(%s) ORDER BY id", (ids,)
    ).fetchall()
