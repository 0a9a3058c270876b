"""Events of imports that are under way: what a fetch says of them may be half of it, or too old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast
from uuid import UUID

import psycopg
from attrs import frozen

from ledger.events import EventPlanned, RecordIdentified, WriteAnswered
from ledger.events.runs import ENDED
from ledger.runs.kinds import IMPORT, ROLLBACK
from ledger.store.read import Selection, read_recorded
from sync import entities
from sync.decide.current_state import CurrentState
from sync.entity import Entity, Skipped
from sync.fetch.fetched import Fetch

# Imports that have not ended, or have written since; and those that a rollback takes back.
_RUNS = """
WITH busy AS (
    SELECT run_id, command, options FROM ledger.runs
    WHERE split_part(command, ' ', 1) = ANY(%(commands)s) AND (state <> ALL(%(ended)s)
        OR run_id IN (SELECT run_id FROM ledger.events WHERE position > %(since)s
            AND type = ANY(%(types)s)))
)
SELECT run_id FROM busy WHERE split_part(command, ' ', 1) = %(import)s
UNION SELECT r.run_id FROM ledger.runs r JOIN busy ON busy.options ->> 'run' = r.run_id::text
    WHERE split_part(r.command, ' ', 1) = %(import)s
"""
_WRITES = (EventPlanned, RecordIdentified, WriteAnswered)


@frozen
class PlannedEvent:
    """An event that an import has planned: its code, and the primary keys of its bridge row, its
    tutorial event and its tutorial sessions."""

    run_id: UUID
    code: str
    row_id: int
    tutorial_id: int
    sessions: frozenset[int]

    @property
    def why(self) -> str:
        return f"event {self.code} is of an import that is not finished, run {self.run_id}"

    def tutorial_ids(self, entity: Entity) -> frozenset[int]:
        """The primary keys of its tutorial records of an entity."""
        return self.sessions if entity is entities.SESSIONS else frozenset((self.tutorial_id,))


def read_under_way(connection: psycopg.Connection[Any], since: int) -> list[PlannedEvent]:
    """The planned events of imports that are under way, or were since a position."""
    runs = connection.execute(
        _RUNS,
        {
            "commands": [IMPORT.name, ROLLBACK.name],
            "import": IMPORT.name,
            "ended": list(ENDED),
            "since": since,
            "types": [kind.__name__ for kind in _WRITES],
        },
    ).fetchall()
    return [one for (run_id,) in runs for one in _planned(connection, run_id)]


def _planned(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[PlannedEvent]:
    of_run = Selection(run_id=run_id, types=[EventPlanned.__name__])
    for recorded in read_recorded(connection, of_run):
        event = cast("EventPlanned", recorded.event)
        plan, keys = cast("Mapping[str, Any]", event.plan), cast("Mapping[str, Any]", event.keys)
        sessions = frozenset(int(one["tutorial"]) for one in keys["sessions"])
        yield PlannedEvent(run_id, str(plan["code"]), keys["bridge"], event.tutorial_id, sessions)


def leave_out(
    entity: Entity, fetch: Fetch, current: CurrentState, under_way: Iterable[PlannedEvent]
) -> None:
    """Takes planned events, or their sessions, out of a fetch; their rows stay as they are."""
    planned = list(under_way)
    if not planned:
        return
    out = _sessions_out if entity is entities.SESSIONS else _events_out
    for key, skipped in out(fetch, current, planned):
        fetch.records.pop(key, None)
        if skipped not in fetch.skipped:
            fetch.skipped.append(skipped)


def _events_out(
    fetch: Fetch, current: CurrentState, planned: Iterable[PlannedEvent]
) -> Iterator[tuple[str, Skipped]]:
    """Each event as it is known by its id or, where that is not recorded yet, by its code."""
    by_row = {row.row_id: key for key, row in current.rows.items()}
    by_code: dict[str, list[str]] = defaultdict(list)
    for key, one in fetch.records.items():
        by_code[str(one.observed.beside["code"]).casefold()].append(key)
    for event in planned:
        known = {by_row[event.row_id]} if event.row_id in by_row else set()
        for key in known | set(by_code.get(event.code.casefold(), ())):
            yield key, Skipped(key, event.why)


def _sessions_out(
    fetch: Fetch, current: CurrentState, planned: Iterable[PlannedEvent]
) -> Iterator[tuple[str, Skipped]]:
    """The sessions of each event, told as one."""
    by_event: dict[object, list[str]] = defaultdict(list)
    for key, one in fetch.records.items():
        by_event[one.observed.fields["event_id"]].append(key)
    for key, row in current.rows.items():
        by_event[row.columns["event_id"]].append(key)
    for event in planned:
        for key in by_event.get(event.row_id, ()):
            yield key, Skipped("sessions", event.why, "event_id", event.row_id)
