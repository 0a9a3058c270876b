"""Sets a stopped run aside: nobody resumes it, and others may take its work up."""

from __future__ import annotations

from ledger.errors import UsageRefused
from ledger.events import RunSetAside, TutorialEventCreated
from ledger.runs.kinds import SET_ASIDE
from ledger.runs.run import new_run
from ledger.runs.states import RunState, check_unended, find_run
from ledger.store.ledger import Ledger
from ledger.store.read import Selection


def set_aside(ledger: Ledger, state: RunState, reason: str) -> RunState:
    """Ends a stopped run for a person's reason; what it did stays. Returns its new state.

    Raises ``UsageRefused`` where the run has not stopped, and of an import that has begun to make
    events: a later import takes them for made.
    """
    if state.state != "stopped":
        raise UsageRefused(
            f"run {state.run_id} is {state.state}; only one that stopped is set aside"
        )
    _check_nothing_is_half_made(ledger, state)
    options = {"run": str(state.run_id), "reason": reason}
    with new_run(ledger, SET_ASIDE.name, options, holds=SET_ASIDE.holds(options)) as run:
        # Under its lock: until here another process may have resumed it, or rolled it back.
        check_unended(ledger.database, state.run_id)
        _check_nothing_is_half_made(ledger, state)
        run.append(RunSetAside(set_aside=str(state.run_id), reason=reason))
    return find_run(ledger.database, str(state.run_id))


def _check_nothing_is_half_made(ledger: Ledger, state: RunState) -> None:
    made = Selection(run_id=state.run_id, types=(TutorialEventCreated.__name__,))
    if any(ledger.read(made)):
        raise UsageRefused(
            f"run {state.run_id} has begun to make events, some of them half; go on with: admsync"
            f" resume {state.run_id}; or take them back with: admsync rollback {state.run_id}"
        )
