"""Which events a sync asks for by their ids: the linked ones, until long after they ended, and the
others until they end; and from which update on for those that it does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from ledger.events import EntitySynced, PageFetched
from sync import entities
from sync.entity import Entity
from sync.fetch.reached import read_reached
from sync.fetch.source import CURRENT, Window

# How long after its end a linked event is still asked for.
_AFTERWARDS = timedelta(days=90)
# An event ends by its zone's clocks: today has begun nowhere that is further west.
_WEST = timedelta(hours=12)
_ENDING = """
SELECT e.id, e.external_id FROM adm.events e
LEFT JOIN (SELECT event_id, max(ends_at) AS ends_at FROM adm.sessions GROUP BY event_id) AS s
    ON s.event_id = e.id
WHERE e.external_id IS NOT NULL AND (%(every)s
    OR coalesce(greatest(e.lms_end_date, s.ends_at), 'infinity')
        >= CASE WHEN e.tutorial_event_id IS NULL THEN %(today)s ELSE %(lately)s END)
ORDER BY e.id
"""


# An event that was over by what is known of it, and no longer is by Administrate's list of those
# that are not: its sessions have been moved since, or there are new ones.
_LISTED = """
SELECT DISTINCT e.id, e.external_id
FROM ledger.events AS page
CROSS JOIN json_array_elements_text(page.payload -> 'ids') AS listed (external_id)
JOIN adm.events e USING (external_id)
WHERE page.type = %(page)s AND page.payload ->> 'entity' = %(events)s
    AND page.payload ->> 'part' = %(current)s
    AND page.position > (
        SELECT coalesce(max(position), 0) FROM ledger.events
        WHERE type = %(synced)s AND payload ->> 'entity' = %(sessions)s
    )
ORDER BY e.id
"""
_EVENTS_OF = """
SELECT DISTINCT e.id, e.external_id FROM adm.sessions s JOIN adm.events e ON e.id = s.event_id
WHERE s.external_id = ANY(%s) AND e.external_id IS NOT NULL ORDER BY e.id
"""
_LISTED_BY = {
    "page": PageFetched.__name__,
    "synced": EntitySynced.__name__,
    "events": entities.EVENTS.name,
    "sessions": entities.SESSIONS.name,
    "current": CURRENT,
}


def window_again(
    connection: psycopg.Connection[Any], entity: Entity, keys: Sequence[str]
) -> Window:
    """What to ask for where these records are to be read once more."""
    if entity is entities.EVENTS:
        return Window(tuple(keys), frozenset(keys), again=True)
    rows = connection.execute(_EVENTS_OF, (list(keys),)).fetchall()
    ids = tuple(str(external_id) for _, external_id in rows)
    return Window(ids, frozenset(row_id for row_id, _ in rows), again=True)


def read_window(
    connection: psycopg.Connection[Any], entity: Entity, *, every: bool = False
) -> Window:
    """What to ask for of an entity: of one that is not windowed, everything."""
    if not entity.windowed:
        return Window(every=True)
    today = (datetime.now(UTC) - _WEST).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {"every": every, "today": today, "lately": today - _AFTERWARDS}
    rows = connection.execute(_ENDING, values).fetchall()
    ids = [str(external_id) for _, external_id in rows]
    if entity is entities.EVENTS:
        reached = read_reached(connection)
        ids += [one for one in reached.left if one not in set(ids)]
        return Window(tuple(ids), frozenset(ids), today.isoformat(), reached.since, every)
    # The sessions of all events are asked for by the events' ids, too.
    asked_for = dict(rows) | dict(connection.execute(_LISTED, _LISTED_BY).fetchall())
    return Window(tuple(map(str, asked_for.values())), frozenset(asked_for))
