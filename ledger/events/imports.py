"""Imports: a workbook, the outcome of each of its rows, and the planned events."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import BLOB, PERSONAL, Event, record_name
from ledger.values import Fields, Value


@frozen(kw_only=True)
class WorkbookRead(Event):
    """A workbook's sheet was read; ``digest`` is the blob that holds the file, whole.

    Appended with its blob and the run's start, whose option of that name is no reference: in older
    ledgers, a run that ended early has no such event, and its workbook was never stored.
    """

    digest: str = field(metadata=BLOB)
    name: str
    sheet: str
    rows: int


@frozen(kw_only=True)
class RowEvent(Event):
    """The outcome of one row of the workbook.

    ``cells`` is the row as typed, by column; names of people are personal, one each. ``people`` are
    the records of the people it names, ``fingerprint`` is independent of the row's place.
    """

    row: int
    fingerprint: str
    event_key: str
    cells: Fields = field(metadata=PERSONAL)
    people: tuple[str, ...]

    def others(self) -> tuple[str, ...]:
        return self.people


@frozen(kw_only=True)
class RowAccepted(RowEvent):
    """The row is to be imported; ``made`` are its planned tutorial records."""

    made: tuple[str, ...]

    def others(self) -> tuple[str, ...]:
        return (*self.made, *self.people)


@frozen(kw_only=True)
class CellRefused:
    """One error of one cell; its content, and the nearest value, may name a person."""

    cell: str
    column: str
    value: Value
    problem: str
    expected: str
    nearest: Value


@frozen(kw_only=True)
class RowRefused(RowEvent):
    """The row cannot be imported: its own errors, or a note that another row's set it aside."""

    errors: tuple[CellRefused, ...] = field(metadata=PERSONAL)
    note: str


@frozen(kw_only=True)
class RowSkipped(RowEvent):
    """The row is left out on purpose: it is *cancelled*, a *duplicate* of its twin, or was *left
    out* of an earlier import, which ``twin`` names.

    ``changed`` names the cells of its event that differ from the twin's.
    """

    reason: str
    twin: str | None
    changed: tuple[str, ...] = ()


@frozen(kw_only=True)
class EventPlanned(Event):
    """A planned tutorial event for both systems: all values to write, and the primary keys of its
    rows.

    The rest of the import follows from this alone, whatever changes meanwhile.
    """

    tutorial_id: int
    plan: Fields = field(metadata=PERSONAL)
    keys: Fields
    people: tuple[str, ...]

    def record(self) -> str:
        return record_name("acted.tutorial_events", self.tutorial_id)

    def others(self) -> tuple[str, ...]:
        return self.people


@frozen(kw_only=True)
class ImportPlanned(Event):
    """Every row of the workbook is validated; the accepted ones are this run's plan."""

    events: int
    accepted: int
    refused: int
    skipped: int


@frozen(kw_only=True)
class EventLeftOut(Event):
    """A planned tutorial event is not to be made, for a person's reason.

    What Administrate has of it already stays, in both systems. ``gone`` is the id under which it
    had the event, where it has it no more.
    """

    tutorial_id: int
    reason: str
    gone: str | None = None

    def record(self) -> str:
        return record_name("acted.tutorial_events", self.tutorial_id)
