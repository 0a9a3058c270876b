"""Today: what is fresh, what stopped, what waits for a person, how the ledger is anchored."""

from __future__ import annotations

from typing import Any

import psycopg

from importer.pages.page import Asked, Page, View
from importer.pages.views.runs import summary
from ledger.runs.kinds import IMPORT
from ledger.runs.states import RunState, states_in
from ledger.store.append import head
from sync.reports.status import Status, read_status

_RUNS, _IMPORTS = 8, 10


def today(asked: Asked) -> Page:
    """The state of everything, from the ledger alone: nothing is fetched."""
    with asked.site.database.driver_transaction() as connection:
        found = read_status(connection, asked.site.environ)
        _, link = head(connection)
        content = {
            **_told(found),
            "imports": [summary(one) for one in _imports(connection)],
            "runs": [summary(one) for one in states_in(connection, limit=_RUNS)],
            "ledger": {
                "position": found.position,
                "link": link.hex(),
                "anchored": found.anchoring.ok,
                "anchoring": found.anchoring.said,
            },
        }
    return Page("today", "Today", content)


def _told(found: Status) -> dict[str, object]:
    waiting = found.waiting
    return {
        "entities": [
            {
                "name": one.entity.name,
                "title": one.entity.title,
                "synced_at": one.synced_at,
                "age": one.age,
                "run": one.run_id and str(one.run_id),
            }
            for one in found.entities
        ],
        "unfinished": [
            {**summary(one.run), "streak": str(one.streak) if one.streak else ""}
            for one in found.unfinished
        ],
        "discrepancies": [
            {
                "name": one.entity.name,
                "title": one.entity.title,
                "open": one.count,
                "new": one.new,
                "oldest": one.oldest,
            }
            for one in waiting.discrepancies
        ],
        "drift": {"to_decide": waiting.to_decide, "to_push": waiting.to_push},
    }


def _imports(connection: psycopg.Connection[Any]) -> list[RunState]:
    where = "r.command = %(name)s"
    return states_in(connection, where, {"name": IMPORT.name}, limit=_IMPORTS)


VIEWS = (View("/today", today),)
