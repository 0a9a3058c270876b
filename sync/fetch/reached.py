"""How far events were read by the time of their last update, as the ledger's events say."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import psycopg
from attrs import frozen

from ledger.events import EntitySynced, EventOfRunRolledBack, RunRolledBack
from sync import entities

# An update may be seen later than others that were made after it.
OVERLAP = timedelta(minutes=5)
# Nothing is reached where a rollback has since removed rows that a sync had made.
_REACHED = """
SELECT payload ->> 'reached', ARRAY(SELECT json_array_elements_text(payload -> 'left'))
FROM ledger.events
WHERE type = %(synced)s AND payload ->> 'entity' = %(entity)s AND payload ->> 'reached' <> ''
    AND position > (
        SELECT coalesce(max(last.position), 0) FROM unnest(%(back)s::text[]) AS kind
        -- A kind at a time: of several, the last would be sought through the whole ledger.
        CROSS JOIN LATERAL (
            SELECT position FROM ledger.events WHERE type = kind ORDER BY position DESC LIMIT 1
        ) AS last
    )
ORDER BY position DESC LIMIT 1
"""


@frozen
class Reached:
    """The time from which on updates are to be asked for, empty for all; and the ids of records
    that were not taken before."""

    since: str = ""
    left: tuple[str, ...] = ()


def read_reached(connection: psycopg.Connection[Any]) -> Reached:
    """How far the last sync of events came, less an overlap."""
    values = {
        "synced": EntitySynced.__name__,
        "entity": entities.EVENTS.name,
        "back": [RunRolledBack.__name__, EventOfRunRolledBack.__name__],
    }
    row = connection.execute(_REACHED, values).fetchone()
    if row is None:
        return Reached()
    reached, left = row
    return Reached((datetime.fromisoformat(reached) - OVERLAP).isoformat(), tuple(left))
