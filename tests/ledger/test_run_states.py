"""What is known of runs while they come and go."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import event

from ledger.errors import AdmsyncError, StoppedResumably
from ledger.events import WriteRequested
from ledger.runs.run import new_run
from ledger.runs.states import run_states, unfinished_runs
from ledger.store.ledger import Ledger
from tests.databases import opened


def test_a_run_that_ends_while_it_is_looked_at_is_done(ledger: Ledger, database_url: str) -> None:
    with opened(database_url) as database, ExitStack() as under_way:
        under_way.enter_context(new_run(Ledger(database, "tests"), "sync venues"))
        looked_at: list[str] = []

        def end_it(*executed: Any) -> None:
            if "FROM ledger.runs" in executed[2] and not looked_at:
                looked_at.append(executed[2])
                under_way.close()

        event.listen(ledger.database.engine, "after_cursor_execute", end_it)
        with ledger.database.transaction() as connection:
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
    with ledger.database.transaction() as connection:
        assert [state.open_writes for state in unfinished_runs(connection)] == [1]
