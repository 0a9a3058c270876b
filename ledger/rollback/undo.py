"""Carrying a rollback out: planned once more where nobody else can append, then done at once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from uuid import UUID

from sqlalchemy import Connection

from ledger.database import driver
from ledger.entries import Entry
from ledger.errors import AdmsyncError, UsageRefused
from ledger.events import RunRolledBack
from ledger.rollback.compensation import compensating, reopening
from ledger.rollback.parts import Plan
from ledger.rollback.reading import COMMAND, Prepared, prepare
from ledger.rollback.touches import RowKey
from ledger.runs import Run, RunState
from ledger.store import lock

_BATCH = 5000
_OTHERWISE = {
    COMMAND: "a rollback is undone by running again what it rolled back",
    "erase": "what was erased is gone for good",
    "replay": "it set rows to what the ledger says; there is nothing to undo",
    "discrepancies": "take a decision back with: admsync discrepancies withdraw",
}


class PlanOutdated(AdmsyncError):
    """Something changed between the plan that was shown and its being carried out."""


def check_undoable(state: RunState) -> None:
    """Raises ``UsageRefused`` where a run is of a kind that rollback does not undo, still runs, or
    is undone already."""
    if why := _OTHERWISE.get(state.command.split()[0]):
        raise UsageRefused(f"run {state.run_id} is of {state.command}: {why}")
    if state.state == "undone":
        raise UsageRefused(f"run {state.run_id} is undone already: {state.reason}")
    if state.state == "running":
        raise UsageRefused(f"run {state.run_id} still runs; stop it first, or wait for its end")


def undo(run: Run, target: UUID, shown: Plan | None = None) -> Plan:
    """Undoes everything a plan undoes, in one transaction with the events that say so.

    Raises ``PlanOutdated`` where the plan is another by now than the one ``shown``.
    """
    with run.ledger.database.transaction() as connection:
        lock(driver(connection))
        prepared = prepare(connection, target)
        if shown is not None and prepared.plan != shown:
            raise PlanOutdated(
                "what stands has changed since the plan was shown; nothing was undone; look again"
                f" with: admsync rollback {target} --dry-run"
            )
        append_undoing(run, connection, prepared)
    return prepared.plan


def append_undoing(
    run: Run, connection: Connection, prepared: Prepared, only: frozenset[RowKey] | None = None
) -> None:
    """Appends the events that undo the plan's rows, or ``only`` some of them."""
    undone = {undo.row: undo for undo in prepared.plan.undone if only is None or undo.row in only}
    reopened = reopening(prepared.plan.run_id, prepared.touched, undone, prepared.ground)
    entries = iter([*compensating(undone.values()), *reopened])
    while batch := list(islice(entries, _BATCH)):
        run.ledger.append_in(connection, batch, run_id=run.run_id)


def conclude(run: Run, target: UUID, reason: str, counts: Mapping[str, int]) -> None:
    """Marks the run as undone."""
    run.counts.update(counts)
    run.append_entries([Entry(RunRolledBack(rolled_back=str(target), reason=reason))])
