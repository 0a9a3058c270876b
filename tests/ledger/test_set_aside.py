"""A stopped run that is set aside, by a person or by a later run that did its work."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest

from ledger.errors import StoppedResumably, UsageRefused
from ledger.events import WriteRequested
from ledger.replay.compare import replay
from ledger.rollback.execute import check_can_roll_back
from ledger.runs.kinds import KINDS, ROLLBACK, SYNC
from ledger.runs.locks import Busy
from ledger.runs.run import new_run, resumed_run
from ledger.runs.set_aside import set_aside
from ledger.runs.states import RunState, find_run, run_to_resume, unfinished_runs
from ledger.store.ledger import Ledger
from ledger.values import Fields
from tests.program import admsync

WRITE = WriteRequested(
    about="acted.tutorial_venues/1", slot="create", operation="LocationCreate", variables={}
)
TARGET = str(UUID(int=7))


def stopped(
    ledger: Ledger, command: str, options: Fields | None = None, *, writing: bool = False
) -> RunState:
    """A run that stopped, perhaps with a write of which nobody knows whether it was done."""
    with suppress(StoppedResumably), new_run(ledger, command, options) as run:
        if writing:
            run.append(WRITE)
        raise StoppedResumably("the power")
    return find_run(ledger.database, str(run.run_id))


def done(ledger: Ledger, command: str, options: Fields | None = None) -> None:
    with new_run(ledger, command, options):
        pass


def unfinished(ledger: Ledger) -> list[UUID]:
    with ledger.database.driver_transaction() as connection:
        return [state.run_id for state in unfinished_runs(connection)]


@pytest.mark.parametrize("name", [kind.name for kind in KINDS if kind.resumable])
def test_a_stopped_run_that_is_set_aside_is_neither_announced_nor_resumed(
    ledger: Ledger, name: str
) -> None:
    run = stopped(ledger, name, {"run": TARGET}, writing=True)
    after = set_aside(ledger, run, "no longer wanted")
    assert (after.state, after.reason, after.open_writes) == ("set aside", "no longer wanted", 1)
    assert unfinished(ledger) == []
    with pytest.raises(UsageRefused, match="nothing to go on with"):
        run_to_resume(ledger.database, None)
    with pytest.raises(UsageRefused, match="is set aside"):
        run_to_resume(ledger.database, str(run.run_id))
    with pytest.raises(UsageRefused, match="is set aside"), resumed_run(ledger, run.run_id):
        pass
    if not run.kind.kept:
        check_can_roll_back(after)
    assert replay(ledger.database).ok


def test_only_a_stopped_run_is_set_aside(ledger: Ledger) -> None:
    done(ledger, "sync venues")
    with pytest.raises(UsageRefused, match="is done; only one that stopped is set aside"):
        set_aside(ledger, find_run(ledger.database, "last"), "no longer wanted")
    run = stopped(ledger, "sync venues")
    with resumed_run(ledger, run.run_id), pytest.raises(Busy):
        set_aside(ledger, run, "no longer wanted")
    # By then it is done, unlike the state that was looked up.
    with pytest.raises(UsageRefused, match="is done"):
        set_aside(ledger, run, "no longer wanted")


@pytest.mark.parametrize("entities", [["venues"], ["locations", "venues"]])
def test_a_sync_that_is_done_ends_stopped_ones_of_the_same_entities(
    ledger: Ledger, entities: list[str]
) -> None:
    run = stopped(ledger, "sync venues", {"entities": ["venues"]})
    done(ledger, "sync", {"entities": [*entities]})
    after = find_run(ledger.database, str(run.run_id))
    later = find_run(ledger.database, "last")
    assert (after.state, after.reason) == ("set aside", f"superseded by run {later.run_id}")
    assert (unfinished(ledger), later.state) == ([], "done")
    assert replay(ledger.database).ok


def test_a_sync_that_is_done_leaves_others_to_be_resumed(ledger: Ledger) -> None:
    left = [
        stopped(ledger, "sync all", {"entities": ["locations", "venues"]}),
        stopped(ledger, "sync venues", {"entities": ["venues"]}, writing=True),
        stopped(ledger, "sync venues", {}),
        stopped(ledger, "import-events", {"digest": "ab"}),
        stopped(ledger, ROLLBACK.name, {"run": TARGET}),
    ]
    done(ledger, "sync venues", {"entities": ["venues"]})
    assert set(unfinished(ledger)) == {state.run_id for state in left}


def test_a_run_of_another_kind_ends_none(ledger: Ledger) -> None:
    run = stopped(ledger, "sync venues", {"entities": ["venues"]})
    done(ledger, "discrepancies accept", {"entities": ["venues"]})
    assert unfinished(ledger) == [run.run_id]


def test_nights_that_fail_leave_the_last_to_go_on_with(ledger: Ledger, database_url: str) -> None:
    done(ledger, "sync venues", {"entities": ["venues"]})
    nights = [stopped(ledger, "sync venues", {"entities": ["venues"]}) for _ in range(5)]
    assert unfinished(ledger) == [nights[-1].run_id]
    after = find_run(ledger.database, str(nights[0].run_id))
    assert (after.state, after.reason) == ("set aside", f"superseded by run {nights[1].run_id}")
    [line] = admsync("runs", url=database_url).stderr.splitlines()
    assert f"sync venues, run {nights[-1].run_id}, is unfinished (5 in a row, since " in line
    assert replay(ledger.database).ok


def test_a_stopped_sync_that_goes_on_to_its_end_ends_the_others(ledger: Ledger) -> None:
    stopped(ledger, "sync venues", {"entities": ["venues"]})
    second = stopped(ledger, "sync venues", {"entities": ["venues"]})
    with resumed_run(ledger, second.run_id, holds=SYNC.holds(second.options)):
        pass
    assert unfinished(ledger) == []


def test_a_stopped_sync_that_goes_on_leaves_those_begun_since(ledger: Ledger) -> None:
    """It may have taken its step of the entity before the later one stopped in the midst of it."""
    first = stopped(ledger, "sync all", {"entities": ["locations", "venues"]})
    second = stopped(ledger, "sync locations", {"entities": ["locations"]})
    with resumed_run(ledger, first.run_id, holds=SYNC.holds(first.options)):
        pass
    assert unfinished(ledger) == [second.run_id]


def test_a_rollback_that_is_done_ends_a_stopped_one_of_the_same_run(ledger: Ledger) -> None:
    stopped(ledger, ROLLBACK.name, {"run": TARGET})
    done(ledger, ROLLBACK.name, {"run": TARGET})
    assert unfinished(ledger) == []


def test_the_command_says_where_the_unknown_writes_are_told(
    ledger: Ledger, database_url: str
) -> None:
    run = stopped(ledger, "import-events", writing=True)
    told = admsync("set-aside", "last", "--reason", "imported anew", url=database_url)
    assert "1 write of unknown outcome" in told.stdout
    assert f"admsync show {run.run_id}" in told.stdout
    assert "WriteRequested" in admsync("show", str(run.run_id), "--json", url=database_url).stdout


@pytest.mark.parametrize("reason", ["", "  "])
def test_no_run_is_set_aside_without_a_reason(
    ledger: Ledger, database_url: str, reason: str
) -> None:
    run = stopped(ledger, "import-events")
    refused = admsync("set-aside", "last", "--reason", reason, url=database_url)
    assert (refused.returncode, "it is blank" in refused.stderr) == (2, True)
    assert unfinished(ledger) == [run.run_id]
