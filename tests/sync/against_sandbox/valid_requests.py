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
from sync.administrate.writes import changes, inputs
from sync.administrate.writes.sending import WriteRequest, Written, send

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
        return str(lookups.course_templates_by_code(self.client, COURSE)[0]["id"])

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
        return self.made(changes.create_blended_event(self.new_event()))

    def session(self) -> str:
        """The first session of a draft event just made."""
        return str(lookups.sessions_of_event(self.client, self.event())[0]["id"])

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


def _event_place(tenant: Tenant) -> WriteRequest:
    return changes.add_event_staff(tenant.event(), tenant.administrator, "administrator")


def _session_place(tenant: Tenant) -> WriteRequest:
    return changes.add_session_staff(tenant.session(), tenant.instructor, "instructor")


# By the operation's name: makes what the change needs, then the request.
PREPARED: Mapping[str, Callable[[Tenant], WriteRequest]] = {
    "EventCreateBlended": lambda tenant: changes.create_blended_event(tenant.new_event()),
    "EventCreateLMS": lambda tenant: changes.create_lms_event(_new_lms_event(tenant)),
    "EventUpdate": lambda tenant: changes.update_event(
        tenant.event(), inputs.EventChange(max_places=20)
    ),
    "EventDelete": lambda tenant: changes.delete_event(tenant.event()),
    "EventAddStaff": _event_place,
    "EventRemoveStaff": lambda tenant: changes.remove_event_staff(
        tenant.made(_event_place(tenant))
    ),
    "SessionCreate": lambda tenant: changes.create_session(_new_session(tenant)),
    "SessionUpdate": lambda tenant: changes.update_session(
        tenant.session(), inputs.SessionChange(notes="Bring tables")
    ),
    "SessionAddStaff": _session_place,
    "SessionRemoveStaff": lambda tenant: changes.remove_session_staff(
        tenant.made(_session_place(tenant))
    ),
    "CourseTemplateCreate": lambda tenant: changes.create_course_template(
        inputs.NewCourseTemplate(title="CB1", code=tenant.title())
    ),
    "CourseTemplateUpdate": lambda tenant: changes.update_course_template(
        tenant.course, inputs.CourseTemplateChange(title="CB1")
    ),
    "LocationCreate": lambda tenant: changes.create_location(_new_location(tenant)),
    "ContactCreate": lambda tenant: changes.create_contact(_new_contact(tenant)),
    "ExternalIdStore": lambda tenant: changes.store_external_id(
        tenant.course, "admsync", tenant.title()
    ),
}
