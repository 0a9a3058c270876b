"""A request of every kind of change that the sandbox carries out, and what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import Any

from sync.administrate.client import Administrate
from sync.administrate.reads import lookups, queries
from sync.administrate.reads.listings import Listing, Record
from sync.administrate.reads.queries import equal, where
from sync.administrate.writes import changes, inputs
from sync.administrate.writes.declaration import WriteRequest
from sync.administrate.writes.sending import Written, send

ZONE = "Europe/London"
START, END = datetime(2026, 1, 12, 9), datetime(2026, 1, 12, 17)  # noqa: DTZ001 - local times
COURSE = "CB1_LO_3"


class Tenant:
    """The tenant's records that requests refer to, found or made by a client without faults."""

    def __init__(self, client: Administrate) -> None:
        self.client = client
        self._numbers = count(1)

    @cached_property
    def course(self) -> str:
        """A course template of three days."""
        return str(self._all(queries.COURSE_TEMPLATES, where(equal("code", COURSE)))[0]["id"])

    @cached_property
    def instructor(self) -> str:
        """One who is approved for the course."""
        approved = self._all(queries.INSTRUCTORS_OF_COURSE_TEMPLATE, {"id": self.course})
        return str(approved[0]["id"])

    @cached_property
    def administrator(self) -> str:
        return str(lookups.administrators(self.client)[0]["id"])

    @cached_property
    def custom_fields(self) -> inputs.CustomFields:
        """The values an event must have."""
        definitions = self._all(queries.CUSTOM_FIELD_DEFINITIONS, {"type": "Event"})
        return {one["key"]: "2026A" for one in definitions if one["isRequired"]}

    def any(self, listing: Listing) -> str:
        """The id of the first of a list."""
        return str(self._all(listing)[0]["id"])

    def title(self) -> str:
        """A title, or a name, that nothing has yet."""
        return f"ELO-CB1-{next(self._numbers):02}-26A"

    def new_event(self, **more: Any) -> inputs.NewBlendedEvent:
        usual: dict[str, Any] = {
            "title": self.title(),
            "course_template_id": self.course,
            "classroom_start_date_time": START,
            "classroom_end_date_time": END,
            "custom_field_values": self.custom_fields,
        }
        return inputs.NewBlendedEvent(time_zone_name=ZONE, **{**usual, **more})

    def event(self) -> str:
        """A draft event just made."""
        return self.made(changes.CREATE_BLENDED_EVENT(self.new_event()))

    def session(self, event: str | None = None) -> str:
        """The first session of an event, or of a draft event just made."""
        sessions = self._all(queries.SESSIONS_OF_EVENT, {"id": event or self.event()})
        return str(sessions[0]["id"])

    def made(self, request: WriteRequest) -> str:
        """Carries the request out, and gives the id."""
        outcome = send(self.client, request)
        assert isinstance(outcome, Written), outcome
        assert outcome.id
        return outcome.id

    def _all(
        self, listing: Listing, variables: Mapping[str, Any] | None = None
    ) -> tuple[Record, ...]:
        return lookups.find_all(self.client, listing, variables)


def _new_lms_event(tenant: Tenant) -> inputs.NewLmsEvent:
    return inputs.NewLmsEvent(
        time_zone_name=ZONE,
        title=tenant.title(),
        course_template_id=tenant.course,
        lms_start_date_time=START,
        custom_field_values=tenant.custom_fields,
    )


def _new_session(tenant: Tenant) -> inputs.NewSession:
    return inputs.NewSession(
        parent_event_id=tenant.event(), code="", title="Extra day", start=START, end=END
    )


def _new_location(tenant: Tenant) -> inputs.NewLocation:
    return inputs.NewLocation(region_id=tenant.any(queries.REGIONS), name=tenant.title())


def _new_contact(tenant: Tenant) -> inputs.NewContact:
    name = inputs.NewPersonalName(first_name="Mary", last_name=tenant.title())
    return inputs.NewContact(account_id=tenant.any(queries.ACCOUNTS), personal_name=name)


def event_staff(event: str, contact: str, staff_type: str) -> WriteRequest:
    new = inputs.NewEventStaff(event_id=event, contact_id=contact, staff_type=staff_type)
    return changes.ADD_EVENT_STAFF(new)


def session_staff(session: str, contact: str) -> WriteRequest:
    new = inputs.NewSessionStaff(
        session_id=session, contact_ids=(contact,), staff_type="instructor"
    )
    return changes.ADD_SESSION_STAFF(new)


# By the operation's name: makes what the change needs, then the request.
PREPARED: Mapping[str, Callable[[Tenant], WriteRequest]] = {
    "EventCreateBlended": lambda tenant: changes.CREATE_BLENDED_EVENT(tenant.new_event()),
    "EventCreateLMS": lambda tenant: changes.CREATE_LMS_EVENT(_new_lms_event(tenant)),
    "EventUpdate": lambda tenant: changes.UPDATE_EVENT(
        tenant.event(), inputs.EventChange(is_sold_out=True)
    ),
    "EventDelete": lambda tenant: changes.DELETE_EVENT(tenant.event()),
    "EventAddStaff": lambda tenant: event_staff(
        tenant.event(), tenant.administrator, "administrator"
    ),
    "SessionCreate": lambda tenant: changes.CREATE_SESSION(_new_session(tenant)),
    "SessionUpdate": lambda tenant: changes.UPDATE_SESSION(
        tenant.session(), inputs.SessionChange(title="Day 1")
    ),
    "SessionAddStaff": lambda tenant: session_staff(tenant.session(), tenant.instructor),
    "CourseTemplateCreate": lambda tenant: changes.CREATE_COURSE_TEMPLATE(
        inputs.NewCourseTemplate(title="CB1", code=tenant.title())
    ),
    "CourseTemplateUpdate": lambda tenant: changes.UPDATE_COURSE_TEMPLATE(
        tenant.course, inputs.CourseTemplateChange(approved_instructors=(tenant.instructor,))
    ),
    "LocationCreate": lambda tenant: changes.CREATE_LOCATION(_new_location(tenant)),
    "ContactCreate": lambda tenant: changes.CREATE_CONTACT(_new_contact(tenant)),
}
