"""A run whose locks are gone does nothing more: another may work on the same thing by then."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from ledger.errors import StoppedResumably
from ledger.runs.locks import LockLost
from ledger.runs.run import Run, new_run, resumed_run
from ledger.runs.states import run_states
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from tests.ledger.record_events import observed

HELD = ("adm.venues",)
VENUE = observed("adm.venues", "V1", 1, name="Waterloo")


def lose_locks(ledger: Ledger, run_id: UUID) -> None:
    """Ends the connection that holds a run's locks, as an administrator or a fail-over might."""
    with ledger.database.session() as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE application_name = %s",
            (f"admsync {run_id}",),
        )
        assert ended.fetchall() == [(True,)]


def append(run: Run) -> None:
    run.append(VENUE)


def append_in_a_transaction(run: Run) -> None:
    with run.ledger.database.transaction() as connection:
        run.ledger.append_in(connection, [Entry(VENUE)], run_id=run.run_id)


def end_well(_run: Run) -> None:
    pass


@pytest.mark.parametrize("act", [append, append_in_a_transaction, end_well])
def test_a_run_that_lost_its_locks_stops_and_appends_nothing(
    ledger: Ledger, act: Callable[[Run], None]
) -> None:
    def overtaken() -> None:
        with new_run(ledger, "sync venues", holds=HELD) as run:
            lose_locks(ledger, run.run_id)
            with new_run(ledger, "sync venues", holds=HELD):
                pass
            act(run)

    with pytest.raises(StoppedResumably, match="was lost, and one may be") as stopped:
        overtaken()
    other, first = run_states(ledger.database)
    assert f"go on with: admsync resume {first.run_id}" in str(stopped.value)
    assert (first.state, other.state) == ("stopped", "done")
    told = [type(one.event).__name__ for one in ledger.read()]
    assert told == ["RunStarted", "RunStarted", "RunCompleted"]


@pytest.mark.parametrize("problem", [LockLost("lost"), KeyError("unforeseen")])
def test_the_end_of_a_run_that_lost_its_locks_is_not_that_of_the_one_that_resumed_it(
    ledger: Ledger, problem: Exception
) -> None:
    def overtaken() -> None:
        with new_run(ledger, "sync venues", holds=HELD) as run:
            lose_locks(ledger, run.run_id)
            with resumed_run(ledger, run.run_id, holds=HELD):
                pass
            raise problem

    with pytest.raises((StoppedResumably, KeyError)):
        overtaken()
    assert [state.state for state in run_states(ledger.database)] == ["done"]
