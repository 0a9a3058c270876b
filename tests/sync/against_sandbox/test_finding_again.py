"""What a creation left behind without an answer is found again, by its natural key alone."""

from __future__ import annotations

from datetime import datetime

import pytest
from attrs import evolve

from sync.administrate.client import Administrate
from sync.administrate.errors import AdministrateError, Done
from sync.administrate.operations import Kind
from sync.administrate.writes import changes, inputs
from sync.administrate.writes.changes import CHANGES
from sync.administrate.writes.declaration import WriteRequest
from sync.administrate.writes.sending import find_again, send
from tests.sync.against_sandbox.connecting import Connections
from tests.sync.against_sandbox.valid_requests import PREPARED, START, ZONE, Tenant, event_staff

CREATIONS = [name for name, change in CHANGES.items() if change.kind is Kind.CREATE]


def lose(connections: Connections, client: Administrate, request: WriteRequest, fault: str) -> str:
    """Makes the change without a word of it, and gives the id of what it made."""
    connections.strike(fault, request.operation, "1")
    with pytest.raises(AdministrateError) as caught:
        send(client, request)
    assert caught.value.done is Done.UNKNOWN
    [made] = connections.changes(request)
    return made


@pytest.mark.parametrize("fault", ["500-after", "reset-unanswered"])
@pytest.mark.parametrize("operation", CREATIONS)
def test_one_is_found_and_it_is_the_one(
    connections: Connections, tenant: Tenant, client: Administrate, operation: str, fault: str
) -> None:
    request = PREPARED[operation](tenant)
    assert find_again(client, request) == ()
    made = lose(connections, client, request, fault)
    assert [found["id"] for found in find_again(client, request)] == [made]


@pytest.mark.parametrize("operation", CREATIONS)
def test_made_twice_both_are_found(
    connections: Connections, tenant: Tenant, client: Administrate, operation: str
) -> None:
    request = PREPARED[operation](tenant)
    made = {lose(connections, client, request, "500-after")}
    if CHANGES[operation].row is None:
        made |= {lose(connections, client, request, "500-after")}
    assert {found["id"] for found in find_again(client, request)} == made


def bare_event(tenant: Tenant) -> WriteRequest:
    """An event of no course and no day."""
    return changes.CREATE_LMS_EVENT(
        inputs.NewLmsEvent(
            time_zone_name=ZONE, title=tenant.title(), custom_field_values=tenant.custom_fields
        )
    )


def event_of_a_course_without_schedule(tenant: Tenant) -> WriteRequest:
    """The API makes one session at the times given."""
    bare = PREPARED["CourseTemplateCreate"](tenant)
    given = {"learningMode": "blended", "lifecycleState": "published"}
    course = tenant.made(evolve(bare, variables={"input": {**bare.variables["input"], **given}}))
    return changes.CREATE_BLENDED_EVENT(tenant.new_event(course_template_id=course))


def event_at_midnight_and_online_from_before(tenant: Tenant) -> WriteRequest:
    """Its classroom's day is not that of its online access, and has another date in UTC."""
    midsummer = datetime(2026, 6, 24, 0, 30)  # noqa: DTZ001 - a local time
    return changes.CREATE_BLENDED_EVENT(
        tenant.new_event(
            classroom_start_date_time=midsummer,
            classroom_end_date_time=midsummer.replace(hour=17),
            lms_start_date_time=START,
        )
    )


def event_of_no_classroom_day(tenant: Tenant) -> WriteRequest:
    """A blended event of which only the online access has a day yet."""
    return changes.CREATE_BLENDED_EVENT(
        tenant.new_event(
            classroom_start_date_time=None, classroom_end_date_time=None, lms_start_date_time=START
        )
    )


def event_with_a_code(tenant: Tenant) -> WriteRequest:
    return changes.CREATE_BLENDED_EVENT(tenant.new_event(code=tenant.title()))


def contact_with_blanks(tenant: Tenant) -> WriteRequest:
    request = PREPARED["ContactCreate"](tenant)
    name = {"firstName": "Anne  Marie", "lastName": f"{tenant.title()} % _"}
    given = {**request.variables["input"], "personalName": name}
    return evolve(request, variables={"input": given})


@pytest.mark.parametrize(
    "unusual",
    [
        bare_event,
        event_of_a_course_without_schedule,
        event_at_midnight_and_online_from_before,
        event_of_no_classroom_day,
        event_with_a_code,
        contact_with_blanks,
    ],
)
def test_an_unusual_one_is_found_too(
    connections: Connections, tenant: Tenant, client: Administrate, unusual: object
) -> None:
    assert callable(unusual)
    request = unusual(tenant)
    made = lose(connections, client, request, "500-after")
    assert [found["id"] for found in find_again(client, request)] == [made]


def test_one_of_the_same_title_on_another_day_or_of_another_course_is_not_taken_for_it(
    tenant: Tenant, client: Administrate
) -> None:
    new = tenant.new_event()
    later = evolve(new, classroom_start_date_time=START.replace(day=13))
    tenant.made(changes.CREATE_BLENDED_EVENT(evolve(later, classroom_end_date_time=None)))
    assert find_again(client, changes.CREATE_BLENDED_EVENT(new)) == ()


def test_a_place_of_another_kind_is_not_taken_for_the_one_added(
    tenant: Tenant, client: Administrate
) -> None:
    event = tenant.event()
    tenant.made(event_staff(event, tenant.administrator, "administrator"))
    asked = event_staff(event, tenant.administrator, "instructor")
    assert find_again(client, asked) == ()
