"""A planned event: what validation returns, the ledger stores and both systems get.

It holds keys and values alone, and names no person except in details marked personal.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any

from attrs import field, frozen

from importer.reference.values import Linked
from importer.workbook.column import Places
from importer.workbook.template import EVENT_VALUES, SESSION_VALUES
from ledger.events import record_name
from ledger.values import Fields


class Mode(Enum):
    """The delivery of an event; the value is Administrate's."""

    BLENDED = "blended"
    LMS = "lms"


@frozen
class Span:
    """A period: start and end, as local times and as UTC."""

    start: datetime
    end: datetime
    starts_at: datetime
    ends_at: datetime


@frozen(kw_only=True)
class PlannedSession:
    """A session to create; ``custom_fields`` are values by the definition's key."""

    row: int
    day: int
    title: str
    span: Span
    zone: str
    location: Linked
    venue: Linked | None
    instructors: tuple[Linked, ...]
    url: str | None
    custom_fields: dict[str, str]


@frozen(kw_only=True)
class PlannedEvent:
    """An event to create with its sessions, by day (none for an LMS event).

    ``event_key`` names it in a receipt. ``approve`` are the Administrate ids of instructors to
    approve for its course template first; ``product_steps`` say how its product was found;
    ``details`` are columns that only some tutorial tables have. Its ``code``, until the plan gives
    it a free one, is its title.
    """

    row: int
    event_key: str
    mode: Mode
    title: str
    code: str
    template: Linked
    template_code: str
    location: Linked
    place: str
    venue: Linked | None
    zone: str
    lms: Span
    max_places: int | None
    min_places: int | None
    sold_out: bool
    instructors: tuple[Linked, ...]
    approve: tuple[str, ...]
    administrators: tuple[str, ...]
    url: str | None
    finalisation_date: date | None
    registration_deadline: date | None
    web_sale: bool
    sitting: str
    ocr_moodle_code: str | None
    product_id: int
    tax_type: str
    custom_fields: dict[str, str]
    sessions: tuple[PlannedSession, ...]
    product_code: str = ""
    product_title: str = ""
    product_steps: tuple[str, ...] = ()
    details: dict[str, Any] = field(factory=dict)

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows of the event in the sheet, its own first."""
        return (self.row, *(one.row for one in self.sessions if one.row != self.row))

    @property
    def sold_as(self) -> str:
        """Its product, by code and name; in a plan of an earlier version, by its key."""
        if not self.product_code:
            return f"product {self.product_id}"
        return f"{self.product_code} ({self.product_title})"

    @property
    def people(self) -> tuple[str, ...]:
        taught = (one for session in self.sessions for one in session.instructors)
        teaching = dict.fromkeys((*self.instructors, *taught))
        return tuple(record_name("adm.instructors", one.external_id) for one in teaching)

    @property
    def calls(self) -> int:
        """The minimum number of calls to create it in Administrate: one more, or two, for each day
        that its course template's schedule lacks."""
        staff = len(self.administrators) + sum(len(one.instructors) for one in self.sessions)
        return 1 + len(self.sessions) + staff + self.sold_out


def placed(planned: PlannedEvent | PlannedSession, place: Callable[[Places], str]) -> Fields:
    """The values of plain columns, by the name of their place in one of the systems."""
    columns = EVENT_VALUES if isinstance(planned, PlannedEvent) else SESSION_VALUES
    return {
        name: getattr(planned, column.to.planned)
        for column in columns
        if (name := place(column.to))
    }
