"""Every fault the sandbox knows, met by every kind of call: what is claimed is what was done."""

from __future__ import annotations

import pytest
from attrs import frozen

from sync.administrate.client import Administrate
from sync.administrate.errors import AdministrateError, Done
from sync.administrate.operations import Kind
from sync.administrate.reads import lookups, queries
from sync.administrate.writes.changes import CHANGES
from sync.administrate.writes.declaration import WriteRequest
from sync.administrate.writes.sending import Refused, Written, send
from sync.sandbox.faults.kinds import KINDS
from tests.sync.against_sandbox.connecting import TRIED_ONCE, Connections
from tests.sync.against_sandbox.valid_requests import PREPARED, Tenant, event_staff, session_staff


@frozen
class Conduct:
    """What the client does about a fault that strikes once: how often it sends what it was asked,
    and what it says of a creation then."""

    read: int
    update: int
    creation: int
    says: Done

    def sends(self, kind: Kind) -> int:
        return {Kind.READ: self.read, Kind.UPDATE: self.update, Kind.CREATE: self.creation}[kind]


# The whole answer arrives.
UNHURT = Conduct(1, 1, 1, Done.YES)
# Certainly nothing was done: sent again, whatever it is.
TURNED_AWAY = Conduct(2, 2, 2, Done.YES)
# Nobody knows what was done: sent again only where twice is once.
LOST = Conduct(2, 2, 1, Done.UNKNOWN)
# The server may still be at work: no change is sent again.
SILENT = Conduct(2, 1, 1, Done.UNKNOWN)
# It would come again: tried once.
HOPELESS = Conduct(1, 1, 1, Done.UNKNOWN)
CONDUCT = {
    **dict.fromkeys(("latency", "reset-after", "created-with-errors"), UNHURT),
    **dict.fromkeys(("page-insert", "page-remove", "unordered"), UNHURT),
    **dict.fromkeys(("429", "429-retry-after", "401", "token-revoked"), TURNED_AWAY),
    **dict.fromkeys(("500-before", "502", "503", "504"), LOST),
    **dict.fromkeys(("500-after", "502-after", "503-after", "504-after"), LOST),
    **dict.fromkeys(("reset-before", "reset-unanswered", "reset-mid", "close-mid"), LOST),
    **dict.fromkeys(("close-before", "close-unanswered", "close-head"), LOST),
    **dict.fromkeys(("exit-before", "exit-after", "truncated"), LOST),
    **dict.fromkeys(("hang", "hang-after"), SILENT),
    **dict.fromkeys(("not-json", "forbidden"), HOPELESS),
    "403": Conduct(1, 1, 1, Done.NO),
    # What was executed and failed would fail again, but for a read.
    **dict.fromkeys(("errors", "errors-after"), Conduct(2, 1, 1, Done.UNKNOWN)),
    # The change stands in the answer, beside the errors.
    "partial-errors": Conduct(2, 1, 1, Done.YES),
    # What was made came without its id.
    "null": Conduct(2, 2, 1, Done.YES),
    # It came with an id that is none.
    **dict.fromkeys(("wrong-type", "endless-text"), Conduct(1, 2, 1, Done.YES)),
}
# One change of each nature: an update, a removal, a creation, and an addition.
NATURES = ("CourseTemplateUpdate", "EventDelete", "CourseTemplateCreate", "EventAddStaff")


def test_the_client_has_a_conduct_for_every_fault() -> None:
    assert set(CONDUCT) == set(KINDS)


def test_every_kind_of_change_is_tried_here() -> None:
    assert set(PREPARED) == set(CHANGES)


def claimed(client: Administrate, request: WriteRequest) -> Done:
    """Whether, as far as the client says, the change was made."""
    try:
        match send(client, request):
            case Written():
                return Done.YES
            case Refused(done=done):
                return done
    except AdministrateError as error:
        return error.done


def of_each_nature(tenant: Tenant) -> list[tuple[str, WriteRequest]]:
    """A change of each nature, prepared before any fault."""
    return [(operation, PREPARED[operation](tenant)) for operation in NATURES]


def assert_true(claim: Done, request: WriteRequest, times: int) -> None:
    """Whether the claim agrees with how often the change was made."""
    operation = request.operation
    if claim is Done.NO:
        assert times == 0, operation
    if claim is Done.YES:
        assert times > 0, operation
    if request.kind is Kind.CREATE:
        assert times <= 1, operation


@pytest.mark.parametrize("operation", PREPARED)
def test_without_a_fault_a_change_is_made_once_and_its_id_told(
    connections: Connections, tenant: Tenant, client: Administrate, operation: str
) -> None:
    request = PREPARED[operation](tenant)
    connections.sandbox.control.forget()
    outcome = send(client, request)
    assert isinstance(outcome, Written)
    made = connections.changes(request)
    assert len(made) == 1
    if request.kind is Kind.CREATE:
        assert made == [outcome.id]


@pytest.mark.parametrize("fault", KINDS)
def test_of_a_fault_that_strikes_once_the_truth_is_told(
    connections: Connections, tenant: Tenant, fault: str
) -> None:
    for operation, request in of_each_nature(tenant):
        connections.strike(fault, operation, "1")
        claim = claimed(connections.client(), request)
        assert connections.sent(operation) == CONDUCT[fault].sends(request.kind), operation
        assert_true(claim, request, len(connections.changes(request)))
        if operation == "CourseTemplateCreate":
            assert claim is CONDUCT[fault].says


@pytest.mark.parametrize("fault", KINDS)
def test_of_a_fault_that_stays_the_truth_is_told(
    connections: Connections, tenant: Tenant, fault: str
) -> None:
    for operation, request in of_each_nature(tenant):
        connections.strike(fault, operation)
        claim = claimed(connections.client(tries=2), request)
        assert_true(claim, request, len(connections.changes(request)))


@pytest.mark.parametrize("fault", KINDS)
def test_a_read_survives_a_fault_that_strikes_once_unless_it_would_come_again(
    connections: Connections, fault: str
) -> None:
    connections.strike(fault, "Venues", "1")
    client = connections.client()
    if fault in TRIED_ONCE:
        with pytest.raises(AdministrateError) as caught:
            lookups.find_all(client, queries.VENUES)
        assert len(str(caught.value)) < 500
        assert connections.sent("Venues") == 1
        return
    found = lookups.find_all(client, queries.VENUES)
    assert connections.sent("Venues") == CONDUCT[fault].read
    there = {venue["id"] for venue in connections.sandbox.control.dump("Venue")}
    assert len(found) == len(there)
    assert {venue["id"] for venue in found} == there


@pytest.mark.parametrize("fault", KINDS)
def test_a_token_that_is_hard_to_get_leaves_no_doubt(
    connections: Connections, tenant: Tenant, fault: str
) -> None:
    """Without a token nothing is sent, so a creation was made or it was not."""
    request = PREPARED["CourseTemplateCreate"](tenant)
    connections.strike(fault, "oauth.token", "1")
    claim = claimed(connections.client(), request)
    assert claim is not Done.UNKNOWN
    assert_true(claim, request, len(connections.changes(request)))


def test_a_place_held_on_some_sessions_may_have_been_added_to_the_others(
    connections: Connections, tenant: Tenant, client: Administrate
) -> None:
    event = tenant.event()
    tenant.made(session_staff(tenant.session(event), tenant.instructor))
    request = event_staff(event, tenant.instructor, "instructor")
    connections.sandbox.control.forget()
    assert claimed(client, request) is Done.UNKNOWN
    assert len(connections.changes(request)) == 1


def test_a_place_held_everywhere_is_certainly_not_added(
    connections: Connections, tenant: Tenant, client: Administrate
) -> None:
    request = PREPARED["EventAddStaff"](tenant)
    tenant.made(request)
    connections.sandbox.control.forget()
    assert claimed(client, request) is Done.NO
    assert connections.changes(request) == []
