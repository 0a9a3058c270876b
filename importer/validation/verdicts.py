"""What validation makes of a workbook: events to create, events to skip, events refused."""

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
    """Why an event of the workbook is not created."""

    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"


@frozen
class AcceptedSession:
    """A session to create: its place in the sheet and everything both systems need of it."""

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
    included, whom Administrate has not approved for the course template; ``product_steps`` say how
    its product was found; ``details`` what only the tutorial tables may have a place for.
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
        """The tutorial event's first day, by which duplicates are known."""
        return self.lms.start.local.date()

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows of the sheet the event was made from, its own first."""
        return (self.row, *(one.row for one in self.sessions if one.row != self.row))


@frozen
class Skipped:
    """An event, or a session of one, left out on purpose: why, and where its twin is.

    ``changes`` are the cells that say something else than those which the twin was made from.
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
        """Where the changes are, without what the cells say."""
        return tuple(f"{one.cell} {one.column}" for one in self.changes)


@frozen
class RefusedRow:
    """One row of a refused event: its own errors, or a note that another row's set it aside."""

    row: int
    errors: tuple[CellError, ...]
    note: str = ""
    event_key: str = ""


@frozen
class Refused:
    """An event that cannot be created, whole: every row of it and every error of every row."""

    title: str
    rows: tuple[RefusedRow, ...]
    notes: tuple[CellNote, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def errors(self) -> tuple[CellError, ...]:
        """The errors of all rows, in the order of the rows."""
        return tuple(error for row in self.rows for error in row.errors)


Verdict = AcceptedEvent | Skipped | Refused
