"""Records the plan in the ledger: every row with its outcome, every event with all its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Connection

from importer.planning.event_in_progress import (
    EventInProgress,
    EventKeys,
    SessionKeys,
    as_fields,
    event_keys,
    planned_event,
)
from importer.planning.plan import ImportPlan
from importer.reference.values import Instructor, RecordKind, Reference
from importer.validation.names import NameIndex
from importer.validation.planned_event import PlannedEvent
from importer.workbook.archive import WorkbookFile
from importer.workbook.column import CellKind
from importer.workbook.grouping import fingerprint
from importer.workbook.names import names_in
from importer.workbook.problems import CellError
from importer.workbook.row import SheetRow
from importer.workbook.sheet import Sheet
from importer.workbook.template import COLUMNS, SHEET
from ledger.database.connection import driver
from ledger.errors import AdmsyncError, UsageRefused
from ledger.events import (
    CellRefused,
    Event,
    EventLeftOut,
    EventPlanned,
    ImportPlanned,
    RowAccepted,
    RowRefused,
    RowSkipped,
    WorkbookRead,
    record_name,
)
from ledger.runs.run import Run
from ledger.schema import acted, adm
from ledger.store.append import lock
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.tables.keys import next_keys
from ledger.values import Personal, Value

# The columns in which people are named, and the free text in which they may be.
_NAMING = {column.header for column in COLUMNS if column.kind is CellKind.NAMES}
_PERSONAL = _NAMING | {column.header for column in COLUMNS if column.personal}


def workbook_read(file: WorkbookFile, sheet: Sheet) -> WorkbookRead:
    """The event of the workbook; appended with the whole file as its blob."""
    return WorkbookRead(digest=file.digest, name=file.name, sheet=sheet.title, rows=len(sheet.rows))


_ROWS = (RowAccepted, RowRefused, RowSkipped)


def record_plan(
    run: Run, plan: ImportPlan, sheet: Sheet, reference: Reference, *, read: int, seen: int
) -> None:
    """Records every row's outcome and every planned event, all or nothing; this accepts the
    plan, and reserves the events' codes.

    ``read`` is the position of the workbook's event. Raises ``AdmsyncError`` where another import
    was planned after the position ``seen``.
    """
    with run.ledger.database.transaction() as connection:
        keys = list(_keys_for(connection, plan.events))
    numbered = {row.number: row for row in sheet.rows}
    rows = _Rows(
        numbered, NameIndex.of(RecordKind.INSTRUCTOR, reference.instructors, lambda one: one.name)
    )
    events = [
        *rows.accepted(plan, keys),
        *rows.refused(plan),
        *rows.skipped(plan),
        *(
            EventPlanned(
                tutorial_id=own.tutorial,
                plan=as_fields(event),
                keys=as_fields(own),
                people=event.people,
            )
            for event, own in zip(plan.events, keys, strict=True)
        ),
    ]
    skipped = sum(len(one.rows) for one in plan.skipped)
    planned = ImportPlanned(
        events=len(plan.events),
        accepted=sum(len(one.rows) for one in plan.events),
        refused=plan.refused_rows,
        skipped=skipped,
    )
    run.append(*events, planned, cause=read, beside=partial(_lock_plans, run.run_id, seen))


def _lock_plans(run_id: UUID, seen: int, connection: Connection) -> None:
    """Keeps other imports from being planned until the transaction ends."""
    lock(driver(connection))
    since = driver(connection).execute(
        "SELECT FROM ledger.events WHERE position > %s AND type = %s AND run_id <> %s LIMIT 1",
        (seen, ImportPlanned.__name__, run_id),
    )
    if since.rowcount:
        raise AdmsyncError("another import was begun meanwhile; import the file again")


@frozen
class RecordedPlan:
    """A run's recorded plan: the workbook's event, the planned events, the rows.

    ``left_out`` are the events of those that are not to be made, by tutorial event.
    """

    read: WorkbookRead | None = None
    position: int = 0
    events_in_progress: tuple[EventInProgress, ...] = ()
    rows: tuple[RowAccepted | RowRefused | RowSkipped, ...] = ()
    planned: ImportPlanned | None = None
    left_out: Mapping[int, EventLeftOut] = field(factory=dict)

    @property
    def to_make(self) -> tuple[EventInProgress, ...]:
        """The planned events without those left out."""
        return tuple(e for e in self.events_in_progress if e.keys.tutorial not in self.left_out)

    def to_leave_out(self, names: Iterable[str]) -> tuple[EventInProgress, ...]:
        """The events of these names, each the only one of its name to make, without those left out
        before: so that a command that was stopped is repeated. Raises ``UsageRefused``."""
        found = {one.keys.tutorial: one for name in names for one in self._named(name)}
        return tuple(found.values())

    def _named(self, name: str) -> Sequence[EventInProgress]:
        called = [one for one in self.events_in_progress if one.is_called(name)]
        found = [one for one in self.to_make if one in called]
        if len(found) == 1 or (called and not found):
            return found
        if not found:
            raise UsageRefused(f"the import has no event {name!r} to make")
        listed = ", ".join(f"{one.record} (row {one.plan.row})" for one in found)
        raise UsageRefused(f"the import has several events {name!r}: name one of {listed}")

    @property
    def sheet(self) -> str:
        return self.read.sheet if self.read is not None else SHEET


def recorded_plan(ledger: Ledger, run_id: UUID) -> RecordedPlan:
    """The run's recorded plan, after an interruption."""
    kinds = (WorkbookRead, *_ROWS, EventPlanned, ImportPlanned, EventLeftOut)
    selection = Selection(run_id=run_id, types=[kind.__name__ for kind in kinds])
    read: WorkbookRead | None = None
    planned: ImportPlanned | None = None
    position = 0
    events_in_progress: list[EventInProgress] = []
    rows: list[RowAccepted | RowRefused | RowSkipped] = []
    left_out: dict[int, EventLeftOut] = {}
    for recorded in ledger.read(selection):
        match recorded.event:
            case WorkbookRead() as workbook:
                read, position = workbook, recorded.position
            case EventPlanned() as one:
                plan, keys = planned_event(one.plan), event_keys(one.keys)
                events_in_progress.append(EventInProgress(plan, keys, recorded.position))
            case RowAccepted() | RowRefused() | RowSkipped() as row:
                rows.append(row)
            case ImportPlanned() as accepted:
                planned = accepted
            case EventLeftOut() as out:
                left_out.setdefault(out.tutorial_id, out)
    return RecordedPlan(read, position, tuple(events_in_progress), tuple(rows), planned, left_out)


def newest_plan(ledger: Ledger) -> int:
    """The position of the newest recorded plan of any import; 0 where there is none."""
    newest = ledger.read(Selection(types=[ImportPlanned.__name__]), backwards=True)
    return next((recorded.position for recorded in newest), 0)


def _keys_for(connection: Connection, events: tuple[PlannedEvent, ...]) -> Iterator[EventKeys]:
    """Primary keys for all rows to insert, from the tables' own sequences."""
    sessions = [session for event in events for session in event.sessions]
    places = sum(len(session.instructors) for session in sessions)
    tutorial_events = iter(next_keys(connection, acted.EVENTS, len(events)))
    bridge_events = iter(next_keys(connection, adm.EVENTS, len(events)))
    tutorial_sessions = iter(next_keys(connection, acted.SESSIONS, len(sessions)))
    bridge_sessions = iter(next_keys(connection, adm.SESSIONS, len(sessions)))
    instructors = iter(next_keys(connection, acted.SESSION_INSTRUCTORS, places))
    for event in events:
        own = tuple(
            SessionKeys(
                next(tutorial_sessions),
                next(bridge_sessions),
                tuple(next(instructors) for _ in session.instructors),
            )
            for session in event.sessions
        )
        yield EventKeys(next(tutorial_events), next(bridge_events), own)


@frozen
class _Rows:
    """Makes the events of rows, with people's names marked personal, so that they can be erased."""

    numbered: Mapping[int, SheetRow]
    instructors: NameIndex[Instructor]

    def accepted(self, plan: ImportPlan, keys: list[EventKeys]) -> Iterator[Event]:
        for event, own in zip(plan.events, keys, strict=True):
            made = _records_by_row(event, own)
            for row in event.rows:
                yield RowAccepted(**self._row_fields(row, event.event_key), made=tuple(made[row]))

    def refused(self, plan: ImportPlan) -> Iterator[Event]:
        for event in plan.refused:
            for one in event.rows:
                errors = tuple(_error(error) for error in one.errors)
                yield RowRefused(
                    **self._row_fields(one.row, one.event_key), errors=errors, note=one.note
                )

    def skipped(self, plan: ImportPlan) -> Iterator[Event]:
        for event in plan.skipped:
            for row in event.rows:
                yield RowSkipped(
                    **self._row_fields(row, event.event_key),
                    reason=event.reason.value,
                    twin=event.twin,
                    changed=event.changed_cells,
                )

    def _row_fields(self, number: int, event_key: str) -> dict[str, Any]:
        row = self.numbered[number]
        texts = sorted(row.texts.items())
        known = self.instructors.is_known
        named = (
            name for column, text in texts if column in _PERSONAL for name in names_in(text, known)
        )
        people = dict.fromkeys(one for name in named for one in self.instructors.called(name))
        return {
            "row": number,
            "fingerprint": fingerprint(row),
            "event_key": event_key,
            "cells": {column: _cell(column, text, known) for column, text in texts},
            "people": tuple(record_name("adm.instructors", one.external_id) for one in people),
        }


def _records_by_row(event: PlannedEvent, keys: EventKeys) -> dict[int, list[str]]:
    made: dict[int, list[str]] = {row: [] for row in event.rows}
    made[event.row].append(record_name("acted.tutorial_events", keys.tutorial))
    for session, own in zip(event.sessions, keys.sessions, strict=True):
        made[session.row].append(record_name("acted.tutorial_sessions", own.tutorial))
    return made


def _cell(column: str, text: str, is_known: Callable[[str], bool]) -> Value:
    if column in _NAMING:
        return [Personal(name) for name in names_in(text, is_known)]
    return Personal(text) if column in _PERSONAL else text


def _error(error: CellError) -> CellRefused:
    def marked(text: str | None) -> Value:
        return Personal(text) if text is not None and error.column in _PERSONAL else text

    return CellRefused(
        cell=error.cell,
        column=error.column,
        value=marked(error.value),
        problem=error.problem,
        expected=error.expected,
        nearest=marked(error.nearest),
    )


def cell_error(sheet: str, refused: CellRefused) -> CellError:
    """The error as it was reported; without the name of an erased person."""
    value, nearest = _shown(refused.value), _shown(refused.nearest)
    return CellError(
        sheet,
        refused.cell,
        refused.column,
        value or "",
        refused.problem,
        refused.expected,
        nearest,
    )


def _shown(value: Value) -> str | None:
    found = value.value if isinstance(value, Personal) else value
    return None if found is None else str(found)
