"""A planned event with the keys of its rows, as the ledger stores both until it is created."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import cattrs
from attrs import field, frozen

from importer.validation.planned_event import PlannedEvent
from importer.workbook.template import fold
from ledger.events import record_name
from ledger.values import Fields, Personal


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

    @property
    def records(self) -> list[str]:
        """The names of the tutorial event and its sessions in the ledger."""
        sessions = (own.tutorial for own in self.keys.sessions)
        return [self.record, *(record_name("acted.tutorial_sessions", one) for one in sessions)]

    def is_called(self, name: str) -> bool:
        """Whether a person may mean the event by that: its title, code, record or its key."""
        return fold(name) in map(
            fold, (self.plan.title, self.plan.code, self.record, str(self.keys.tutorial))
        )


def as_fields(value: PlannedEvent | EventKeys) -> Fields:
    """The value as stored in a ledger event."""
    fields: Fields = _CONVERTER.unstructure(value)
    return fields


def planned_event(fields: Fields) -> PlannedEvent:
    return _CONVERTER.structure(fields, PlannedEvent)


def event_keys(fields: Fields) -> EventKeys:
    return _CONVERTER.structure(fields, EventKeys)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()

    def unchanged(value: Any, _kind: object) -> Any:
        return value

    # The ledger stores dates and times natively.
    for kind in (date, datetime):
        converter.register_structure_hook(kind, unchanged)
    converter.register_unstructure_hook(Personal, lambda value: value)
    return converter


_CONVERTER = _converter()
