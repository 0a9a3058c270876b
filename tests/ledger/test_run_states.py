"""What is known of runs while they come and go."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow

from ledger.errors import AdmsyncError, StoppedResumably, UsageRefused
from ledger.events import WriteRequested
from ledger.rollback.execute import check_can_roll_back
from ledger.runs.run import new_run
from ledger.runs.states import run_states, run_to_resume, unfinished_runs
from ledger.store.ledger import Ledger
from tests.databases import opened


def test_a_run_that_ends_while_it_is_looked_at_is_done(ledger: Ledger, database_url: str) -> None:
    with opened(database_url) as database, ExitStack() as under_way:
        under_way.enter_context(new_run(Ledger(database, "tests"), "sync venues"))
        looked_at: list[str] = []

        class Ending(psycopg.Cursor[TupleRow]):
            """Ends the run once its state was read."""

            def execute(self, query: Any, *given: Any, **more: Any) -> Ending:
                super().execute(query, *given, **more)
                if "FROM ledger.runs" in query and not looked_at:
                    looked_at.append(query)
                    under_way.close()
                return self

        with ledger.database.driver_transaction() as connection:
            connection.cursor_factory = Ending
            assert unfinished_runs(connection) == []
        assert looked_at
    [state] = run_states(ledger.database)
    assert state.state == "done"


@pytest.mark.parametrize("problem", [None, AdmsyncError("refused"), KeyError("unforeseen")])
def test_a_run_with_a_write_in_doubt_neither_ends_nor_fails(
    ledger: Ledger, problem: Exception | None
) -> None:
    write = WriteRequested(
        about="acted.tutorial_venues/1", slot="create", operation="LocationCreate", variables={}
    )

    def run_on() -> None:
        with new_run(ledger, "sync locations") as run:
            run.append(write)
            if problem is not None:
                raise problem

    with pytest.raises(StoppedResumably, match="go on with: admsync resume"):
        run_on()
    with ledger.database.driver_transaction() as connection:
        assert [state.open_writes for state in unfinished_runs(connection)] == [1]


def test_a_run_that_is_not_resumed_waits_for_nobody(ledger: Ledger) -> None:
    for command in ("sync venues", "discrepancies accept", "erase", "replay --apply"):
        advice = "go on with: admsync resume" if command.startswith("sync") else "run it again"
        with pytest.raises(StoppedResumably, match=advice), new_run(ledger, command):
            raise StoppedResumably("the power")
    with ledger.database.driver_transaction() as connection:
        assert [state.command for state in unfinished_runs(connection)] == ["sync venues"]
    assert run_to_resume(ledger.database, None).command == "sync venues"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("rollback", "run again what it rolled back"),
        ("erase", "gone for good"),
        ("replay --apply", "nothing is to be rolled back"),
        ("set-aside", "run again what it set aside"),
        ("discrepancies import", "admsync discrepancies withdraw"),
        ("choose-product", "choose-product --withdraw"),
        ("migrate", "what it took over stays"),
        ("publish", "does not know such runs"),
    ],
)
def test_what_rollback_does_not_undo_is_refused_with_what_to_do(
    ledger: Ledger, command: str, why: str
) -> None:
    with new_run(ledger, command):
        pass
    with pytest.raises(UsageRefused, match=why):
        check_can_roll_back(run_states(ledger.database)[0])
