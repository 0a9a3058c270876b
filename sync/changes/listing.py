"""Linked events as the last sync left them, and whose their fields are: for lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from attrs import fields, frozen

from ledger.output.words import in_words
from ledger.store.tutorial_shape import present_tables
from ledger.tables.shapes.shape import TutorialTables
from ledger.values import Value
from ledger.zones import zone_or_default
from sync.events.fields import FIELDS, TUTORIAL_TABLES, held_fields
from sync.events.not_compared import NOT_COMPARED

# As it is shown and asked for.
_STATE = "coalesce(CASE WHEN e.gone_at IS NULL THEN e.lifecycle_state ELSE 'gone' END, '')"
_EVENTS = f"""
WITH linked AS (
    SELECT coalesce(t.code, e.title, e.external_id) AS name,
        'adm.events/' || e.external_id AS record, 'acted.tutorial_events/' || t.id AS tutorial,
        {_STATE} AS state, least(s.begins, e.lms_start_date)::timestamptz AS begins, e.timezone,
        coalesce(s.sessions, 0) AS sessions, coalesce(e.sitting, '') AS sitting, e.web_sale,
        coalesce(d.fields, 0) AS out_of_step, e.id
    FROM adm.events e JOIN acted.tutorial_events t ON t.id = e.tutorial_event_id
    LEFT JOIN (SELECT event_id, min(starts_at) AS begins, count(*) AS sessions FROM adm.sessions
        WHERE tutorial_session_id IS NOT NULL GROUP BY event_id) s ON s.event_id = e.id
    LEFT JOIN (SELECT coalesce(b.event_id, n.id) AS event_id, count(*) AS fields
        FROM ledger.field_discrepancies f
        LEFT JOIN adm.sessions b ON f.record = 'adm.sessions/' || b.external_id
        LEFT JOIN adm.events n ON f.record = 'adm.events/' || n.external_id GROUP BY 1) d
        ON d.event_id = e.id
    WHERE e.external_id IS NOT NULL
        AND (%(sitting)s::text IS NULL OR lower(e.sitting) = lower(%(sitting)s))
), listed AS (
    SELECT *, (coalesce(begins, 'infinity'), name, id) AS place FROM linked
)
SELECT name, record, tutorial, state, begins, timezone, sessions, sitting, web_sale, out_of_step
FROM listed
WHERE (%(state)s::text IS NULL OR lower(state) = lower(%(state)s)) AND (%(after)s::text IS NULL
    OR place > (SELECT place FROM listed WHERE record = %(after)s))
ORDER BY place LIMIT %(limit)s
"""
_COUNTS = f"""
SELECT coalesce(e.sitting, ''), {_STATE}, count(*)
FROM adm.events e JOIN acted.tutorial_events t ON t.id = e.tutorial_event_id
WHERE e.external_id IS NOT NULL GROUP BY 1, 2 ORDER BY 1 DESC, 2
"""


@frozen
class ListedEvent:
    """A linked event; ``begins`` is a day in its zone, ``out_of_step`` how many fields are."""

    name: str
    record: str
    tutorial: str
    state: str
    begins: str | None
    sessions: int
    sitting: str
    web_sale: str
    out_of_step: int


@frozen
class FieldPolicy:
    """A field of an ``event`` or a ``session``: its owner, the columns of the tutorial table that
    hold it, and whether an update of Administrate's has a place for it; ``not_compared`` is why it
    is not, where it is not."""

    of: str
    name: str
    title: str
    owner: str
    columns: tuple[str, ...]
    sent: bool
    not_compared: str = ""


def read_events(
    connection: psycopg.Connection[Any],
    sitting: str | None,
    state: str | None,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> list[ListedEvent]:
    """Linked events by the day they begin: all, or those of a sitting or a state; those ``after``
    the record of one, so many at most."""
    asked = {"sitting": sitting, "state": state, "after": after, "limit": limit}
    names = [one.name for one in fields(ListedEvent)]
    found = []
    for *first, begins, zone, sessions, of, web_sale, out_of_step in connection.execute(
        _EVENTS, asked
    ).fetchall():
        day = begins and begins.astimezone(zone_or_default(zone)).strftime("%Y-%m-%d")
        values = (*first, day, sessions, of, _on_sale(web_sale), out_of_step)
        found.append(ListedEvent(**dict(zip(names, values, strict=True))))
    return found


def count_events(connection: psycopg.Connection[Any]) -> dict[tuple[str, str], int]:
    """How many linked events there are of each sitting and state, the latest sitting first."""
    rows = connection.execute(_COUNTS).fetchall()
    return {(sitting, state): count for sitting, state, count in rows}


def _on_sale(value: Value) -> str:
    return "" if value is None else in_words(value)


def read_policy(connection: psycopg.Connection[Any]) -> list[FieldPolicy]:
    """The compared fields, with their owners in the shape of this database's tutorial tables; then
    those that are not compared."""
    tables = present_tables(connection)
    compared = [one for table in FIELDS for one in _compared(table, tables)]
    return [*compared, *_not_compared(tables)]


def _compared(table: str, tables: TutorialTables) -> Iterator[FieldPolicy]:
    held = {one.field.name: one.columns for one in held_fields(table, tables)}
    for one in FIELDS[table]:
        yield FieldPolicy(
            of=_kind(TUTORIAL_TABLES[table]),
            name=one.name,
            title=one.title,
            owner=one.owner(tables.shape).value,
            columns=tuple(column.name for column in held.get(one.name, ())),
            sent=one.can_be_sent,
        )


def _not_compared(tables: TutorialTables) -> Iterator[FieldPolicy]:
    there = {
        (_kind(table), column.name)
        for table in TUTORIAL_TABLES.values()
        for column in tables.columns(table)
    }
    for one in NOT_COMPARED:
        yield FieldPolicy(
            of=one.of,
            name=one.name,
            title=one.title,
            owner=one.owner,
            columns=(one.column,) if (one.of, one.column) in there else (),
            sent=False,
            not_compared=one.why,
        )


def _kind(table: str) -> str:
    """*event* of the table of tutorial events."""
    return table.rpartition("_")[2].removesuffix("s")
