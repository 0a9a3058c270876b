"""A stopped run is ended once, and never while it goes on, whoever ends it at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import cast
from uuid import UUID

import pytest

from ledger.errors import StoppedResumably
from ledger.events import CreationsAgreed, RunSetAside
from ledger.replay.compare import replay
from ledger.runs.kinds import IMPORT, ROLLBACK, SYNC, RunKind
from ledger.runs.run import new_run, resumed_run
from ledger.runs.set_aside import set_aside
from ledger.runs.states import RunState, find_run
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.values import Fields
from tests.ledger.pausing import Beside, acting_before, wait_for_a_waiter
from tests.proxy import proxied

VENUES: Fields = {"entities": ["venues"]}
HOLDS = SYNC.holds(VENUES)


@pytest.fixture
def stopped(ledger: Ledger) -> RunState:
    """A sync of venues that stopped."""
    with suppress(StoppedResumably), new_run(ledger, "sync venues", VENUES, holds=HOLDS) as run:
        raise StoppedResumably("the power")
    return find_run(ledger.database, str(run.run_id))


def sync_venues(ledger: Ledger, options: Fields = VENUES) -> None:
    with new_run(ledger, "sync venues", options, holds=HOLDS):
        pass


def resume(ledger: Ledger, state: RunState) -> None:
    with resumed_run(ledger, state.run_id, holds=HOLDS):
        pass


def set_aside_by_a_person(ledger: Ledger, state: RunState) -> None:
    set_aside(ledger, state, "nobody needs it")


def endings(ledger: Ledger) -> list[UUID]:
    """The runs that were set aside, each as often as it was."""
    found = ledger.read(Selection(types=[RunSetAside.__name__]))
    return [UUID(cast("RunSetAside", one.event).set_aside) for one in found]


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (set_aside_by_a_person, "is set aside; only one that stopped is set aside"),
        (resume, "works on entity/venues"),
        (lambda ledger, _: sync_venues(ledger), "works on entity/venues"),
    ],
)
def test_who_comes_while_a_sync_ends_a_stopped_one_is_refused(
    ledger: Ledger,
    database_url: str,
    stopped: RunState,
    act: Callable[[Ledger, RunState], None],
    refusal: str,
) -> None:
    beside = Beside(ledger.database, lambda: act(ledger, stopped))
    look = "FROM ledger.runs r WHERE r.state"
    with acting_before(database_url, look, beside.begin) as database:
        sync_venues(Ledger(database, "tests"))
    assert refusal in beside.problems()[0]
    assert endings(ledger) == [stopped.run_id]
    assert replay(ledger.database).ok


def test_a_sync_that_ends_while_a_person_sets_a_run_aside_leaves_it_to_them(
    ledger: Ledger, database_url: str, stopped: RunState
) -> None:
    checked = Event()

    def let_the_sync_come() -> None:
        checked.set()
        wait_for_a_waiter(ledger.database)

    def by_a_person() -> None:
        # Its own state first, then, under the append lock, that of the run.
        check = "SELECT state FROM ledger.runs"
        with acting_before(database_url, check, let_the_sync_come, turn=2) as database:
            set_aside_by_a_person(Ledger(database, "a person"), stopped)

    def begin() -> None:
        outcome.append(pool.submit(by_a_person))
        assert checked.wait(60)

    outcome: list[Future[None]] = []
    last = "count(*) FROM ledger.open_writes WHERE"
    with ThreadPoolExecutor(1) as pool, acting_before(database_url, last, begin) as database:
        sync_venues(Ledger(database, "tests"))
    outcome[0].result()
    assert endings(ledger) == [stopped.run_id]
    assert find_run(ledger.database, str(stopped.run_id)).reason == "nobody needs it"


def test_of_two_who_set_a_run_aside_one_does(
    ledger: Ledger, database_url: str, stopped: RunState
) -> None:
    beside = Beside(ledger.database, lambda: set_aside_by_a_person(ledger, stopped))
    first = "SELECT state FROM ledger.runs"
    with acting_before(database_url, first, beside.begin, turn=2) as database:
        set_aside(Ledger(database, "a person"), stopped, "nobody needs it")
    assert f"works on run/{stopped.run_id}" in beside.problems()[0]
    assert endings(ledger) == [stopped.run_id]


@pytest.mark.parametrize("lost", ["lost_answers", "lost_commits"])
def test_an_ending_whose_commit_or_its_answer_is_lost_is_in_once(
    ledger: Ledger, database_url: str, stopped: RunState, lost: str
) -> None:
    """The set-aside's is the second append of its run, behind RunStarted."""
    with proxied(database_url) as faults:

        def lose() -> None:
            setattr(faults, lost, 1)

        with acting_before(faults.url, "FROM ledger.append(", lose, turn=2) as database:
            state = set_aside(Ledger(database, "a person"), stopped, "nobody needs it")
    assert state.state == "set aside"
    assert endings(ledger) == [stopped.run_id]


@pytest.mark.parametrize(
    ("kind", "done", "left", "covered"),
    [
        (SYNC, {"entities": ["venues"]}, {"entities": ["venues"]}, True),
        (SYNC, {"entities": ["venues", "events"]}, {"entities": ["venues"]}, True),
        (SYNC, {"entities": ["venues"]}, {"entities": ["venues", "events"]}, False),
        (SYNC, {"entities": ["events"], "every": True}, {"entities": ["events"]}, True),
        (SYNC, {"entities": ["events"]}, {"entities": ["events"], "every": True}, False),
        (SYNC, {"entities": ["events"]}, {"entities": ["events"], "every": False}, True),
        (SYNC, {"entities": ["events"]}, {"entities": ["events"], "allow_deletes": True}, False),
        (SYNC, {"entities": ["events"], "page_size": 2}, {"entities": ["events"]}, True),
        (SYNC, {"entities": ["events"]}, {}, False),
        (ROLLBACK, {"run": "7"}, {"run": "7", "only": "acted.tutorial_events/1"}, True),
        (ROLLBACK, {"run": "7", "only": "acted.tutorial_events/1"}, {"run": "7"}, False),
        (ROLLBACK, {"run": "7", "only": "a/1"}, {"run": "7", "only": "a/2"}, False),
        (ROLLBACK, {"run": "7"}, {"run": "8"}, False),
        (IMPORT, {"digest": "ab"}, {"digest": "ab"}, False),
    ],
)
def test_what_was_done_covers_what_was_left(
    kind: RunKind, done: Mapping[str, object], left: Mapping[str, object], covered: bool
) -> None:
    assert kind.does_all_of(done, left) is covered


def test_a_sync_with_fewer_options_ends_no_stopped_one_with_more(ledger: Ledger) -> None:
    more: Fields = {**VENUES, "allow_deletes": True}
    with suppress(StoppedResumably), new_run(ledger, "sync venues", more, holds=HOLDS):
        raise StoppedResumably("the power")
    sync_venues(ledger)
    assert endings(ledger) == []
    sync_venues(ledger, more)
    assert len(endings(ledger)) == 1


def test_a_sync_ends_none_in_which_a_person_agreed_to_creations(ledger: Ledger) -> None:
    agreed = CreationsAgreed(entity="venues", records=("acted.tutorial_venues/1",), needed="")
    with suppress(StoppedResumably), new_run(ledger, "sync venues", VENUES, holds=HOLDS) as run:
        run.append(agreed)
        raise StoppedResumably("the power")
    sync_venues(ledger)
    assert endings(ledger) == []
