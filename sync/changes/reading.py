"""Linked events as both systems have them now: what a change is planned from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from attrs import evolve, frozen

from ledger.database.connection import Database
from ledger.events import tutorial_key
from ledger.schema import adm
from ledger.store.tutorial_shape import present_tables
from ledger.tables.shapes.shape import TUTORIAL_EVENTS, TUTORIAL_SESSIONS, TutorialTables
from ledger.values import Value
from sync.administrate.client import Administrate
from sync.administrate.reads.listings import Record, nodes
from sync.administrate.reads.lookups import events_by_id
from sync.changes.plan import STATE, LinkedEvent, LinkedSession
from sync.changes.requests import Labels
from sync.events.fields import TUTORIAL_TABLES, administrate_values, held_fields
from sync.events.labels import TYPES, read_labels
from sync.events.tutorial_rows import TutorialRow, read_tutorial_rows

EVENTS, SESSIONS = adm.EVENTS.fullname, adm.SESSIONS.fullname
_SESSIONS = (
    "SELECT id, external_id, tutorial_session_id, day_number, event_id FROM adm.sessions"
    " WHERE event_id = ANY(%s) AND external_id IS NOT NULL ORDER BY day_number, id"
)


def read_as_they_are(
    database: Database, client: Administrate, events: Sequence[LinkedEvent]
) -> list[LinkedEvent]:
    """The same events as both systems have them, their sessions too; a call a hundred events."""
    records = {str(one["id"]): one for one in events_by_id(client, [one.key for one in events])}
    with database.driver_transaction() as connection:
        reading = _Reading.of(connection, [one.row_id for one in events])
        tutorial = [tutorial_key(one.tutorial) for one in events]
        reading.read_rows(TUTORIAL_EVENTS, tutorial)
        linked = [
            of for rows in reading.sessions.values() for _, _, of, _ in rows if of is not None
        ]
        reading.read_rows(TUTORIAL_SESSIONS, linked)
    return [reading.event(one, records.get(one.key)) for one in events]


def values_there(events: Iterable[LinkedEvent]) -> Mapping[str, Mapping[str, Value]]:
    """What Administrate holds of events and of their sessions, by record."""
    found: dict[str, Mapping[str, Value]] = {}
    for event in events:
        if event.values:
            records: list[LinkedEvent | LinkedSession] = [event, *event.sessions]
            found |= {one.record: {**one.values, STATE: one.state} for one in records}
    return found


@frozen
class _Reading:
    """What is read of events once, for all of them."""

    connection: psycopg.Connection[Any]
    tables: TutorialTables
    labels: Labels
    # By the event's row: each session's key, primary key, tutorial session and day.
    sessions: Mapping[int, list[tuple[str, int, int | None, int | None]]]
    rows: dict[str, Mapping[int, TutorialRow]]

    @classmethod
    def of(cls, connection: psycopg.Connection[Any], events: Iterable[int]) -> _Reading:
        sessions: dict[int, list[tuple[str, int, int | None, int | None]]] = defaultdict(list)
        for row_id, key, tutorial, day, event in connection.execute(
            _SESSIONS, (list(events),)
        ).fetchall():
            sessions[event].append((key, row_id, tutorial, day))
        tables = present_tables(connection)
        return cls(connection, tables, read_labels(connection), sessions, {})

    def read_rows(self, table: str, ids: Collection[int]) -> None:
        """Reads the tutorial rows without a lock: what is planned is compared again later."""
        self.rows[table] = read_tutorial_rows(self.connection, self.tables, table, ids, ()).rows

    def event(self, event: LinkedEvent, record: Record | None) -> LinkedEvent:
        if event.kept_back or record is None:
            return evolve(event, kept_back=event.kept_back or "Administrate does not have it")
        there = {str(one["id"]): one for one in nodes(record, "sessions")}
        sessions = [
            self._session(key, row_id, tutorial, day, there[key])
            for key, row_id, tutorial, day in self.sessions.get(event.row_id, ())
            if key in there
        ]
        return evolve(
            event,
            values=self._values(EVENTS, record),
            held=self._held(EVENTS, tutorial_key(event.tutorial)),
            state=str(record["lifecycleState"]),
            booked=int(record.get("bookedPlaces") or 0),
            begins=_first(sessions),
            ends=max(
                filter(None, (_moment(record.get(one)) for one in _ENDS)),
                default=None,
            ),
            sessions=sessions,
            unknown_sessions=len(there) - len(sessions),
        )

    def _session(
        self, key: str, row_id: int, tutorial: int | None, day: int | None, record: Record
    ) -> LinkedSession:
        staff = [one for one in nodes(record, "staff") if one["staffType"] == "instructor"]
        return LinkedSession(
            key=key,
            row_id=row_id,
            tutorial=None if tutorial is None else f"{TUTORIAL_SESSIONS}/{tutorial}",
            title=str(record["title"]),
            day=day,
            values=self._values(SESSIONS, record),
            held={} if tutorial is None else self._held(SESSIONS, tutorial),
            state=str(record["lifecycleState"]),
            taught=bool(staff),
        )

    def _values(self, table: str, record: Record) -> dict[str, Value]:
        plain = {name: value for name, value in record.items() if name != "staff"}
        return administrate_values(plain, table, self.labels.get(TYPES[table], {}))

    def _held(self, table: str, row_id: int) -> dict[str, Value]:
        row = self.rows[TUTORIAL_TABLES[table]].get(row_id)
        if row is None:
            return {}
        return {
            held.field.name: row.value(held)
            for held in held_fields(table, self.tables)
            if held.columns
        }


_ENDS = ("timeZonedClassroomEnd", "timeZonedLmsEnd")


def _first(sessions: Iterable[LinkedSession]) -> datetime | None:
    """When the first session begins of those that are linked and not cancelled."""
    starts = (
        _moment(str(one.values["starts_at"]))
        for one in sessions
        if one.tutorial is not None and one.state != "cancelled" and one.values.get("starts_at")
    )
    return min(filter(None, starts), default=None)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
