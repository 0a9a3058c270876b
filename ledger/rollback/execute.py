"""Executes a rollback: its admission, the compensating events, its conclusion."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import Connection

from ledger.database.connection import Database
from ledger.errors import AdmsyncError, UsageRefused
from ledger.events import (
    Event,
    EventOfRunRolledBack,
    FieldsAgreed,
    RunRolledBack,
    SessionInstructorsChanged,
    TutorialRecordChanged,
    TutorialRecordRemoved,
    record_name,
)
from ledger.events.records import BridgeEvent
from ledger.history.find_record import counterpart, find_record
from ledger.projections import BRIDGE
from ledger.rollback.bases import entries_back
from ledger.rollback.changes import RowKey
from ledger.rollback.compensation import compensating, reopening
from ledger.rollback.parts import RollbackPlan, restored_rows
from ledger.rollback.reading import PlanWithFacts
from ledger.runs.run import Run
from ledger.runs.states import RunState
from ledger.schema import acted, adm
from ledger.store.entries import Entry
from ledger.store.read import Selection

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


def check_can_roll_back_one_event(state: RunState) -> None:
    """Raises ``UsageRefused`` where a run is not done: resumed, it would make the event again."""
    check_can_roll_back(state)
    if state.state != "done":
        raise UsageRefused(
            f"run {state.run_id} is {state.state}; one event alone is rolled back of a run that"
            " is done: resume it first, or roll back all of it"
        )


def event_named(database: Database, typed: str) -> RowKey:
    """The tutorial event that a person means by a name of either side. Raises ``UsageRefused``
    where it is none."""
    with database.driver_transaction() as connection:
        record = find_record(connection, typed).record
        if record.startswith(f"{adm.EVENTS.fullname}/"):
            record = counterpart(connection, record) or record
    if not record.startswith(f"{acted.EVENTS.fullname}/"):
        raise UsageRefused(f"{record} is no tutorial event, and linked with none")
    return RowKey.of(record)


def append_compensation(
    run: Run,
    connection: Connection,
    prepared: PlanWithFacts,
    only: frozenset[RowKey],
    records: Collection[str] = (),
) -> None:
    """Appends the compensating events of some of the plan's rows, and of the fields that go with
    them or are of these bridge records."""
    plan = prepared.plan
    rollbacks = {one.row: one for one in plan.rollbacks if one.row in only}
    reopened = reopening(plan.run_id, prepared.histories, rollbacks, prepared.facts)
    restored = restored_rows(rollbacks.values())
    fields = entries_back(
        one for one in plan.fields if one.row in restored or one.record in records
    )
    _append(run, connection, [*compensating(rollbacks.values()), *fields, *reopened])


def append_decisions_back(run: Run, connection: Connection, plan: RollbackPlan) -> None:
    """Appends what takes back decisions that changed no row."""
    _append(run, connection, list(entries_back(one for one in plan.fields if one.row is None)))


def _append(run: Run, connection: Connection, entries: Sequence[Entry]) -> None:
    for first in range(0, len(entries), _BATCH):
        batch = entries[first : first + _BATCH]
        run.ledger.append_in(connection, batch, run_id=run.run_id)


def conclude(
    run: Run, target: UUID, reason: str, counts: Mapping[str, int], only: RowKey | None = None
) -> None:
    """Marks the run, or ``only`` one event of it, as rolled back, and counts its rows, including
    those before an interruption."""
    run.counts.update({"rows undone": _rows_rolled_back(run), **counts})
    if fields := _fields_set_back(run):
        run.counts["fields set back"] = fields
    done: Event = RunRolledBack(rolled_back=str(target), reason=reason)
    if only is not None:
        done = EventOfRunRolledBack(
            rolled_back=str(target), event=record_name(*only), reason=reason
        )
    run.append_entries([Entry(done)])


def _fields_set_back(run: Run) -> int:
    found = run.ledger.read(Selection(run_id=run.run_id, types=[FieldsAgreed.__name__]))
    events = [cast("FieldsAgreed", recorded.event) for recorded in found]
    return sum(len(event.pairs) + len(event.forgotten) for event in events)


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
