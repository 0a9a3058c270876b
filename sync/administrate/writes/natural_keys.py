"""How each creation is found again, and a removal seen done: by what it was sent with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync.administrate.client import Administrate
from sync.administrate.reads import lookups
from sync.administrate.reads.listings import Record
from sync.administrate.reads.lookups import Records

Variables = Mapping[str, Any]


def created_event(client: Administrate, variables: Variables) -> Records:
    """The events of that code or, where none was given, of that title, template and day."""
    given = variables["input"]
    if given.get("code"):
        return lookups.events_by_code(client, given["code"])
    found = lookups.events_by_title(client, given["title"], given.get("courseTemplateId"))
    return tuple(event for event in found if _on_the_day(event, given))


def _on_the_day(event: Record, given: Mapping[str, Any]) -> bool:
    """Whether it starts on the day given: the classroom's or, without one, the online access's.

    Only days are compared: the API takes the time from the template's schedule.
    """
    for shown, asked in (
        ("classroomStart", "classroomStartDateTime"),
        ("lmsStart", "lmsStartDateTime"),
    ):
        if event[shown] and given.get(asked):
            return bool(event[shown][:10] == given[asked][:10])
    return not (event["classroomStart"] or event["lmsStart"])


def created_session(client: Administrate, variables: Variables) -> Records:
    """The event's sessions of that start and title."""
    given = variables["input"]
    start = datetime.fromisoformat(given["start"])
    found = lookups.sessions_by_start(client, given["parentEventId"], start)
    return tuple(session for session in found if session["title"] == given["title"])


def added_event_staff(client: Administrate, variables: Variables) -> Records:
    """The places of that kind the contact holds on the event."""
    given = variables["input"]
    places = lookups.event_staff(client, given["eventId"], given["contactId"])
    return tuple(place for place in places if place["staffType"] == given["staffType"])


def added_session_staff(client: Administrate, variables: Variables) -> Records:
    """The places of that kind the contact holds on the session."""
    given = variables["input"]
    places = lookups.session_staff(client, given["sessionId"], given["contactIds"][0])
    return tuple(place for place in places if place["staffType"] == given["staffType"])


def created_course_template(client: Administrate, variables: Variables) -> Records:
    """The course templates of that code."""
    return lookups.course_templates_by_code(client, variables["input"]["code"])


def created_location(client: Administrate, variables: Variables) -> Records:
    """The locations of that name."""
    return lookups.locations_by_name(client, variables["input"]["name"])


def created_contact(client: Administrate, variables: Variables) -> Records:
    """The contacts of that name and account."""
    given = variables["input"]
    name = given["personalName"]
    found = lookups.contacts_by_name(client, name["firstName"], name["lastName"])
    account = given["accountId"]
    return tuple(one for one in found if (one["account"] or {}).get("id") == account)


def removed_event(client: Administrate, variables: Variables) -> bool:
    """Whether the event is gone."""
    [event_id] = variables["input"]["eventIds"]
    return lookups.node(client, event_id) is None


def removed_staff(client: Administrate, variables: Variables) -> bool:
    """Whether the place is gone."""
    return lookups.node(client, variables["input"]["staffId"]) is None
