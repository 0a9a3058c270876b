"""Which linked events a change is about, as the database has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import psycopg
from attrs import frozen

from ledger.database.connection import Database
from ledger.errors import UsageRefused
from ledger.history.find_record import counterpart, find_record
from ledger.schema import acted, adm
from ledger.store.append import head
from ledger.store.referring import referrers
from ledger.tables.shapes.shape import TUTORIAL_EVENTS, TUTORIAL_SESSIONS
from sync.changes.plan import LinkedEvent
from sync.decide.under_way import read_under_way

EVENTS = adm.EVENTS.fullname
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
