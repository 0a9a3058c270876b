"""Executes a rollback: its admission, the compensating events, its conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from uuid import UUID

from sqlalchemy import Connection

from ledger.errors import AdmsyncError, UsageRefused
from ledger.events import (
    RunRolledBack,
    SessionInstructorsChanged,
    TutorialRecordChanged,
    TutorialRecordRemoved,
)
from ledger.events.records import BridgeEvent
from ledger.projections import BRIDGE
from ledger.rollback.bases import bases_set_back
from ledger.rollback.changes import RowKey
from ledger.rollback.compensation import compensating, reopening
from ledger.rollback.reading import PlanWithFacts
from ledger.runs.run import Run
from ledger.runs.states import RunState
from ledger.store.entries import Entry
from ledger.store.read import Selection
from ledger.tables import acted

_BATCH = 5000


class PlanOutdated(AdmsyncError):
    """The shown plan no longer matches the current state."""


def check_can_roll_back(state: RunState) -> None:
    """Raises ``UsageRefused`` where rollback does not support the run's kind, the run is still
    going, or is already rolled back."""
    if kept := state.kind.kept:
        raise UsageRefused(f"run {state.run_id} is of {state.command}: {kept}")
    if state.state == "undone":
        raise UsageRefused(f"run {state.run_id} is already rolled back: {state.reason}")
    if state.state == "running":
        raise UsageRefused(f"run {state.run_id} still runs; stop it first, or wait for its end")


def append_compensation(
    run: Run, connection: Connection, prepared: PlanWithFacts, only: frozenset[RowKey] | None = None
) -> None:
    """Appends the compensating events of the plan's rows, or of ``only`` some of them."""
    rollbacks = {
        rollback.row: rollback
        for rollback in prepared.plan.rollbacks
        if only is None or rollback.row in only
    }
    reopened = reopening(prepared.plan.run_id, prepared.histories, rollbacks, prepared.facts)
    run_id = prepared.plan.run_id
    set_back = bases_set_back(run_id, prepared.agreements, rollbacks.keys())
    entries = iter([*compensating(rollbacks.values()), *set_back, *reopened])
    while batch := list(islice(entries, _BATCH)):
        run.ledger.append_in(connection, batch, run_id=run.run_id)


def conclude(run: Run, target: UUID, reason: str, counts: Mapping[str, int]) -> None:
    """Marks the run as rolled back, and counts its rows, including those before an interruption."""
    run.counts.update({"rows undone": _rows_rolled_back(run), **counts})
    run.append_entries([Entry(RunRolledBack(rolled_back=str(target), reason=reason))])


def _rows_rolled_back(run: Run) -> int:
    rows: set[RowKey] = set()
    tutorial = (TutorialRecordRemoved, TutorialRecordChanged, SessionInstructorsChanged)
    types = [kind.__name__ for kind in (*tutorial, *BRIDGE.handles)]
    for recorded in run.ledger.read(Selection(run_id=run.run_id, types=types)):
        match recorded.event:
            case TutorialRecordRemoved() as event:
                assignments = acted.SESSION_INSTRUCTORS.fullname
                rows.add(RowKey(event.table, event.row_id))
                rows |= {RowKey(assignments, one.row_id) for one in event.instructors}
            case TutorialRecordChanged() as event:
                rows.add(RowKey(event.table, event.row_id))
            case SessionInstructorsChanged() as event:
                assignments = acted.SESSION_INSTRUCTORS.fullname
                people = (*event.added, *event.removed)
                rows |= {RowKey(assignments, one.row_id) for one in people}
            case BridgeEvent() as event:
                rows.add(RowKey(event.table, event.row_id))
    return len(rows)
