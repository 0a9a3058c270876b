"""A record's row as of a position, from the events about it alone: nothing else is rebuilt."""

from __future__ import annotations

from typing import Any

import psycopg
from attrs import frozen

from ledger.errors import AdmsyncError
from ledger.events import TutorialEventCreated, TutorialSessionCreated
from ledger.events.recorded import Recorded
from ledger.history.find_record import names_of
from ledger.projections import BRIDGE, TUTORIALS, Projector, in_shape
from ledger.schema import adm
from ledger.schema.column_values import Row, field_value, stored
from ledger.store.entries import Unreadable
from ledger.store.read import Selection, read, read_recorded
from ledger.store.tutorial_shape import recorded_tables

_MAKING = [kind.__name__ for kind in (TutorialEventCreated, TutorialSessionCreated)]


@frozen
class RowAsOf:
    """The columns of a record's row; None where there was no row.

    ``known`` is whether the ledger has the row's past: of a tutorial row that the web application
    made, it has not.
    """

    columns: Row | None
    known: bool = True


def row_as_of(reader: psycopg.Connection[Any], record: str, until: int) -> RowAsOf:
    """The row of a record at a position. Raises ``AdmsyncError`` where events about it cannot be
    read, or do not fit each other."""
    if record.startswith("adm."):
        return RowAsOf(_with_days(record, _folded(reader, record, until, BRIDGE)))
    made = Selection(stream=record, types=_MAKING)
    if not list(read(reader, made, limit=1)):
        return RowAsOf(None, known=False)
    [projector] = in_shape([TUTORIALS], recorded_tables(reader, until))
    return RowAsOf(_folded(reader, record, until, projector))


def _with_days(record: str, row: Row | None) -> Row | None:
    """The row with days where a bridge row has their midnights."""
    table = adm.BY_NAME[record.partition("/")[0]]
    return row and {
        name: field_value(table, name, value) if name in table.days else value
        for name, value in row.items()
    }


def _folded(
    reader: psycopg.Connection[Any], record: str, until: int, projector: Projector
) -> Row | None:
    names = names_of(reader, record)
    types = [kind.__name__ for kind in projector.handles]
    selection = Selection(subjects=names, types=types, until=until)
    table = record.partition("/")[0]
    row: Row | None = None
    row_id: object = None
    for recorded in read_recorded(reader, selection, tolerant=True):
        if isinstance(recorded.event, Unreadable):
            raise AdmsyncError(
                f"the event at position {recorded.position} cannot be read; admsync verify says why"
            )
        if recorded.event.record() in names:
            row_id = getattr(recorded.event, "row_id", row_id)
        row = _after(recorded, projector, table, row_id, row)
    return row


def _after(
    recorded: Recorded, projector: Projector, table: str, row_id: object, row: Row | None
) -> Row | None:
    """The row of that primary key after an event."""
    try:
        for step in projector.handles[type(recorded.event)](recorded):
            if step.table.fullname == table and step.key == row_id:
                row = stored(step.change(row))
    except (KeyError, ValueError, TypeError) as problem:
        raise AdmsyncError(
            f"the event at position {recorded.position} does not fit what came before: {problem}"
        ) from problem
    return row
