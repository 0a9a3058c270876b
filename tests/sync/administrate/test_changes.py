"""What is said of a change is true: made, made with warnings, refused, or unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sync.administrate.client import Administrate
from sync.administrate.errors import AdministrateError, Done, Malformed, OperationFailed
from sync.administrate.operations import Kind
from sync.administrate.writes import changes, inputs
from sync.administrate.writes.declaration import WriteRequest
from sync.administrate.writes.sending import (
    ALREADY_STAFF,
    FieldError,
    Refused,
    Written,
    find_again,
    send,
)
from tests.sync.administrate.changing_set import window
from tests.sync.administrate.requests_of_every_kind import REQUESTS, START
from tests.sync.administrate.scripted_server import Answer, Fault, ScriptedServer, data

CREATE = REQUESTS["EventCreateBlended"]
UPDATE = REQUESTS["EventUpdate"]
DELETE = REQUESTS["EventDelete"]
ADD_STAFF = REQUESTS["EventAddStaff"]

SESSION = {"id": "S1", "legacyId": "1", "start": "2026-01-05T09:00:00"}
EVENT: dict[str, object] = {
    "id": "E1",
    "legacyId": "1",
    "code": "CB1",
    "title": "CB1",
    "lifecycleState": "draft",
    "learningMode": "blended",
    "isSoldOut": False,
    **dict.fromkeys(("timeZonedLmsStart", "timeZonedLmsEnd", "registrationDeadline")),
    **dict.fromkeys(("minPlaces", "maxPlaces", "courseTemplate", "location", "venue")),
    "timeZoneName": "Europe/London",
    "customFieldValues": [],
    "updatedAt": "2026-01-05T09:00:00.616861Z",
    "sessions": {"edges": [{"node": SESSION}]},
}
PLACE = {"id": "S1", "staffType": "administrator", "contact": {"id": "P1"}}
NO_PLACE = {"id": "E1", "staff": {"edges": []}}
WITH_PLACE = {"id": "E1", "staff": {"edges": [{"node": PLACE}]}}
TOO_LONG = {"label": "title", "message": "Too long", "value": "CB1"}
TWICE = {"label": None, "message": ALREADY_STAFF, "value": None}


def answered(request: WriteRequest, payload: object, **beside: object) -> Answer:
    """An answer with this payload where the change's own stands."""
    data = payload
    for name in reversed(request.change.payload):
        data = {name: data}
    return Answer(json.dumps({"data": data, **beside}).encode())


def listed(*events: object) -> Answer:
    """The answer to a search of events."""
    return data(events=window(list(events), 100, 0))


def told(
    client: Administrate, server: ScriptedServer, request: WriteRequest, *script: Answer | Fault
) -> Written | Refused:
    server.script.extend(script)
    return send(client, request)


def failed(
    client: Administrate, server: ScriptedServer, request: WriteRequest, *script: Answer | Fault
) -> AdministrateError:
    with pytest.raises(AdministrateError) as caught:
        told(client, server, request, *script)
    return caught.value


def test_a_creation_gives_the_id(client: Administrate, server: ScriptedServer) -> None:
    answer = answered(CREATE, {"errors": [], "event": EVENT})
    assert told(client, server, CREATE, answer) == Written("E1", EVENT, (), answer.body)


def test_an_entity_that_came_with_errors_is_created_with_warnings(
    client: Administrate, server: ScriptedServer
) -> None:
    outcome = told(client, server, CREATE, answered(CREATE, {"errors": [TOO_LONG], "event": EVENT}))
    assert isinstance(outcome, Written)
    assert outcome.id == "E1"
    assert outcome.warnings == (FieldError("Too long", "title", "CB1"),)


def test_errors_without_an_entity_are_a_refusal(
    client: Administrate, server: ScriptedServer
) -> None:
    outcome = told(client, server, CREATE, answered(CREATE, {"errors": [TOO_LONG], "event": None}))
    assert isinstance(outcome, Refused)
    assert outcome.done is Done.NO
    assert outcome.errors == (FieldError("Too long", "title", "CB1"),)


def test_a_refusal_after_a_lost_answer_leaves_the_doubt(
    client: Administrate, server: ScriptedServer
) -> None:
    refusal = answered(UPDATE, {"errors": [TOO_LONG], "event": None})
    outcome = told(client, server, UPDATE, Fault.RESET_BEFORE, refusal)
    assert isinstance(outcome, Refused)
    assert outcome.done is Done.UNKNOWN


@pytest.mark.parametrize("first", [[], [Fault.RESET_BEFORE]])
def test_a_refused_deletion_is_decided_by_whether_the_record_is_there(
    client: Administrate, server: ScriptedServer, first: list[Fault]
) -> None:
    refusal = answered(DELETE, {"errors": [TOO_LONG]})
    gone = told(client, server, DELETE, *first, refusal, listed())
    assert isinstance(gone, Written)
    assert gone.warnings == (FieldError("Too long", "title", "CB1"),)
    [[event_id]] = DELETE.variables["input"].values()
    key = dict.fromkeys(("lmsStart", "classroomStart", "courseTemplate"))
    there = told(client, server, DELETE, *first, refusal, listed({**EVENT, **key, "id": event_id}))
    assert isinstance(there, Refused)
    assert there.done is Done.NO


@pytest.mark.parametrize(
    "payload",
    [None, {}, {"errors": []}, {"errors": [], "event": None}, {"errors": None}, {"errors": "x"}],
)
def test_an_answer_that_tells_neither_is_no_answer(
    client: Administrate, server: ScriptedServer, payload: object
) -> None:
    error = failed(client, server, CREATE, answered(CREATE, payload))
    assert isinstance(error, Malformed)
    assert error.done is Done.UNKNOWN


@pytest.mark.parametrize(
    ("name", "value"), [("title", ["CB1"]), ("code", None), ("sessions", {}), ("updatedAt", 1)]
)
def test_a_creation_with_an_id_is_done_whatever_else_is_wrong_with_its_record(
    client: Administrate, server: ScriptedServer, name: str, value: object
) -> None:
    request = UPDATE if name == "updatedAt" else CREATE
    answer = answered(request, {"errors": [], "event": {**EVENT, name: value}})
    assert told(client, server, request, answer) == Written("E1", {}, (), answer.body)


@pytest.mark.parametrize("wrong", [5, ["E1"], "", "x" * 10_000_000, {}, True])
def test_an_id_that_is_none_is_never_taken(
    client: Administrate, server: ScriptedServer, wrong: object
) -> None:
    payload = {"errors": [], "event": {**EVENT, "id": wrong}}
    error = failed(client, server, CREATE, answered(CREATE, payload))
    assert error.done is Done.YES
    assert len(str(error)) < 400


def test_a_creation_without_an_id_is_certainly_done(
    client: Administrate, server: ScriptedServer
) -> None:
    payload = {"errors": [], "event": {**EVENT, "id": None}}
    error = failed(client, server, CREATE, answered(CREATE, payload))
    assert error.done is Done.YES
    assert not error.retryable


def test_an_entity_beside_top_level_errors_is_created_too(
    client: Administrate, server: ScriptedServer
) -> None:
    errors = [{"message": "Boom", "path": ["event", "createBlended", "event", "legacyId"]}]
    answer = answered(CREATE, {"errors": [], "event": EVENT}, errors=errors)
    outcome = told(client, server, CREATE, answer)
    assert outcome == Written("E1", EVENT, (FieldError("Boom"),), answer.body)


@pytest.mark.parametrize("payload", [None, {"errors": [], "event": None}])
def test_top_level_errors_without_an_entity_leave_it_unknown(
    client: Administrate, server: ScriptedServer, payload: object
) -> None:
    errors = [{"message": "Boom", "path": ["event"]}]
    error = failed(client, server, CREATE, answered(CREATE, payload, errors=errors))
    assert type(error) is OperationFailed
    assert error.done is Done.UNKNOWN


def test_an_update_is_sent_again_until_it_is_answered(
    client: Administrate, server: ScriptedServer
) -> None:
    answer = answered(UPDATE, {"errors": [], "event": EVENT})
    outcome = told(client, server, UPDATE, Fault.FAULT_AFTER, Fault.RESET_MID, answer)
    assert isinstance(outcome, Written)
    assert len(server.calls) == 3


def test_a_refused_deletion_that_cannot_be_looked_into_stays_unknown(
    client: Administrate, server: ScriptedServer
) -> None:
    refusal = answered(DELETE, {"errors": [TOO_LONG]})
    error = failed(client, server, DELETE, refusal, Answer(b"", 403))
    assert type(error) is OperationFailed
    assert error.done is Done.UNKNOWN
    assert "it was rejected (Too long)" in str(error)


def test_a_deletion_has_no_entity(client: Administrate, server: ScriptedServer) -> None:
    outcome = told(client, server, DELETE, answered(DELETE, {"errors": []}))
    assert isinstance(outcome, Written)
    assert outcome.id is None


def test_an_addition_gives_the_id_of_the_place(
    client: Administrate, server: ScriptedServer
) -> None:
    answer = answered(ADD_STAFF, {"errors": [], "event": WITH_PLACE})
    outcome = told(client, server, ADD_STAFF, answer)
    assert isinstance(outcome, Written)
    assert outcome.id == "S1"


def test_that_the_event_is_there_does_not_mean_the_place_was_added(
    client: Administrate, server: ScriptedServer
) -> None:
    answer = answered(ADD_STAFF, {"errors": [TOO_LONG], "event": NO_PLACE})
    assert isinstance(told(client, server, ADD_STAFF, answer), Refused)


@pytest.mark.parametrize("event", [None, NO_PLACE, WITH_PLACE])
def test_a_place_held_already_is_told_apart(
    client: Administrate, server: ScriptedServer, event: object
) -> None:
    answer = answered(ADD_STAFF, {"errors": [TOO_LONG, TWICE], "event": event})
    outcome = told(client, server, ADD_STAFF, answer)
    assert isinstance(outcome, Refused)
    assert outcome.already_staff


def test_a_time_with_an_offset_is_not_sent() -> None:
    change = inputs.SessionChange(start=datetime(2026, 1, 5, 9, tzinfo=UTC))
    with pytest.raises(ValueError, match="not a local time"):
        changes.UPDATE_SESSION("S1", change)


def test_only_what_is_given_is_sent_and_a_custom_field_can_be_cleared() -> None:
    change = inputs.SessionChange(title="Day 1", custom_field_values={"D1": None})
    assert changes.UPDATE_SESSION("S1", change).variables == {
        "sessionId": "S1",
        "input": {
            "title": "Day 1",
            "customFieldValues": [{"definitionKey": "D1", "value": None}],
        },
    }


# By the operation: the place of the records searched, one that was made, and one that was not.
FOUND: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "EventCreateBlended": ("events", {"code": "code"}, {"code": "Code"}),
    "EventCreateLMS": (
        "events",
        {
            "title": "CB1",
            "courseTemplate": {"id": "T1", "code": ""},
            "lmsStart": "2026-01-05T00:00:00",
        },
        {
            "title": "CB1",
            "courseTemplate": {"id": "T2", "code": ""},
            "lmsStart": "2026-01-05T00:00:00",
        },
    ),
    "SessionCreate": (
        "sessions",
        {"start": "2026-01-05T09:00:00", "title": "title"},
        {"start": "2026-01-05T10:00:00", "title": "title"},
    ),
    "EventAddStaff": (
        "staff",
        {"contact": {"id": "contact_id"}, "staffType": "instructor"},
        {"contact": {"id": "contact_id"}, "staffType": "administrator"},
    ),
    "SessionAddStaff": (
        "staff",
        {"contact": {"id": "contact_ids"}, "staffType": "instructor"},
        {"contact": {"id": "P2"}, "staffType": "instructor"},
    ),
    "CourseTemplateCreate": ("courseTemplates", {"code": "code"}, {"code": "CB2"}),
    "LocationCreate": ("locations", {"name": "name"}, {"name": "Name"}),
    "ContactCreate": (
        "contacts",
        {
            "personalName": {"firstName": "first_name", "lastName": "last_name"},
            "account": {"id": "account_id", "name": ""},
        },
        {
            "personalName": {"firstName": "first_name", "lastName": "last_name"},
            "account": {"id": "A2", "name": ""},
        },
    ),
}
LMS = changes.CREATE_LMS_EVENT(
    inputs.NewLmsEvent(
        time_zone_name="Europe/London",
        title="CB1",
        course_template_id="T1",
        lms_start_date_time=START,
    )
)


def test_every_creation_is_looked_for_here() -> None:
    assert set(FOUND) == {
        name for name, change in changes.CHANGES.items() if change.kind is Kind.CREATE
    }


@pytest.mark.parametrize("name", FOUND)
def test_a_creation_is_found_again_by_its_natural_key_and_no_other_is(
    client: Administrate, server: ScriptedServer, name: str
) -> None:
    request = LMS if name == LMS.operation else REQUESTS[name]
    where, same, other = FOUND[name]
    common: dict[str, object] = dict.fromkeys(("legacyId", "code", "title"), "")
    common |= {"type": "public", "learningMode": "lms", "lifecycleState": "draft"}
    common |= dict.fromkeys(("createdAt", "updatedAt"), "2026-01-05T09:00:00Z")
    common |= {"bookedPlaces": 0, "customFieldValues": [], "externalIds": []}
    common |= {"name": "", "isPrimary": False, "isInstructor": True, "isAdmin": False}
    common |= {"hasLeftCompany": False, "classroomStart": None, "lmsStart": None}
    # The record's own lists are not looked at here.
    common |= {one: window([], 100, 0) for one in ("sessions", "staff")}
    mine, theirs = ({**common, **one, "id": key} for key, one in (("M", same), ("T", other)))

    def obey(_operation: str, variables: Mapping[str, Any]) -> object:
        shown = {where: window([mine, theirs], variables["first"], variables["offset"])}
        return {"node": {"id": variables["id"], **shown}} if "id" in variables else shown

    server.obey = obey
    assert [found["id"] for found in find_again(client, request)] == ["M"]


def test_an_update_is_not_looked_for(client: Administrate) -> None:
    with pytest.raises(ValueError, match="not a creation"):
        find_again(client, UPDATE)
