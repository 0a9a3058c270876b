"""What a record is matched within: a venue's location, an event's template and date, a session's
event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import psycopg

from ledger.zones import zone_or_default
from sync import entities
from sync.entity import Entity
from sync.matching.keys import Id

_OF_LOCATIONS = """
    SELECT external_id, tutorial_location_id FROM {} WHERE tutorial_location_id IS NOT NULL
"""
_OF_EVENTS = (
    "SELECT id, tutorial_event_id FROM {} WHERE tutorial_event_id IS NOT NULL AND gone_at IS NULL"
)
# Where tutorial events know their course template; else by the subject, a part of its code.
_OF_TEMPLATES = "SELECT id, 't' || id FROM {}"
_OF_SUBJECTS = """
    SELECT DISTINCT ON (t.id) t.id, s.code FROM
        (SELECT id, regexp_split_to_table(lower(code), '[-_[:space:]]+') AS part FROM {}) AS t
    JOIN unnest(%s::text[]) AS s (code) ON s.code = t.part ORDER BY t.id, s.code
"""
_KNOWS_TEMPLATES = """
    SELECT FROM pg_attribute WHERE attrelid = 'acted.tutorial_events'::regclass
        AND attname = 'course_template_id' AND NOT attisdropped
"""


def scopes(
    connection: psycopg.Connection[Any],
    tables: psycopg.Connection[Any],
    entity: Entity,
    named: Callable[[str], str],
) -> dict[object, Id]:
    """The scope, or its first part, by the value of an entity's scope column."""
    match entity:
        case entities.VENUES:
            rows = tables.execute(_OF_LOCATIONS.format(named("adm.locations")))
        case entities.SESSIONS:
            rows = tables.execute(_OF_EVENTS.format(named("adm.events")))
        case entities.EVENTS if connection.execute(_KNOWS_TEMPLATES).rowcount:
            rows = tables.execute(_OF_TEMPLATES.format(named("adm.course_templates")))
        case entities.EVENTS:
            subjects = connection.execute("SELECT lower(code) FROM acted.catalog_subjects")
            codes = [code for (code,) in subjects.fetchall()]
            rows = tables.execute(_OF_SUBJECTS.format(named("adm.course_templates")), (codes,))
        case _:
            return {}
    return dict(rows.fetchall())


def scope_names(connection: psycopg.Connection[Any], entity: Entity) -> dict[Id, str]:
    """The display names of an entity's scopes, where they tell its records apart."""
    match entity:
        case entities.VENUES:
            rows = connection.execute("SELECT id, name FROM acted.tutorial_locations")
        case entities.SESSIONS:
            rows = connection.execute("SELECT id, code FROM acted.tutorial_events")
        case _:
            return {}
    return dict(rows.fetchall())


def scope_of(
    entity: Entity, columns: Mapping[str, object], known: Mapping[object, Id]
) -> Id | None:
    """The scope of a bridge row, by its columns and what it is matched by beside them."""
    if entity.scope_column is None:
        return None
    scope = known.get(columns[entity.scope_column])
    if entity is not entities.EVENTS or scope is None:
        return scope
    starts = columns.get("starts") or _local_day(columns)
    return f"{scope}|{starts}" if starts else None


def _local_day(columns: Mapping[str, object]) -> str | None:
    """The day on which an event starts, as its zone's clocks show it."""
    starts = columns["lms_start_date"]
    if not isinstance(starts, datetime):
        return None
    return starts.astimezone(zone_or_default(columns["timezone"])).date().isoformat()
