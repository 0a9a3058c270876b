"""Which events a sync asks for by their ids: the linked ones, until long after they ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from sync import entities
from sync.entity import Entity
from sync.fetch.source import Window

# How long after its end a linked event is still asked for.
_AFTERWARDS = timedelta(days=90)
# An event ends by its zone's clocks: today has begun nowhere that is further west.
_WEST = timedelta(hours=12)
_ENDING = """
SELECT e.id, e.external_id FROM adm.events e
LEFT JOIN (SELECT event_id, max(ends_at) AS ends_at FROM adm.sessions GROUP BY event_id) AS s
    ON s.event_id = e.id
WHERE e.external_id IS NOT NULL AND (e.tutorial_event_id IS NOT NULL OR NOT %(linked)s)
    AND (%(every)s OR coalesce(greatest(e.lms_end_date, s.ends_at), 'infinity')
        >= CASE WHEN e.tutorial_event_id IS NULL THEN %(today)s ELSE %(lately)s END)
ORDER BY e.id
"""


def read_window(
    connection: psycopg.Connection[Any], entity: Entity, *, every: bool = False
) -> Window:
    """What to ask for of an entity: of one that is not windowed, everything."""
    if not entity.windowed:
        return Window(every=True)
    today = (datetime.now(UTC) - _WEST).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {
        "linked": entity is entities.EVENTS,
        "every": every,
        "today": today,
        "lately": today - _AFTERWARDS,
    }
    rows = connection.execute(_ENDING, values).fetchall()
    ids = tuple(str(external_id) for _, external_id in rows)
    if entity is entities.EVENTS:
        return Window(ids, frozenset(ids), today.isoformat(), every)
    # The sessions of all events are asked for by the events' ids, too.
    return Window(ids, frozenset(row_id for row_id, _ in rows))
