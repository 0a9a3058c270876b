"""A planned event: ids and values alone, stored in the ledger until it is created.

It names no person except in details marked personal; instructors and administrators are ids.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import cattrs
from attrs import field, frozen

from importer.validation.verdicts import Mode
from ledger.events import record_name
from ledger.values import Fields, Personal


@frozen
class Linked:
    """A record of both sides: its bridge row's key, Administrate's id, the tutorial row's key."""

    row_id: int
    external_id: str
    tutorial_id: int


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
    """An event to create with its sessions, by day. ``approve`` are the Administrate ids of
    instructors to approve for its course template first; ``product_steps`` say how its product was
    found; ``details`` are columns that only some tutorial tables have."""

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
    def sold_as(self) -> str:
        """Its product, by code and name; in a plan of an earlier version, by its key."""
        if not self.product_code:
            return f"product {self.product_id}"
        return f"{self.product_code} ({self.product_title})"

    @property
    def people(self) -> tuple[str, ...]:
        """The records of all its instructors."""
        taught = (one for session in self.sessions for one in session.instructors)
        teaching = dict.fromkeys((*self.instructors, *taught))
        return tuple(record_name("adm.instructors", one.external_id) for one in teaching)

    @property
    def calls(self) -> int:
        """The minimum number of calls to create it in Administrate: one more, or two, for each day
        that its course template's schedule lacks."""
        staff = len(self.administrators) + sum(len(one.instructors) for one in self.sessions)
        return 1 + len(self.sessions) + staff + self.sold_out


@frozen
class SessionKeys:
    """The primary keys for a session's rows; ``instructors`` in the order of the plan's."""

    tutorial: int
    bridge: int
    instructors: tuple[int, ...]


@frozen
class EventKeys:
    """The primary keys for an event's rows; ``sessions`` in the order of the plan's."""

    tutorial: int
    bridge: int
    sessions: tuple[SessionKeys, ...]


@frozen
class EventInProgress:
    """An event in progress: its plan, its keys, and the position of its EventPlanned."""

    plan: PlannedEvent
    keys: EventKeys
    position: int = field(eq=False)

    @property
    def record(self) -> str:
        """The tutorial event's name in the ledger."""
        return record_name("acted.tutorial_events", self.keys.tutorial)


def as_fields(value: PlannedEvent | EventKeys) -> Fields:
    """The value as stored in a ledger event."""
    fields: Fields = _CONVERTER.unstructure(value)
    return fields


def planned_event(fields: Fields) -> PlannedEvent:
    """The plan from its ``as_fields``."""
    return _CONVERTER.structure(fields, PlannedEvent)


def event_keys(fields: Fields) -> EventKeys:
    """The keys from their ``as_fields``."""
    return _CONVERTER.structure(fields, EventKeys)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()

    def kept(value: Any, _kind: object) -> Any:
        return value

    # The ledger stores dates and times natively.
    for kind in (date, datetime):
        converter.register_structure_hook(kind, kept)
    converter.register_unstructure_hook(Personal, lambda value: value)
    return converter


_CONVERTER = _converter()
