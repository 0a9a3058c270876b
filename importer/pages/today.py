"""Today: what is fresh, what stopped, what waits for a person, how the ledger is anchored."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import psycopg

from importer.pages.drift import drift_of
from importer.pages.page import Asked, Page, View
from importer.pages.runs import summary
from ledger.runs.kinds import IMPORT, SYNC
from ledger.runs.states import RunState, states_in, unfinished_runs
from ledger.store.append import head
from ledger.verify.anchors import why_none
from sync.entities import ENTITIES

_RUNS, _IMPORTS = 8, 10
# The newest of each entity is among the last so many: a night has one of each.
_SYNCED = """
SELECT DISTINCT ON (entity) entity, recorded_at, run_id::text FROM (
    SELECT payload ->> 'entity' AS entity, recorded_at, run_id, position FROM ledger.events
    WHERE type = 'EntitySynced' ORDER BY position DESC LIMIT 1000) AS newest
ORDER BY entity, position DESC
"""
_DISCREPANCIES = """
SELECT bridge_table, count(*), count(*) FILTER (WHERE first_run = %(run)s)
FROM ledger.discrepancies GROUP BY bridge_table
"""


def today(asked: Asked) -> Page:
    """The state of everything, from the ledger alone: nothing is fetched."""
    with asked.site.database.driver_transaction() as connection:
        position, link = head(connection)
        newest = states_in(connection, limit=_RUNS)
        drift = drift_of(connection)
        content = {
            "entities": _freshness(connection),
            "unfinished": [summary(one) for one in unfinished_runs(connection)],
            "discrepancies": _discrepancies(connection),
            "drift": Counter(str(one["kind"]) for one in drift),
            "imports": [summary(one) for one in _of_kind(connection, IMPORT.name)],
            "runs": [summary(one) for one in newest],
            "ledger": {
                "position": position,
                "link": link.hex(),
                "not_anchored": why_none(asked.site.environ),
            },
        }
    return Page("today", "Today", content)


def _of_kind(connection: psycopg.Connection[Any], name: str) -> list[RunState]:
    where = "split_part(r.command, ' ', 1) = %(name)s"
    return states_in(connection, where, {"name": name}, limit=_IMPORTS)


def _freshness(connection: psycopg.Connection[Any]) -> list[dict[str, object]]:
    """When each entity was synced last, and by which run."""
    rows = connection.execute(_SYNCED).fetchall()
    synced: dict[str, tuple[datetime, str]] = {name: (when, run) for name, when, run in rows}
    found: list[dict[str, object]] = []
    for entity in ENTITIES:
        when, run = synced.get(entity.name, (None, None))
        found.append({"name": entity.name, "title": entity.title, "synced_at": when, "run": run})
    return found


def _discrepancies(connection: psycopg.Connection[Any]) -> list[dict[str, object]]:
    """How many are open of each entity; ``new`` are those that the newest sync saw first."""
    syncs = _of_kind(connection, SYNC.name)
    run = syncs[0].run_id if syncs else None
    counts = {
        table: (several, new)
        for table, several, new in connection.execute(_DISCREPANCIES, {"run": run}).fetchall()
    }
    found: list[dict[str, object]] = []
    for entity in ENTITIES:
        several, new = counts.get(entity.table.fullname, (0, 0))
        if several:
            found.append({"name": entity.name, "title": entity.title, "open": several, "new": new})
    return found


VIEWS = (View("/today", today),)
