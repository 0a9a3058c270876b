"""The verdicts of validation: events to create, events to skip, events refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from importer.reference.product_choice import NoProduct
from importer.validation.changes import CellChange
from importer.validation.planned_event import PlannedEvent
from importer.workbook.problems import CellError, CellNote


class SkipReason(Enum):
    """The reason why an event of the workbook is not created."""

    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"
    LEFT_OUT = "left out"


@frozen
class ProductError(CellError):
    """An event without a product, or with several: a person has to choose one."""

    no_product: NoProduct = field(kw_only=True, eq=False)


@frozen
class Accepted:
    """An event to create, and what a person is to be shown about it.

    ``names`` are those of locations, venues and instructors, by Administrate id.
    """

    event: PlannedEvent
    names: Mapping[str, str] = field(repr=False)
    notes: tuple[CellNote, ...] = ()


@frozen
class Skipped:
    """An event, or a session of one, left out on purpose: the reason, and its duplicate's place or
    the import that left the same rows out.

    ``changes`` are the cells that differ from the duplicate's. Where that was imported before, it
    is the tutorial event ``record``, and ``event`` is what the rows say now.
    """

    rows: tuple[int, ...]
    title: str
    event_key: str
    reason: SkipReason
    twin: str | None = None
    notes: tuple[CellNote, ...] = ()
    changes: tuple[CellChange, ...] = ()
    record: str = ""
    event: PlannedEvent | None = None

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
    changes: tuple[CellChange, ...] = ()

    @property
    def errors(self) -> tuple[CellError, ...]:
        """The errors of all rows, in the order of the rows."""
        return tuple(error for row in self.rows for error in row.errors)


Verdict = Accepted | Skipped | Refused
