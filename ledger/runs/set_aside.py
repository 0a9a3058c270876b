"""Sets a stopped run aside: nobody resumes it, and others may take its work up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from ledger.errors import UsageRefused
from ledger.events import RunSetAside, TutorialEventCreated
from ledger.runs.kinds import SET_ASIDE
from ledger.runs.run import new_run
from ledger.runs.states import RunState, check_unended, find_run
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.read import Selection, read


def set_aside(ledger: Ledger, state: RunState, reason: str) -> RunState:
    """Ends a stopped run for a person's reason; what it did stays. Returns its new state.

    Raises ``UsageRefused`` where the run has not stopped, and of an import that has begun to make
    events: a later import takes them for made.
    """
    if state.state != "stopped":
        raise UsageRefused(
            f"run {state.run_id} is {state.state}; only one that stopped is set aside"
        )
    with ledger.database.driver_transaction() as connection:
        _check_nothing_is_half_made(connection, state.run_id)

    def ending(connection: psycopg.Connection[Any]) -> list[Entry]:
        # Until here a later run may have superseded it, or another process have rolled it back.
        check_unended(connection, state.run_id, "is set aside")
        _check_nothing_is_half_made(connection, state.run_id)
        return [Entry(RunSetAside(set_aside=str(state.run_id), reason=reason))]

    options = {"run": str(state.run_id), "reason": reason}
    with new_run(ledger, SET_ASIDE.name, options, holds=SET_ASIDE.holds(options)) as run:
        run.ledger.append_decided(ending, run_id=run.run_id)
    return find_run(ledger.database, str(state.run_id))


def _check_nothing_is_half_made(connection: psycopg.Connection[Any], run_id: UUID) -> None:
    made = Selection(run_id=run_id, types=(TutorialEventCreated.__name__,))
    if any(read(connection, made, limit=1)):
        raise UsageRefused(
            f"run {run_id} has begun to make events, some of them half; go on with: admsync"
            f" resume {run_id}; or take them back with: admsync rollback {run_id}"
        )
