"""A run says how it ended, whatever ended it, and is found by a part of its id."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import pytest

from ledger.errors import AdmsyncError, StoppedResumably, UsageRefused
from ledger.events import RunResumed, RunRolledBack
from ledger.projections import ProjectionError
from ledger.runs.locks import Busy
from ledger.runs.run import Run, new_run, resumed_run, software_version
from ledger.runs.states import RunState, find_run, run_states
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.verify.verify import verify_chain
from tests.ledger.child import working_child
from tests.ledger.record_events import changed, observed


def only_run(ledger: Ledger) -> RunState:
    [state] = run_states(ledger.database)
    return state


def types(ledger: Ledger) -> list[str]:
    return [type(recorded.event).__name__ for recorded in ledger.read()]


def test_a_run_is_running_until_it_is_done(ledger: Ledger) -> None:
    with new_run(ledger, "sync venues", {"page_size": 100}) as run:
        assert only_run(ledger).state == "running"
        assert only_run(ledger).ended_at is None
        run.counts["venues created"] = 12
        run.refused = 2
    done = only_run(ledger)
    assert (done.run_id, done.command, done.state) == (run.run_id, "sync venues", "done")
    assert (done.options, done.actor) == ({"page_size": 100}, "tests")
    assert (done.counts, done.refused) == ({"venues created": 12}, 2)
    assert done.software == software_version()
    assert done.ended_at >= done.started_at


def test_a_run_that_fails_says_what_the_person_was_told(ledger: Ledger) -> None:
    with pytest.raises(AdmsyncError), new_run(ledger, "sync venues"):
        raise AdmsyncError("adm.locations is empty; run: admsync sync locations")
    failed = only_run(ledger)
    assert failed.state == "failed"
    assert failed.reason == "adm.locations is empty; run: admsync sync locations"
    assert failed.ended_at is not None


def test_an_unforeseen_failure_puts_nothing_but_its_kind_in_the_ledger(ledger: Ledger) -> None:
    with pytest.raises(KeyError), new_run(ledger, "sync instructors"):
        raise KeyError("Zebedee Quillfeather")
    assert only_run(ledger).reason == "KeyError"


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (KeyboardInterrupt(), "page 3: interrupted"),
        (
            StoppedResumably("Administrate is not reachable"),
            "page 3: Administrate is not reachable",
        ),
    ],
)
def test_a_run_that_stopped_says_where_and_goes_on_under_its_id(
    ledger: Ledger, stop: BaseException, reason: str
) -> None:
    with suppress(StoppedResumably), new_run(ledger, "sync venues") as run:
        run.step = "page 3"
        raise stop
    stopped = only_run(ledger)
    assert (stopped.state, stopped.reason, stopped.ended_at) == ("stopped", reason, None)
    with resumed_run(ledger, run.run_id):
        assert only_run(ledger).state == "running"
    assert only_run(ledger).state == "done"
    assert types(ledger) == ["RunStarted", "RunInterrupted", "RunResumed", "RunCompleted"]


def test_what_a_run_appends_is_in_its_name(ledger: Ledger) -> None:
    with new_run(ledger, "sync venues") as run:
        run.append(observed("adm.venues", "V1", 1, name="Waterloo"))
    read = list(ledger.read(Selection(run_id=run.run_id)))
    assert len(read) == 3
    assert {recorded.actor for recorded in read} == {"tests"}


def test_an_event_that_does_not_fit_fails_the_run_and_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(ProjectionError), new_run(ledger, "sync venues") as run:
        run.append(
            observed("adm.venues", "V1", 1, name="Waterloo"),
            changed("adm.venues", "V2", 2, name=("a", "b")),
        )
    assert types(ledger) == ["RunStarted", "RunFailed"]
    assert "there is no such row" in only_run(ledger).reason


def test_a_run_that_never_started_cannot_be_resumed(ledger: Ledger) -> None:
    with (
        pytest.raises(ProjectionError, match="no such run has started"),
        resumed_run(ledger, UUID(int=1)),
    ):
        pass
    assert types(ledger) == []


def end_well(run: Run) -> None:
    run.counts["venues created"] = 12


def fail(_run: Run) -> None:
    raise AdmsyncError("adm.locations is empty")


@pytest.mark.parametrize(("end", "state"), [(end_well, "done"), (fail, "failed")])
def test_a_run_that_has_ended_cannot_be_resumed(
    ledger: Ledger, end: Callable[[Run], None], state: str
) -> None:
    with suppress(AdmsyncError), new_run(ledger, "sync venues") as run:
        end(run)
    before = types(ledger)
    with (
        pytest.raises(UsageRefused, match=f"is {state}; only one that stopped goes on"),
        resumed_run(ledger, run.run_id),
    ):
        pass
    assert types(ledger) == before
    with pytest.raises(ProjectionError, match=f"the run is {state}"):
        ledger.append([Entry(RunResumed(software="0"))], run_id=run.run_id)


def test_a_run_that_was_undone_after_it_stopped_cannot_be_resumed(ledger: Ledger) -> None:
    with suppress(StoppedResumably), new_run(ledger, "sync venues") as stopped:
        raise StoppedResumably("the power")
    with new_run(ledger, "rollback") as run:
        run.append(RunRolledBack(rolled_back=str(stopped.run_id), reason="a mistake"))
    with pytest.raises(UsageRefused, match="is undone"), resumed_run(ledger, stopped.run_id):
        pass
    assert find_run(ledger.database, str(stopped.run_id)).state == "undone"


def test_a_run_whose_input_ends_ends_well(ledger: Ledger, database_url: str) -> None:
    with working_child(database_url) as (child, run_id):
        assert (str(only_run(ledger).run_id), only_run(ledger).state) == (run_id, "running")
        child.communicate()
        assert child.returncode == 0
    assert only_run(ledger).counts == {"venues created": 12}


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_run_where_it_can_go_on(
    ledger: Ledger, database_url: str, sent: signal.Signals
) -> None:
    with working_child(database_url) as (child, run_id):
        child.send_signal(sent)
        child.wait()
        _, said = child.communicate()
    assert child.returncode == 3
    assert f"go on with: admsync resume {run_id}" in said.splitlines()[-1]
    assert (only_run(ledger).state, only_run(ledger).reason) == (
        "stopped",
        "venues: stopped on request",
    )


def test_a_killed_run_shows_as_stopped_and_can_go_on(ledger: Ledger, database_url: str) -> None:
    with working_child(database_url) as (child, run_id):
        child.kill()
        child.communicate()
    for _ in range(600):
        # The server notices a moment after the process is gone.
        if (killed := only_run(ledger)).state != "running":
            break
        time.sleep(0.1)
    assert (killed.state, killed.reason) == ("stopped", "its process ended without a word")
    with resumed_run(ledger, UUID(run_id), holds=("adm.venues",)):
        pass
    assert only_run(ledger).state == "done"
    assert verify_chain(ledger.database).ok


def test_what_is_held_by_a_run_is_refused_to_another_which_is_told_by_whom(
    ledger: Ledger, database_url: str
) -> None:
    with working_child(database_url) as (_, run_id):
        with pytest.raises(Busy) as busy, new_run(ledger, "sync venues", holds=("adm.venues",)):
            pass
        assert f"run {run_id} works on adm.venues since 20" in str(busy.value)
        assert f"admsync show {run_id}" in str(busy.value)
        with pytest.raises(Busy, match=f"works on run/{run_id}"), resumed_run(ledger, UUID(run_id)):
            pass
        with new_run(ledger, "sync locations", holds=("adm.locations",)):
            pass
        # Nothing of the refused ones is in the ledger.
        assert types(ledger) == ["RunStarted", "RunStarted", "RunCompleted"]


def test_what_a_run_held_is_free_when_it_ended(ledger: Ledger) -> None:
    for _ in range(2):
        with new_run(ledger, "sync venues", holds=("adm.venues",)):
            pass
    assert [state.state for state in run_states(ledger.database)] == ["done", "done"]


def test_runs_are_listed_newest_first(ledger: Ledger) -> None:
    for command in ("sync venues", "sync locations", "erase"):
        with new_run(ledger, command):
            pass
    listed = [state.command for state in run_states(ledger.database)]
    assert listed == ["erase", "sync locations", "sync venues"]
    assert [state.command for state in run_states(ledger.database, limit=1)] == ["erase"]


def test_a_run_is_found_by_a_part_of_its_id(ledger: Ledger) -> None:
    with new_run(ledger, "sync venues") as first:
        pass
    with new_run(ledger, "sync locations") as second:
        pass
    text = str(first.run_id)
    for typed in (text, text.upper(), f"run/{text}", text[-12:], text[:26]):
        assert find_run(ledger.database, typed).run_id == first.run_id
    assert find_run(ledger.database, "last").run_id == second.run_id


def test_a_run_that_is_not_there_or_not_the_only_one_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageRefused, match="nothing has run yet"):
        find_run(ledger.database, "last")
    for _ in range(2):
        with new_run(ledger, "sync venues") as run:
            pass
    with pytest.raises(UsageRefused, match="no run of id 'xyz'"):
        find_run(ledger.database, "xyz")
    # Runs of one day begin alike.
    for typed in (str(run.run_id)[:4], "", "%"):
        with pytest.raises(UsageRefused, match="admsync runs lists them"):
            find_run(ledger.database, typed)
