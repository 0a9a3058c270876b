"""What is given to Administrate: a class for each input, its fields named as the API's are.

A field left None is not sent, so it is not touched. Times are local to ``time_zone_name`` and
carry no offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import AttrsInstance, fields, frozen

CustomFields = Mapping[str, str | None]
"""Values by the definition's key: only those named change, and None clears."""


@frozen(kw_only=True)
class NewLmsEvent:
    """An event of online content alone."""

    event_type: str = "public"
    lifecycle_state: str = "draft"
    time_zone_name: str
    title: str
    code: str | None = None
    course_template_id: str | None = None
    location_id: str | None = None
    venue_id: str | None = None
    tax_type_id: str | None = None
    lms_start_date_time: datetime | None = None
    lms_end_date_time: datetime | None = None
    registration_deadline: datetime | None = None
    min_places: int | None = None
    max_places: int | None = None
    custom_field_values: CustomFields | None = None


@frozen(kw_only=True)
class NewBlendedEvent(NewLmsEvent):
    """An event with sessions. The API makes them from the template's schedule.

    With a course template it takes only the day of the classroom's start, so the sessions' real
    times are set afterwards.
    """

    classroom_start_date_time: datetime | None = None
    classroom_end_date_time: datetime | None = None


@frozen(kw_only=True)
class EventChange:
    """What is set on an event; its venue and classroom times are its sessions'."""

    lifecycle_state: str | None = None
    time_zone_name: str | None = None
    location_id: str | None = None
    lms_start_date_time: datetime | None = None
    lms_end_date_time: datetime | None = None
    registration_deadline: datetime | None = None
    min_places: int | None = None
    max_places: int | None = None
    is_sold_out: bool | None = None
    custom_field_values: CustomFields | None = None


@frozen(kw_only=True)
class NewEventStaff:
    """A contact on an event's staff, and by that on its sessions'."""

    event_id: str
    contact_id: str
    staff_type: str


@frozen(kw_only=True)
class NewSession:
    """A session beside those the template's schedule made."""

    parent_event_id: str
    code: str
    title: str
    start: datetime
    end: datetime
    time_zone_name: str | None = None
    location_id: str | None = None
    venue_id: str | None = None
    min_places: int | None = None
    max_places: int | None = None


@frozen(kw_only=True)
class SessionChange:
    """What is set on a session."""

    title: str | None = None
    lifecycle_state: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    time_zone_name: str | None = None
    location_id: str | None = None
    venue_id: str | None = None
    custom_field_values: CustomFields | None = None


@frozen(kw_only=True)
class NewSessionStaff:
    """A contact on a session's staff: one, as an answer about several does not tell them apart."""

    session_id: str
    contact_ids: tuple[str]
    staff_type: str


@frozen(kw_only=True)
class NewCourseTemplate:
    """A course template; code of at most 120 characters, title of at most 255."""

    title: str
    code: str


@frozen(kw_only=True)
class CourseTemplateChange:
    """What is set on a course template; ``approved_instructors`` replaces the whole list."""

    approved_instructors: tuple[str, ...] | None = None


@frozen(kw_only=True)
class NewLocation:
    """A location; it needs a region."""

    region_id: str
    name: str
    code: str | None = None


@frozen(kw_only=True)
class NewPersonalName:
    """The name of a person."""

    first_name: str
    last_name: str


@frozen(kw_only=True)
class NewContact:
    """A person, who belongs to an account."""

    account_id: str
    personal_name: NewPersonalName
    is_instructor: bool | None = None


def as_input(value: AttrsInstance) -> dict[str, Any]:
    """The value as the API takes it: plain JSON, names in camel case, nothing for None."""
    return {
        _camel(one.name): _plain(given)
        for one in fields(type(value))
        if (given := getattr(value, one.name)) is not None
    }


def contact_of(given: Mapping[str, Any]) -> str:
    """The contact whom the input of a staff entry names."""
    contact = given["contactId"] if "contactId" in given else given["contactIds"][0]
    return str(contact)


def local_time(moment: datetime) -> str:
    """A local time as the API writes it; ValueError for one with an offset, which it would drop."""
    if moment.tzinfo is not None:
        raise ValueError(f"{moment.isoformat()} is not a local time")
    return moment.isoformat(timespec="seconds")


def _plain(value: object) -> object:
    match value:
        case datetime():
            return local_time(value)
        case Mapping():
            return [{"definitionKey": key, "value": text} for key, text in value.items()]
        case tuple():
            return list(value)
        case NewPersonalName():
            return as_input(value)
    return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
