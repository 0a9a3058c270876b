"""The writer over the sandbox's faults: however it is interrupted, each change is made once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import StoppedResumably
from ledger.events import WriteAdopted, WriteAnswered, WriteDisputed
from ledger.history.descriptions import describe
from ledger.runs.run import new_run
from ledger.runs.states import run_states
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.operations import Kind
from sync.administrate.recorder import Attempt
from sync.administrate.writes import changes, inputs
from sync.administrate.writes.changes import CHANGES
from sync.administrate.writes.declaration import WriteRequest
from sync.sandbox.faults.kinds import KINDS
from sync.writing.slots import known_writes
from sync.writing.writer import LOOKS_AFTER, SENDS, Writer
from tests.databases import Databases, opened
from tests.sync.against_sandbox.connecting import Connections
from tests.sync.against_sandbox.valid_requests import PREPARED, Tenant, event_staff, session_staff
from tests.sync.against_sandbox.writing import (
    ABOUT,
    insist,
    last_event_of_writing,
    open_writes,
    resume,
    write_in_a_run,
)

# One change of each nature: a removal, a creation, and an addition.
NATURES = ("EventDelete", "CourseTemplateCreate", "EventAddStaff")


@pytest.fixture(scope="module")
def ledger(databases: Databases, template: str) -> Iterator[Ledger]:
    """One ledger for all these tests, each with runs of its own."""
    with databases.fresh(template) as url, opened(url) as database:
        yield Ledger(database, actor="tests")


def clear(connections: Connections) -> None:
    """The trouble is over."""
    connections.revive()
    connections.sandbox.control.clear_faults()


@pytest.mark.parametrize("operation", NATURES)
@pytest.mark.parametrize("fault", KINDS)
def test_in_spite_of_any_fault_the_change_is_made_once(
    connections: Connections, tenant: Tenant, ledger: Ledger, fault: str, operation: str
) -> None:
    request = PREPARED[operation](tenant)
    connections.strike(fault, operation, "1")
    client = connections.client(tries=2)
    settled = insist(ledger, client, request, lambda: clear(connections))
    made = connections.changes(request)
    assert settled.done
    assert len(made) == 1
    # What disturbs the sets that are read disturbs the list in which an added place is told, too.
    if request.kind is Kind.CREATE and not KINDS[fault].disturbance:
        assert settled.id == made[0]
    assert open_writes(ledger) == []


@pytest.mark.parametrize("operation", PREPARED)
@pytest.mark.parametrize("fault", ["503", "503-after"])
def test_any_change_is_made_once_though_everything_failed_until_the_resume(
    connections: Connections, tenant: Tenant, ledger: Ledger, fault: str, operation: str
) -> None:
    request = PREPARED[operation](tenant)
    connections.strike(fault)
    client = connections.client(tries=1)
    settled = insist(ledger, client, request, lambda: clear(connections))
    assert settled.done
    made = connections.changes(request)
    assert len(set(made)) == 1
    # To set twice is to set once.
    assert len(made) == 1 or request.kind is Kind.UPDATE
    assert open_writes(ledger) == []


@settings(max_examples=15)
@given(
    operation=st.sampled_from([*NATURES, "LocationCreate", "EventCreateLMS"]),
    struck=st.lists(st.sampled_from(["429", "503", "503-after", "not-json"]), max_size=6),
)
def test_a_run_resumed_over_and_over_makes_the_change_once(
    connections: Connections, tenant: Tenant, ledger: Ledger, operation: str, struck: list[str]
) -> None:
    control = connections.sandbox.control
    request = PREPARED[operation](tenant)
    control.forget()
    control.set_faults(*(f"{kind}:*:{call}" for call, kind in enumerate(struck, 1)))
    client = connections.client(tries=1)
    settled = write_in_a_run(ledger, client, request)
    for _ in struck:
        if settled is not None:
            break
        with contextlib.suppress(StoppedResumably):
            settled = resume(ledger, client, request)
    settled = settled or resume(ledger, client, request)
    assert settled.done
    assert len(connections.changes(request)) == 1
    assert open_writes(ledger) == []


def test_what_was_made_without_an_answer_is_adopted_in_the_same_run(
    connections: Connections, tenant: Tenant, ledger: Ledger, client: Administrate
) -> None:
    request = PREPARED["LocationCreate"](tenant)
    connections.strike("500-after", "LocationCreate", "1")
    settled = write_in_a_run(ledger, client, request)
    assert settled is not None
    assert [settled.id] == connections.changes(request)
    assert isinstance(last_event_of_writing(ledger), WriteAdopted)


def test_what_is_found_twice_is_left_to_a_person(
    connections: Connections, tenant: Tenant, ledger: Ledger, client: Administrate
) -> None:
    request = PREPARED["LocationCreate"](tenant)
    twin = tenant.made(request)
    connections.strike("500-after", "LocationCreate", "1")
    # Nor does the run end before a person has said.
    assert write_in_a_run(ledger, client, request) is None
    [mine] = connections.changes(request)
    disputed = last_event_of_writing(ledger)
    assert isinstance(disputed, WriteDisputed)
    assert set(disputed.ids) == {twin, mine}
    assert [(one["state"], set(one["ids"])) for one in open_writes(ledger)] == [
        ("disputed", {twin, mine})
    ]


def test_a_dispute_ends_where_one_of_the_two_is_gone(
    connections: Connections, tenant: Tenant, ledger: Ledger, client: Administrate
) -> None:
    request = PREPARED["LocationCreate"](tenant)
    twin = tenant.made(request)
    # The look fails too, so the run stops.
    connections.strike("500-after")
    connections.sandbox.control.set_faults("500-after:LocationCreate:1", "503:Locations")
    assert write_in_a_run(ledger, client, request) is None
    clear(connections)
    connections.sandbox.control.remove(twin)
    settled = resume(ledger, client, request)
    assert [settled.id] == connections.changes(request)
    assert open_writes(ledger) == []


def test_a_place_given_only_on_the_sessions_that_lacked_it_counts_as_given(
    connections: Connections, tenant: Tenant, ledger: Ledger, client: Administrate
) -> None:
    """The API says that the contact exists already, and adds the rest all the same."""
    event = tenant.event()
    tenant.made(session_staff(tenant.session(event), tenant.instructor))
    request = event_staff(event, tenant.instructor, "instructor")
    connections.sandbox.control.forget()
    settled = write_in_a_run(ledger, client, request)
    assert settled is not None
    assert settled.done
    assert len(connections.changes(request)) == 1


CLOSING = ("close-before", "close-unanswered", "close-head", "close-mid", "reset-before")
CREATIONS = [name for name in PREPARED if CHANGES[name].kind is Kind.CREATE]


@pytest.mark.parametrize("operation", CREATIONS)
@pytest.mark.parametrize("fault", ["close-before", "close-unanswered"])
def test_after_a_closed_connection_the_change_is_made_once_in_the_same_run(
    connections: Connections, tenant: Tenant, ledger: Ledger, fault: str, operation: str
) -> None:
    request = PREPARED[operation](tenant)
    connections.strike(fault, operation, "1")
    settled = write_in_a_run(ledger, connections.client(), request)
    assert settled is not None
    assert settled.done
    made = connections.changes(request)
    assert made == [settled.id]
    # What was made is found by the first look; what was not, by neither of two.
    looks = LOOKS_AFTER if fault == "close-before" else LOOKS_AFTER[:1]
    assert [wait for wait in connections.time.slept if wait >= min(LOOKS_AFTER)] == [*looks]
    assert connections.sent(operation) == (2 if fault == "close-before" else 1)
    assert open_writes(ledger) == []


@pytest.mark.parametrize("operation", ["EventUpdate", "EventDelete", "LocationCreate"])
@pytest.mark.parametrize("fault", CLOSING)
def test_a_closed_connection_stops_no_run(
    connections: Connections, tenant: Tenant, ledger: Ledger, fault: str, operation: str
) -> None:
    request = PREPARED[operation](tenant)
    connections.strike(fault, "mutation", "1")
    settled = write_in_a_run(ledger, connections.client(), request)
    assert settled is not None
    assert settled.done
    assert len(set(connections.changes(request))) == 1
    assert open_writes(ledger) == []


@pytest.mark.parametrize("fault", ["close-before", "reset-before"])
def test_a_connection_that_is_closed_every_time_stops_the_run_in_the_end(
    connections: Connections, tenant: Tenant, ledger: Ledger, fault: str
) -> None:
    request = PREPARED["LocationCreate"](tenant)
    connections.strike(fault, "mutation")
    assert write_in_a_run(ledger, connections.client(), request) is None
    assert connections.sent("LocationCreate") == SENDS
    assert connections.changes(request) == []
    clear(connections)
    settled = resume(ledger, connections.client(), request)
    assert [settled.id] == connections.changes(request)
    assert open_writes(ledger) == []


@pytest.mark.parametrize("fault", ["hang", "hang-after"])
def test_after_a_time_out_nothing_is_sent_again_before_the_resume(
    connections: Connections, tenant: Tenant, ledger: Ledger, fault: str
) -> None:
    request = PREPARED["EventUpdate"](tenant)
    connections.strike(fault, "EventUpdate", "1")
    assert write_in_a_run(ledger, connections.client(), request) is None
    assert connections.sent("EventUpdate") == 1
    assert resume(ledger, connections.client(), request).done


def test_where_the_look_fails_too_the_resume_looks_again(
    connections: Connections, tenant: Tenant, ledger: Ledger
) -> None:
    request = PREPARED["LocationCreate"](tenant)
    connections.strike("close-unanswered", "LocationCreate", "1")
    connections.sandbox.control.set_faults("close-unanswered:LocationCreate:1", "403:Locations")
    assert write_in_a_run(ledger, connections.client(), request) is None
    clear(connections)
    settled = resume(ledger, connections.client(), request)
    assert [settled.id] == connections.changes(request)
    assert connections.sent("LocationCreate") == 1


def test_a_run_stopped_between_the_looks_goes_on_with_a_look(
    connections: Connections, tenant: Tenant, ledger: Ledger
) -> None:
    request = PREPARED["LocationCreate"](tenant)
    connections.strike("close-before", "LocationCreate", "1")
    connections.stop_after = max(LOOKS_AFTER)
    assert write_in_a_run(ledger, connections.client(), request) is None
    assert connections.sent("LocationCreate") == 1
    assert [one["state"] for one in open_writes(ledger)] == ["unanswered"]
    connections.stop_after = None
    settled = resume(ledger, connections.client(), request)
    assert [settled.id] == connections.changes(request)


def test_what_is_found_twice_after_a_closed_connection_is_left_to_a_person(
    connections: Connections, tenant: Tenant, ledger: Ledger
) -> None:
    request = PREPARED["LocationCreate"](tenant)
    twin = tenant.made(request)
    connections.strike("close-unanswered", "LocationCreate", "1")
    assert write_in_a_run(ledger, connections.client(), request) is None
    [mine] = connections.changes(request)
    disputed = last_event_of_writing(ledger)
    assert isinstance(disputed, WriteDisputed)
    assert set(disputed.ids) == {twin, mine}


def test_one_closed_connection_in_five_writes_leaves_each_change_made_once(
    connections: Connections, tenant: Tenant, ledger: Ledger
) -> None:
    requests = [PREPARED["LocationCreate"](tenant) for _ in range(12)]
    connections.strike("close-before", "mutation", "20%")
    connections.sandbox.control.set_faults(
        "close-before:mutation:20%", "close-unanswered:mutation:20%"
    )
    client = connections.client()
    with new_run(ledger, "import-events") as run:
        writer = Writer.of(run, client)
        settled = [
            writer.write(request, about=ABOUT, slot=f"change {number}")
            for number, request in enumerate(requests)
        ]
    made = connections.changes(requests[0])
    assert sorted(made) == sorted(str(one.id) for one in settled)
    assert len(set(made)) == len(requests)
    assert connections.sent("LocationCreate") > len(requests)


def refused_after_a_lost_answer(
    connections: Connections, tenant: Tenant, ledger: Ledger, *, done: bool
) -> WriteRequest:
    """The update of an event of which the answer was lost, and which is refused ever since."""
    event = tenant.event()
    request = changes.UPDATE_EVENT(event, inputs.EventChange(is_sold_out=True))
    fault = "503-after" if done else "503"
    connections.strike(fault, "EventUpdate", "1")
    assert write_in_a_run(ledger, connections.client(tries=1), request) is None
    connections.sandbox.control.remove(event)
    return request


@pytest.mark.parametrize("done", [True, False])
def test_an_update_that_is_refused_after_a_lost_answer_may_be_done_all_the_same(
    connections: Connections, tenant: Tenant, ledger: Ledger, *, done: bool
) -> None:
    request = refused_after_a_lost_answer(connections, tenant, ledger, done=done)
    settled = resume(ledger, connections.client(), request)
    assert (settled.done, settled.in_doubt) == (False, True)
    assert settled.said.endswith("which had no answer, may have done it all the same")
    answered = last_event_of_writing(ledger)
    assert isinstance(answered, WriteAnswered)
    assert (answered.outcome, answered.in_doubt) == ("refused", True)
    assert (
        "an earlier attempt without an answer may have done it" in describe(answered, str).sentence
    )
    # Nothing more is to be found out, so the run ends; what it knows, it still knows.
    [newest] = run_states(ledger.database, limit=1)
    assert (newest.state, open_writes(ledger)) == ("done", [])
    slot = known_writes(ledger, newest.run_id)["the change"]
    assert (slot.in_doubt, slot.outcome) == (True, settled)


def test_within_one_call_a_refusal_after_a_lost_answer_is_no_less_in_doubt(
    connections: Connections, tenant: Tenant, ledger: Ledger
) -> None:
    event = tenant.event()
    request = changes.UPDATE_EVENT(event, inputs.EventChange(is_sold_out=True))
    connections.strike("503-after", "EventUpdate", "1")
    removed: list[str] = []

    def gone_by_the_second_attempt(_attempt: Attempt) -> None:
        if not removed:
            removed.append(event)
            connections.sandbox.control.remove(event)

    connections.after = gone_by_the_second_attempt
    settled = write_in_a_run(ledger, connections.client(), request)
    assert settled is not None
    assert (settled.done, settled.in_doubt) == (False, True)


def test_an_update_that_is_refused_at_once_is_not_done_for_certain(
    connections: Connections, tenant: Tenant, ledger: Ledger, client: Administrate
) -> None:
    event = tenant.event()
    connections.sandbox.control.remove(event)
    request = changes.UPDATE_EVENT(event, inputs.EventChange(is_sold_out=True))
    settled = write_in_a_run(ledger, client, request)
    assert settled is not None
    assert (settled.done, settled.in_doubt) == (False, False)
    answered = last_event_of_writing(ledger)
    assert isinstance(answered, WriteAnswered)
    assert not answered.in_doubt


def test_a_creation_that_is_refused_after_a_lost_answer_is_searched_once_more(
    connections: Connections, tenant: Tenant, ledger: Ledger
) -> None:
    request = PREPARED["LocationCreate"](tenant)
    connections.sandbox.control.switch(unique_location_names=True)
    connections.strike("close-before", "LocationCreate", "1")

    def late_server(attempt: Attempt) -> None:
        """Makes it after the last search, and refuses to make it twice."""
        searched = attempt.operation == "Locations"
        if searched and connections.sent("Locations") == len(LOOKS_AFTER):
            tenant.made(request)

    connections.after = late_server
    settled = write_in_a_run(ledger, connections.client(), request)
    assert settled is not None
    assert [settled.id] == connections.changes(request)
    assert isinstance(last_event_of_writing(ledger), WriteAdopted)
    assert open_writes(ledger) == []
