"""What is known of runs while they come and go."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from ledger.errors import AdmsyncError, DatabaseBusy, StoppedResumably, UsageRefused
from ledger.events import (
    DecisionTaken,
    Event,
    FieldDecided,
    PersonErased,
    ProjectionsMended,
    RunInterrupted,
    RunSetAside,
    RunStarted,
    WriteRequested,
)
from ledger.events.agreement import Pair
from ledger.projections import ProjectionError
from ledger.rollback.execute import check_can_roll_back
from ledger.runs.kinds import (
    DECISION,
    ERASURE,
    KINDS,
    MIGRATION,
    PRODUCT,
    REPLAY,
    SET_ASIDE,
    SETTLEMENT,
    RunKind,
)
from ledger.runs.run import new_run
from ledger.runs.states import run_states, run_to_resume, unfinished_runs
from ledger.store.ledger import Ledger
from tests.databases import opened
from tests.ledger.record_events import append_events

DECIDED = DecisionTaken(
    decision="accept",
    table="adm.venues",
    subject="adm.venues/V1",
    object="acted.tutorial_venues/1",
    reason="they are one",
)


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


WORK: dict[RunKind, Event] = {
    DECISION: DECIDED,
    PRODUCT: DECIDED,
    ERASURE: PersonErased(
        erased="adm.instructors/x", reason="asked to", values=(), blobs=(), rows={}, linked=()
    ),
    REPLAY: ProjectionsMended(rows={"adm.venues": 1}),
    SET_ASIDE: RunSetAside(set_aside=str(UUID(int=7)), reason="no longer wanted"),
    SETTLEMENT: FieldDecided(
        table="adm.events",
        key="Q291cnNlOjE=",
        row_id=1,
        tutorial="acted.tutorial_events/1",
        name="sold_out",
        side="tutorial",
        reason="agreed by telephone",
        values=Pair(administrate=False, tutorial=True),
    ),
}


def whole_kinds() -> list[RunKind]:
    """The kinds of runs that are done whole or not at all; a migration is one transaction."""
    return [kind for kind in KINDS if not kind.resumable and kind is not MIGRATION]


@pytest.mark.parametrize("kind", whole_kinds(), ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "problem", [StoppedResumably("the power"), DatabaseBusy("not now"), KeyboardInterrupt()]
)
def test_a_run_that_is_not_resumed_ends_as_failed_where_nothing_was_done(
    ledger: Ledger, kind: RunKind, problem: BaseException
) -> None:
    with (
        pytest.raises(AdmsyncError, match="nothing was done: run it again") as said,
        new_run(ledger, kind.name),
    ):
        raise problem
    assert said.value.exit_code == 1
    with ledger.database.driver_transaction() as connection:
        assert unfinished_runs(connection) == []
    assert run_states(ledger.database)[0].state == "failed"


@pytest.mark.parametrize("kind", [DECISION, PRODUCT], ids=lambda kind: kind.name)
def test_a_run_that_is_not_resumed_ends_as_done_where_all_was_done(
    ledger: Ledger, kind: RunKind
) -> None:
    def stopped_after() -> None:
        with new_run(ledger, kind.name) as run:
            run.append(WORK[kind])
            raise StoppedResumably("the power")

    with pytest.raises(AdmsyncError, match="all of it was done: admsync show"):
        stopped_after()
    assert run_states(ledger.database)[0].state == "done"


@pytest.mark.parametrize("kind", whole_kinds(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("ending", [(), (RunInterrupted(step="start", reason="the power"),)])
def test_a_run_that_is_not_resumed_and_ended_without_a_word_is_done_or_failed(
    ledger: Ledger, kind: RunKind, ending: tuple[Event, ...]
) -> None:
    started = RunStarted(command=kind.name, software="0")
    for work in ((), (WORK[kind],)):
        # Without its process; a run of an earlier version said that it had stopped.
        with suppress(ProjectionError):
            append_events(ledger, started, *work, *ending, run_id=uuid7())
    states = [state.state for state in run_states(ledger.database)]
    assert states == (["failed"] if kind is SET_ASIDE else ["done", "failed"])
    with pytest.raises(UsageRefused, match="no run has stopped"):
        run_to_resume(ledger.database, None)


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
