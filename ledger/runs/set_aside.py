"""Sets a stopped run aside: nobody resumes it, and others may take its work up."""

from __future__ import annotations

from ledger.errors import UsageRefused
from ledger.events import RunSetAside
from ledger.runs.kinds import SET_ASIDE
from ledger.runs.run import new_run
from ledger.runs.states import RunState, check_unended, find_run
from ledger.store.ledger import Ledger


def set_aside(ledger: Ledger, state: RunState, reason: str) -> RunState:
    """Ends a stopped run for a person's reason; what it did stays. Returns its new state.

    Raises ``UsageRefused`` where the run has not stopped.
    """
    if state.state != "stopped":
        raise UsageRefused(
            f"run {state.run_id} is {state.state}; only one that stopped is set aside"
        )
    options = {"run": str(state.run_id), "reason": reason}
    with new_run(ledger, SET_ASIDE.name, options, holds=SET_ASIDE.holds(options)) as run:
        # Under its lock: until here another process may have resumed it, or rolled it back.
        check_unended(ledger.database, state.run_id)
        run.append(RunSetAside(set_aside=str(state.run_id), reason=reason))
    return find_run(ledger.database, str(state.run_id))
