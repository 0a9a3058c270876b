"""The company's past events, with their sessions and staff, in Administrate's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sync.sandbox.company.entries import Declared, Entry
from sync.sandbox.company.numbering import Numbering
from sync.sandbox.graphql.bookings import timed_event, timed_session
from sync.sandbox.graphql.mutations.event_creation import FRESH
from sync.sandbox.records import kinds
from sync.sandbox.records.kinds import Kind
from sync.sandbox.records.store import Record

Records = Iterator[tuple[Kind, Record]]

MADE = {"createdAt": "2024-02-05T10:15:00.123456Z", "updatedAt": "2025-08-20T07:30:00.654321Z"}


def past_event(company: Declared, one: Entry, ids: Numbering) -> Records:
    zone = company.values["time_zone"]
    sitting = ids.of(kinds.CUSTOM_FIELD, ("Event", "Sitting"))
    names = {entry["code"]: entry["name"] for entry in company.section("sittings")}
    cancelled = MADE["updatedAt"] if one["state"] == "cancelled" else None
    both: Record = {
        "code": one["title"],
        "title": one["title"],
        "lifecycleState": one["state"],
        "timeZoneName": zone,
        "locationId": ids.of(kinds.LOCATION, one["location"]),
        "maxPlaces": one["places"],
        "cancelledAt": cancelled,
    }
    identity = ids.new(kinds.EVENT)
    event = {
        **FRESH,
        **identity,
        **both,
        "displayId": identity["legacyId"],
        "type": "public",
        "learningMode": "blended",
        "courseTemplateId": ids.of(kinds.COURSE_TEMPLATE, one["template"]),
        "regionId": ids.of(kinds.REGION, "GB"),
        "taxTypeId": ids.of(kinds.TAX_TYPE, "first"),
        "lmsStart": f"{one['lms'][0]}T16:00:00",
        "lmsEnd": f"{one['lms'][1]}T00:00:00",
        "bookedPlaces": one["booked"],
        "customFields": {sitting: names[one["sitting"]]},
        **MADE,
    }
    sessions = [
        timed_session(
            {
                **both,
                **ids.new(kinds.SESSION),
                "parentEventId": identity["id"],
                "code": f"{one['title']}-{number}",
                "title": f"{one['title']}-{number}",
                "start": f"{day}T09:30:00",
                "end": f"{day}T17:00:00",
                "venueId": ids.of(kinds.VENUE, (one["venue"], one["location"])),
            }
        )
        for number, day in enumerate(one["days"], start=1)
    ]
    yield kinds.EVENT, timed_event(event, sessions)
    yield from _with_staff(one, sessions, ids)


def _with_staff(one: Entry, sessions: Iterable[Record], ids: Numbering) -> Records:
    for session in sessions:
        yield kinds.SESSION, session
        yield (
            kinds.STAFF,
            {
                **ids.new(kinds.STAFF),
                "bookingId": session["id"],
                "eventId": session["parentEventId"],
                "contactId": ids.of(kinds.CONTACT, one["instructor"]),
                "staffType": "instructor",
                "isPrimary": True,
                **MADE,
            },
        )
