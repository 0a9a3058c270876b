"""The verdicts of validation: events to create, events to skip, events refused."""

from __future__ import annotations

from datetime import date
from enum import Enum

from attrs import field, frozen

from importer.reference.values import (
    Administrator,
    CourseTemplate,
    Instructor,
    Location,
    Product,
    Venue,
)
from importer.validation.custom_fields import FieldValue
from importer.validation.edited import Change
from importer.validation.times import Window
from importer.workbook.problems import CellError, CellNote
from ledger.values import Fields


class Mode(Enum):
    """How an event is delivered; the value is Administrate's."""

    BLENDED = "blended"
    LMS = "lms"


class SkipReason(Enum):
    """The reason why an event of the workbook is not created."""

    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"


@frozen
class AcceptedSession:
    """A session to create: its row and all its values for both systems."""

    row: int
    title: str
    day: int
    window: Window
    location: Location
    venue: Venue | None
    instructors: tuple[Instructor, ...]
    url: str | None
    custom_fields: tuple[FieldValue, ...]


@frozen
class AcceptedEvent:
    """An event to create, with its sessions by day (none for an LMS event).

    ``event_key`` names the event in a receipt; ``to_approve`` are the instructors, its sessions'
    included, not yet approved in Administrate for the course template; ``product_steps`` say how
    its product was found; ``details`` are columns that only some tutorial tables have.
    """

    row: int
    event_key: str
    mode: Mode
    title: str
    template: CourseTemplate
    location: Location
    venue: Venue | None
    zone: str
    lms: Window
    max_places: int | None
    min_places: int | None
    sold_out: bool
    instructors: tuple[Instructor, ...]
    to_approve: tuple[Instructor, ...]
    administrators: tuple[Administrator, ...]
    url: str | None
    finalisation_date: date | None
    registration_deadline: date | None
    web_sale: bool
    sitting: str
    ocr_moodle_code: str | None
    product: Product
    custom_fields: tuple[FieldValue, ...]
    sessions: tuple[AcceptedSession, ...]
    product_steps: tuple[str, ...] = ()
    details: Fields = field(factory=dict, hash=False)
    notes: tuple[CellNote, ...] = ()

    @property
    def start_date(self) -> date:
        """The tutorial event's first day, part of its duplicate key."""
        return self.lms.start.local.date()

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows of the event in the sheet, its own first."""
        return (self.row, *(one.row for one in self.sessions if one.row != self.row))


@frozen
class Skipped:
    """An event, or a session of one, left out on purpose: the reason, and its duplicate's place.

    ``changes`` are the cells that differ from the duplicate's.
    """

    rows: tuple[int, ...]
    title: str
    event_key: str
    reason: SkipReason
    twin: str | None = None
    notes: tuple[CellNote, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def changed_cells(self) -> tuple[str, ...]:
        """The addresses of the changes, without the texts."""
        return tuple(f"{one.cell} {one.column}" for one in self.changes)


@frozen
class RefusedRow:
    """One row of a refused event: its own errors, or a reference to the row with errors."""

    row: int
    errors: tuple[CellError, ...]
    note: str = ""
    event_key: str = ""


@frozen
class Refused:
    """A refused event: all its rows and all their errors."""

    title: str
    rows: tuple[RefusedRow, ...]
    notes: tuple[CellNote, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def errors(self) -> tuple[CellError, ...]:
        """The errors of all rows, in the order of the rows."""
        return tuple(error for row in self.rows for error in row.errors)


Verdict = AcceptedEvent | Skipped | Refused
