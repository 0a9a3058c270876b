"""Finding again what may have been made: by the natural key of each thing that can be created.

Administrate keeps no key of ours for a creation, so after an answer was lost one looks before
sending again. None found: not made. One: it. Several: a person decides. Whether the API's ``eq``
minds case is not known, so what it returns is compared here once more, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sync.administrate.answers.reading import Data, text_at
from sync.administrate.client import Administrate
from sync.administrate.errors import Malformed, SchemaMismatch
from sync.administrate.reads.listings import Listing, Record, nodes
from sync.administrate.reads.pages import all_pages
from sync.administrate.reads.passes import Shifted
from sync.administrate.reads.queries import (
    ADMINISTRATORS,
    APPROVED_INSTRUCTORS,
    CONTACTS,
    COURSE_TEMPLATES,
    EVENT_KEYS,
    EVENTS,
    HELLO,
    LOCATIONS,
    NODE,
    NODE_BY_EXTERNAL_ID,
    SESSIONS_OF_EVENT,
    STAFF_OF_EVENT,
    STAFF_OF_SESSION,
    VIEWER,
    Filter,
    equal,
    where,
)

Records = tuple[Record, ...]

_VALUES_A_FILTER = 200


def find_all(
    client: Administrate, listing: Listing, variables: Mapping[str, Any] | None = None
) -> Records:
    """Every record of a list small enough to hold.

    Malformed where the list would not hold still, or any record of it is not what the schema says:
    it may be the one looked for.
    """
    try:
        pages = all_pages(client, listing, variables)
    except Shifted as shift:
        raise Malformed(listing.operation, f"the list keeps changing: {shift}") from None
    for one in (refused for page in pages for refused in page.refused):
        raise SchemaMismatch(listing.operation, f"record {one.id}: {one.why}")
    return tuple(record for page in pages for record in page.records)


def events_by_code(client: Administrate, code: str) -> Records:
    """The events with this code, which a creation can set itself."""
    found = find_all(client, EVENTS, where(equal("code", code)))
    return tuple(event for event in found if event["code"] == code)


def events_by_title(client: Administrate, title: str, course_template_id: str | None) -> Records:
    """The events of that title and course template, or of that title and none."""
    found = find_all(client, EVENTS, where(equal("title", title)))
    return tuple(
        event
        for event in found
        if event["title"] == title
        and (event["courseTemplate"] or {}).get("id") == course_template_id
    )


def event_keys(client: Administrate, field: str, values: Iterable[str]) -> Records:
    """What tells the events apart whose field (``title``, ``code``) is any of the values.

    Whether the API minds case is not known; the caller compares again.
    """
    return tuple(
        event
        for part in batched_values(values)
        for event in find_all(client, EVENT_KEYS, where(Filter(field, "in", part)))
    )


def approved_instructors(
    client: Administrate, course_template_ids: Iterable[str]
) -> dict[str, frozenset[str]]:
    """The ids of the contacts approved for each of these course templates, by the template's id."""
    return {
        template["id"]: frozenset(str(one["id"]) for one in nodes(template, "approvedInstructors"))
        for part in batched_values(course_template_ids)
        for template in find_all(client, APPROVED_INSTRUCTORS, where(Filter("id", "in", part)))
    }


def batched_values(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The distinct values, as many at a time as one filter takes without harm."""
    waiting = iter(sorted(set(values)))
    while part := tuple(islice(waiting, _VALUES_A_FILTER)):
        yield part


def events_by_id(client: Administrate, ids: tuple[str, ...]) -> Records:
    """Those of the events that are there."""
    return find_all(client, EVENTS, where(Filter("id", "in", ids)))


def sessions_of_event(client: Administrate, event_id: str) -> Records:
    """The event's sessions in order of their start; NotFound where there is no such event."""
    return find_all(client, SESSIONS_OF_EVENT, {"id": event_id})


def sessions_by_start(client: Administrate, event_id: str, start: datetime) -> Records:
    """The event's sessions that start at that local time."""
    minute = start.isoformat(timespec="minutes")
    return tuple(
        session
        for session in sessions_of_event(client, event_id)
        if (session["start"] or "").startswith(minute)
    )


def event_staff(client: Administrate, event_id: str, contact_id: str) -> Records:
    """The places this contact holds on the event."""
    return _of_contact(find_all(client, STAFF_OF_EVENT, {"id": event_id}), contact_id)


def session_staff(client: Administrate, session_id: str, contact_id: str) -> Records:
    """The places this contact holds on the session."""
    return _of_contact(find_all(client, STAFF_OF_SESSION, {"id": session_id}), contact_id)


def course_templates_by_code(client: Administrate, code: str) -> Records:
    """The course templates with this code."""
    found = find_all(client, COURSE_TEMPLATES, where(equal("code", code)))
    return tuple(template for template in found if template["code"] == code)


def locations_by_name(client: Administrate, name: str) -> Records:
    """The locations of this name."""
    found = find_all(client, LOCATIONS, where(equal("name", name)))
    return tuple(location for location in found if location["name"] == name)


def contacts_by_name(client: Administrate, first_name: str, last_name: str) -> Records:
    """The contacts of this name."""
    asked = where(equal("firstName", first_name), equal("lastName", last_name))
    return tuple(
        contact
        for contact in find_all(client, CONTACTS, asked)
        if (name := contact["personalName"])
        and (name["firstName"], name["lastName"]) == (first_name, last_name)
    )


def administrators(client: Administrate) -> Records:
    """Every contact who may administer events; few, so a name is best sought among them here."""
    return find_all(client, CONTACTS, ADMINISTRATORS)


def node(client: Administrate, node_id: str) -> Record | None:
    """What has this id, with its type's name and external ids; None where nothing has."""

    def read(data: Data) -> Record | None:
        found: Record | None = data.get("node")
        if found is not None:
            text_at(NODE, found, "id")
        return found

    return client.call(NODE, {"id": node_id}, read).value


def node_by_external_id(client: Administrate, type_name: str, name: str, value: str) -> str | None:
    """The id of the record of that type with that external id; None where there is none."""

    def read(data: Data) -> str | None:
        found = data.get("nodeByExternalId")
        return None if found is None else text_at(NODE_BY_EXTERNAL_ID, found, "id")

    asked = {"type": type_name, "name": name, "value": value}
    return client.call(NODE_BY_EXTERNAL_ID, asked, read).value


def hello(client: Administrate) -> str:
    """What the API answers to a greeting: it can be reached, and takes our token."""
    return client.call(HELLO, {}, lambda data: text_at(HELLO, data, "hello")).value


def viewer(client: Administrate) -> str:
    """The e-mail address of the user on whose behalf every call is made."""
    return client.call(
        VIEWER, {}, lambda data: text_at(VIEWER, data, "viewer", "user", "email")
    ).value


def _of_contact(staff: Records, contact_id: str) -> Records:
    return tuple(one for one in staff if (one["contact"] or {}).get("id") == contact_id)
