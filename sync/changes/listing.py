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
from sync.events.fields import FIELDS, TUTORIAL_TABLES, held_fields
from sync.events.not_compared import NOT_COMPARED

_EVENTS = """
SELECT coalesce(t.code, e.title, e.external_id), 'adm.events/' || e.external_id,
    'acted.tutorial_events/' || t.id,
    coalesce(CASE WHEN e.gone_at IS NULL THEN e.lifecycle_state ELSE 'gone' END, ''),
    to_char(least(s.begins, e.lms_start_date) AT TIME ZONE coalesce(z.name, 'Europe/London'),
        'YYYY-MM-DD'),
    coalesce(s.sessions, 0), coalesce(e.sitting, ''), e.web_sale, coalesce(d.fields, 0)
FROM adm.events e JOIN acted.tutorial_events t ON t.id = e.tutorial_event_id
LEFT JOIN pg_timezone_names z ON z.name = e.timezone
LEFT JOIN (SELECT event_id, min(starts_at) AS begins, count(*) AS sessions FROM adm.sessions
    WHERE tutorial_session_id IS NOT NULL GROUP BY event_id) s ON s.event_id = e.id
LEFT JOIN (SELECT coalesce(b.event_id, n.id) AS event_id, count(*) AS fields
    FROM ledger.field_discrepancies f
    LEFT JOIN adm.sessions b ON f.record = 'adm.sessions/' || b.external_id
    LEFT JOIN adm.events n ON f.record = 'adm.events/' || n.external_id GROUP BY 1) d
    ON d.event_id = e.id
WHERE e.external_id IS NOT NULL
    AND (%(sitting)s::text IS NULL OR lower(e.sitting) = lower(%(sitting)s))
    AND (%(state)s::text IS NULL OR lower(e.lifecycle_state) = lower(%(state)s))
ORDER BY 5, 1
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
    connection: psycopg.Connection[Any], sitting: str | None, state: str | None
) -> list[ListedEvent]:
    """Linked events by the day they begin: all, or those of a sitting or a state."""
    rows = connection.execute(_EVENTS, {"sitting": sitting, "state": state}).fetchall()
    names = [one.name for one in fields(ListedEvent)]
    found = (dict(zip(names, row, strict=True)) for row in rows)
    return [ListedEvent(**{**one, "web_sale": _on_sale(one["web_sale"])}) for one in found]


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
