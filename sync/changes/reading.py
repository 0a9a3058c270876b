"""Linked events as both systems have them now: what a change is planned from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from attrs import evolve, frozen

from ledger.database.connection import Database
from ledger.errors import UsageRefused
from ledger.history.find_record import counterpart, find_record
from ledger.schema import acted, adm
from ledger.store.append import head
from ledger.store.referring import referrers
from ledger.store.tutorial_shape import present_tables
from ledger.tables.shapes.shape import TUTORIAL_EVENTS, TUTORIAL_SESSIONS, TutorialTables
from ledger.values import Value
from sync.administrate.client import Administrate
from sync.administrate.reads.listings import Record, nodes
from sync.administrate.reads.lookups import events_by_id
from sync.changes.plan import LinkedEvent, LinkedSession
from sync.changes.requests import Labels
from sync.decide.under_way import read_under_way
from sync.events.fields import TUTORIAL_TABLES, administrate_values, held_fields
from sync.events.labels import TYPES, read_labels
from sync.events.tutorial_rows import TutorialRow, read_tutorial_rows

EVENTS, SESSIONS = adm.EVENTS.fullname, adm.SESSIONS.fullname
# What refers to a tutorial event or session as part of it.
_PARTS = {one.fullname for one in (acted.SESSIONS, acted.SESSION_INSTRUCTORS, *adm.TABLES)}
_LINKED = (
    "SELECT e.id, e.external_id, e.tutorial_event_id, coalesce(t.code, e.title, e.external_id),"
    " e.timezone, e.gone_at IS NOT NULL,"
    " EXISTS (SELECT FROM adm.course_template_price_levels p"
    "   WHERE p.course_template_id = e.course_template_id)"
    " FROM adm.events e JOIN acted.tutorial_events t ON t.id = e.tutorial_event_id"
    " WHERE e.external_id IS NOT NULL AND {} ORDER BY 4, e.id"
)
_SESSIONS = (
    "SELECT id, external_id, tutorial_session_id, day_number, event_id FROM adm.sessions"
    " WHERE event_id = ANY(%s) AND external_id IS NOT NULL ORDER BY day_number, id"
)


@frozen
class Chosen:
    """Which events are meant: those of a sitting, those that a run made, those of these names,
    those with these titles or codes, those of these records of either side; of several conditions
    all hold."""

    sitting: str | None = None
    run_id: str | None = None
    names: tuple[str, ...] = ()
    titles: tuple[str, ...] | None = None
    records: tuple[str, ...] | None = None


def read_linked_events(database: Database, chosen: Chosen) -> list[LinkedEvent]:
    """The linked events meant, by name, as the database has them.

    Raises ``UsageRefused`` where a name means no linked event.
    """
    with database.driver_transaction() as connection:
        conditions: list[str] = []
        values: dict[str, Any] = {}
        if chosen.sitting is not None:
            conditions.append("lower(e.sitting) = lower(%(sitting)s)")
            values["sitting"] = chosen.sitting
        if chosen.run_id is not None:
            conditions.append(
                "e.tutorial_event_id IN (SELECT (payload ->> 'row_id')::bigint FROM ledger.events"
                " WHERE run_id = %(run_id)s AND type = 'TutorialEventCreated')"
            )
            values["run_id"] = chosen.run_id
        if chosen.names:
            conditions.append("e.external_id = ANY(%(keys)s)")
            values["keys"] = [_key_of(connection, one) for one in chosen.names]
        if chosen.titles is not None:
            conditions.append(
                "(lower(e.title) = ANY(%(titles)s) OR lower(t.code) = ANY(%(titles)s))"
            )
            values["titles"] = [one.lower() for one in chosen.titles]
        if chosen.records is not None:
            conditions.append(
                f"('{EVENTS}/' || e.external_id = ANY(%(records)s)"
                f" OR '{TUTORIAL_EVENTS}/' || t.id = ANY(%(records)s))"
            )
            values["records"] = list(chosen.records)
        where = " AND ".join(conditions) or "true"
        rows = connection.execute(_LINKED.format(where), values).fetchall()
        under_way = {one.row_id: one.why for one in read_under_way(connection, head(connection)[0])}
        referring = _referring(connection, [row[2] for row in rows])
    return [
        LinkedEvent(
            key=key,
            row_id=row_id,
            tutorial=f"{TUTORIAL_EVENTS}/{tutorial}",
            name=name,
            timezone=timezone,
            has_price=has_price,
            referred=tuple(sorted(referring.get(tutorial, ()))),
            kept_back="it is gone from Administrate" if gone else under_way.get(row_id, ""),
        )
        for row_id, key, tutorial, name, timezone, gone, has_price in rows
    ]


def read_as_they_are(
    database: Database, client: Administrate, events: Sequence[LinkedEvent]
) -> list[LinkedEvent]:
    """The same events as both systems have them, their sessions too; a call a hundred events."""
    records = {str(one["id"]): one for one in events_by_id(client, [one.key for one in events])}
    with database.driver_transaction() as connection:
        reading = _Reading.of(connection, [one.row_id for one in events])
        tutorial = [int(one.tutorial.rpartition("/")[2]) for one in events]
        reading.read_rows(TUTORIAL_EVENTS, tutorial)
        linked = [
            of for rows in reading.sessions.values() for _, _, of, _ in rows if of is not None
        ]
        reading.read_rows(TUTORIAL_SESSIONS, linked)
    return [reading.event(one, records.get(one.key)) for one in events]


def _key_of(connection: psycopg.Connection[Any], typed: str) -> str:
    record: str | None = find_record(connection, typed).record
    if record is not None and record.startswith(f"{TUTORIAL_EVENTS}/"):
        record = counterpart(connection, record)
    if record is None or not record.startswith(f"{EVENTS}/"):
        raise UsageRefused(
            f"{typed!r} is no linked event; admsync events list shows those there are"
        )
    return record.partition("/")[2]


def _referring(
    connection: psycopg.Connection[Any], events: Collection[int]
) -> Mapping[int, set[str]]:
    """The tables of others whose rows refer to tutorial events, or to sessions of theirs."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = connection.execute(
        f"SELECT id, tutorial_event_id FROM {TUTORIAL_SESSIONS} WHERE tutorial_event_id = ANY(%s)",
        (list(events),),
    )
    sessions = dict(rows.fetchall())
    for table, ids in ((TUTORIAL_EVENTS, events), (TUTORIAL_SESSIONS, sessions)):
        for row_id, one in referrers(connection, table, ids):
            if one.table not in _PARTS:
                found[sessions.get(row_id, row_id) if ids is sessions else row_id].add(one.table)
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
            held=self._held(EVENTS, int(event.tutorial.rpartition("/")[2])),
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
