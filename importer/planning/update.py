"""What an edited workbook changes of events imported before, cell by cell.

Pure. Each cell is compared with what both systems hold and last agreed on; it is carried out where
neither has moved on since.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any

from attrs import define, field, frozen

from importer.validation.changes import CellChange
from importer.validation.planned_event import PlannedEvent, PlannedSession
from importer.validation.verdicts import Skipped
from importer.workbook.template import BY_KEY
from ledger.events.agreement import Pair
from ledger.output.words import shown
from ledger.values import Value
from sync.changes.plan import (
    EventChange,
    LinkedEvent,
    LinkedSession,
    fields_of,
)
from sync.changes.requests import why_not_sent
from sync.events.base import Base
from sync.events.fields import FIELDS, HeldField
from sync.events.kinds import Translation, Untranslatable

# The compared fields that a column of the workbook sets, of the event and of the row's session.
_OF_EVENT = {
    "lms_start_date": "lms_start",
    "lms_start_time": "lms_start",
    "lms_end_date": "lms_end",
    "lms_end_time": "lms_end",
    "location": "location",
    "max_places": "max_places",
    "min_places": "min_places",
    "web_sale": "web_sale",
    "event_url": "event_url",
    "finalisation": "finalisation_date",
    "sitting": "sitting",
    "ocr": "ocr_moodle_code",
    "deadline": "registration_deadline",
    "sold_out": "sold_out",
}
_OF_SESSION = {
    "classroom_start_date": "starts_at",
    "classroom_start_time": "starts_at",
    "classroom_end_date": "ends_at",
    "classroom_end_time": "ends_at",
    "location": "location",
    "venue": "venue",
    "session_title": "title",
    "session_url": "url",
}
_KEYS = {column.header: column.key for column in BY_KEY.values()}


class Outcome(Enum):
    """What becomes of a changed cell."""

    CARRY_OUT = "carried out"
    HELD = "both systems hold it already"
    CONFLICT = "conflict"
    NO_PLACE = "not carried out"


@frozen
class CellOutcome:
    """A changed cell, what becomes of it, and why."""

    change: CellChange
    outcome: Outcome
    why: str = ""

    def __str__(self) -> str:
        why = f": {self.why}" if self.why else ""
        return f"{self.change.in_words}: {self.outcome.value}{why}"


@frozen
class EventUpdate:
    """An event of the workbook that was imported before: its cells, and what is set for them."""

    title: str
    event: LinkedEvent
    cells: tuple[CellOutcome, ...]
    change: EventChange | None


@define
class _Record:
    """A record whose fields cells change: as both sides have it, what they agreed on, the columns
    of its tutorial row, and what is wanted."""

    linked: LinkedEvent | LinkedSession
    base: Base
    columns: Mapping[str, HeldField]
    wanted: dict[str, Value] = field(factory=dict)

    def outcome(self, name: str, value: Value, by: Translation) -> tuple[Outcome, str]:
        """What becomes of a cell that says so of a field, and why."""
        there, here = self.linked.values.get(name), self.linked.held.get(name)
        compared = name in self.linked.held
        if there == value and (not compared or self._meant(name, value, by) == here):
            return Outcome.HELD, ""
        base = self.base.pairs.get(name)
        if compared and base is None:
            return Outcome.CONFLICT, "the two systems never agreed on it"
        if base is not None and base != Pair(administrate=there, tutorial=here):
            now = f"Administrate holds {shown(there)}"
            return Outcome.CONFLICT, f"{now}, the tutorial row {shown(here)} by now"
        declared = next(one for one in FIELDS[self.linked.table] if one.name == name)
        if why := why_not_sent(declared, value):
            return Outcome.NO_PLACE, why
        return Outcome.CARRY_OUT, ""

    def _meant(self, name: str, value: Value, by: Translation) -> Value:
        held = self.columns[name]
        try:
            return held.field.kind.in_tutorial(value, by, day=held.day)
        except Untranslatable:
            return value


def plan_update(
    skipped: Skipped,
    event: LinkedEvent,
    bases: Mapping[str, Base],
    columns: Mapping[str, Mapping[str, HeldField]],
    by: Translation,
) -> EventUpdate:
    """What becomes of the changed cells of an event, whose ``skipped`` verdict has what its rows
    say now. ``bases`` are by record, ``columns`` by bridge table and field."""
    planned = skipped.event
    if planned is None or event.kept_back or event.state == "cancelled":
        why = event.kept_back or ("it is cancelled" if planned else "its rows have errors")
        cells = tuple(CellOutcome(one, Outcome.NO_PLACE, why) for one in skipped.changes)
        return EventUpdate(skipped.title, event, cells, None)
    own = _Record(event, bases[event.record], columns[event.table])
    sessions = {
        one.day: _Record(one, bases[one.record], columns[one.table])
        for one in event.linked_sessions
        if one.day is not None
    }
    cells = tuple(_cell(change, planned, own, sessions, by) for change in skipped.changes)
    records = [fields_of(one.linked, one.wanted) for one in (own, *sessions.values()) if one.wanted]
    change = EventChange(event, records) if records else None
    return EventUpdate(skipped.title, event, cells, change)


def _cell(
    change: CellChange,
    planned: PlannedEvent,
    own: _Record,
    sessions: Mapping[int, _Record],
    by: Translation,
) -> CellOutcome:
    key = _KEYS.get(change.column, "")
    asked: list[tuple[_Record, str, Value]] = []
    if change.row == planned.row and key in _OF_EVENT:
        asked.append((own, _OF_EVENT[key], _of_event(planned, _OF_EVENT[key])))
    session = next((one for one in planned.sessions if one.row == change.row), None)
    if session is not None and key in _OF_SESSION:
        if session.day not in sessions:
            why = "its session is not linked: admsync sync sessions"
            return CellOutcome(change, Outcome.NO_PLACE, why)
        asked.append(
            (sessions[session.day], _OF_SESSION[key], _of_session(session, _OF_SESSION[key]))
        )
    if not asked:
        return CellOutcome(change, Outcome.NO_PLACE, _WHY.get(key, "change it in both systems"))
    found = [
        (record, name, value, *record.outcome(name, value, by)) for record, name, value in asked
    ]
    # A cell that sets two records is carried out on both or on none.
    for _, _, _, outcome, why in found:
        if outcome in (Outcome.CONFLICT, Outcome.NO_PLACE):
            return CellOutcome(change, outcome, why)
    due = [(r, n, v) for r, n, v, outcome, _ in found if outcome is Outcome.CARRY_OUT]
    for record, name, value in due:
        record.wanted[name] = value
    return CellOutcome(change, Outcome.CARRY_OUT if due else Outcome.HELD)


_WHY = {
    "instructor": "staff it in Administrate; the next sync takes it over",
    "session_instructor": "staff it in Administrate; the next sync takes it over",
    "administrator": "staff it in Administrate",
    "": "rows added or removed are sessions to add or remove in both systems",
}


def _of_event(planned: PlannedEvent, name: str) -> Value:
    """What the workbook says of an event's field, as Administrate's are compared."""
    values: dict[str, Any] = {
        "lms_start": _instant(planned.lms.starts_at),
        "lms_end": _instant(planned.lms.ends_at),
        "location": planned.location.external_id,
        "max_places": planned.max_places,
        "min_places": planned.min_places,
        "web_sale": planned.web_sale,
        "event_url": planned.url,
        "finalisation_date": _day(planned.finalisation_date),
        "sitting": planned.sitting,
        "ocr_moodle_code": planned.ocr_moodle_code,
        "registration_deadline": _midnight(planned.registration_deadline),
        "sold_out": planned.sold_out,
    }
    return values[name]  # type: ignore[no-any-return]  # of any kind


def _of_session(planned: PlannedSession, name: str) -> Value:
    values: dict[str, Any] = {
        "starts_at": _instant(planned.span.starts_at),
        "ends_at": _instant(planned.span.ends_at),
        "location": planned.location.external_id,
        "venue": planned.venue.external_id if planned.venue else None,
        "title": planned.title,
        "url": planned.url,
    }
    return values[name]  # type: ignore[no-any-return]  # of any kind


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _midnight(day: date | None) -> str | None:
    return None if day is None else datetime.combine(day, time()).isoformat()
