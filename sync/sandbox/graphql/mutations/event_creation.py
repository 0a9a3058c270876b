"""Making events: from a course template, with the sessions and prices that come of it."""

from __future__ import annotations

from sync.sandbox.graphql import custom_fields
from sync.sandbox.graphql.call import Arguments, Call, Made, Mutation, refuse
from sync.sandbox.graphql.mutations.inputs import (
    check_range,
    check_times,
    checked_zone,
    found,
    linked,
)
from sync.sandbox.graphql.mutations.session import UNSET
from sync.sandbox.graphql.mutations.session_schedule import slots
from sync.sandbox.records.events import UNSET_EVENT, save_event, timed_session
from sync.sandbox.records.kinds import (
    COURSE_TEMPLATE,
    EVENT,
    EVENT_PRICE,
    LOCATION,
    PUBLIC_PRICE,
    SESSION,
    SESSION_TEMPLATE,
    TAX_TYPE,
    VENUE,
)
from sync.sandbox.records.store import Record
from sync.sandbox.records.times import to_local

#: Values that are taken over as they are, on create and on update.
PLAIN = (
    *("title", "code", "minPlaces", "maxPlaces", "registrationDeadline", "registrationOpensAt"),
    *("externalNotes", "internalNotes", "lmsAnnouncements"),
)
#: local input → the same given with an offset → what both set
DATES = {
    "lmsStartDateTime": ("timeZonedLmsStart", "lmsStart"),
    "lmsEndDateTime": ("timeZonedLmsEnd", "lmsEnd"),
    "classroomStartDateTime": ("timeZonedClassroomStart", "classroomStart"),
    "classroomEndDateTime": ("timeZonedClassroomEnd", "classroomEnd"),
}
#: What a session has of its new event.
COPIED = ("timeZoneName", "locationId", "minPlaces", "maxPlaces")


def schedulable(call: Call, given: Arguments) -> Record | None:
    """The course template given, refused where it cannot be scheduled."""
    identifier = given.get("courseTemplateId")
    if identifier is None:
        return None
    template = found(call, COURSE_TEMPLATE, identifier, "courseTemplateId")
    if template["lifecycleState"] != "published":
        raise refuse("Only a published course can be scheduled", "courseTemplateId", identifier)
    return template


def dates_given(given: Arguments, zone_name: str) -> Record:
    """The local times that were given, in either family of fields."""
    dates: Record = {}
    for name, (zoned, sets) in DATES.items():
        if name in given:
            dates[sets] = given[name]
        elif zoned in given:
            dates[sets] = given[zoned] and to_local(given[zoned], zone_name)
    return dates


def location_fields(call: Call, identifier: str | None) -> Record:
    """A location, and the region whose prices count there."""
    location = call.store.get(linked(call, LOCATION, identifier, "locationId"))
    return {"locationId": identifier, "regionId": location and location.get("regionId")}


def _add_sessions(
    call: Call, event: Record, template: Record | None, given: Arguments, dates: Record
) -> None:
    days = template and call.store.children(SESSION_TEMPLATE, template["id"])
    planned = slots(
        days or None,
        given.get("sessionSchedule"),
        dates.get("classroomStart"),
        dates.get("classroomEnd"),
    )
    for number, slot in enumerate(planned, start=1):
        session = {
            **UNSET,
            **{name: event[name] for name in COPIED},
            "parentEventId": event["id"],
            "code": f"{event['code']}-{number}",
            "title": slot.title or event["title"],
            "start": slot.start,
            "end": slot.end,
            "venueId": given.get("venueId") if call.switches.copy_venue else None,
        }
        call.store.insert(SESSION, timed_session(session))


def _copy_prices(call: Call, event: Record) -> None:
    for price in call.store.children(PUBLIC_PRICE, event["courseTemplateId"]):
        if event["regionId"] is None or price["regionId"] == event["regionId"]:
            names = ("amount", "financialUnitId", "priceLevelId", "regionId")
            copied = {name: price[name] for name in names}
            call.store.insert(EVENT_PRICE, {**copied, "eventId": event["id"]})


def _custom_fields(call: Call, template: Record, given: Arguments) -> custom_fields.Values:
    """Those given over those of the template that are defined for events too."""
    of_event = {one["key"] for one in custom_fields.definitions(call.store, "Event")}
    shared = template.get("customFields") or {}
    inherited = {key: value for key, value in shared.items() if key in of_event}
    return custom_fields.merged(call, "Event", inherited, given.get("customFieldValues"))


def _create(call: Call, mode: str, given: Arguments) -> Made:
    zone_name = checked_zone(given["timeZoneName"])
    template = schedulable(call, given)
    of_template = template or {"id": None, "title": "", "code": "EVENT"}
    dates = dates_given(given, zone_name)
    for part in ("lms", "classroom"):
        check_range(dates.get(f"{part}Start"), dates.get(f"{part}End"), f"{part}EndDateTime")
    check_times(call, zone_name, ((f"{name}DateTime", at) for name, at in dates.items()))
    linked(call, VENUE, given.get("venueId"), "venueId")
    # Of a field that has an alias the name with Id wins; giving both is undefined.
    tax = given.get("taxTypeId") or given.get("taxType")
    number = call.store.next_number(EVENT.prefix)
    event = {
        **UNSET_EVENT,
        **{name: given[name] for name in PLAIN if given.get(name) is not None},
        **{name: dates.get(name) for name in ("lmsStart", "lmsEnd")},
        **location_fields(call, given.get("locationId") or given.get("location")),
        "displayId": str(number),
        "title": given.get("title") or of_template["title"],
        "code": given.get("code") or f"{of_template['code']}-{number}",
        "type": given["eventType"],
        "learningMode": mode,
        "lifecycleState": given.get("lifecycleState") or given.get("lifecycle") or "draft",
        "courseTemplateId": of_template["id"],
        "taxTypeId": linked(call, TAX_TYPE, tax, "taxTypeId"),
        "timeZoneName": zone_name,
        "customFields": _custom_fields(call, of_template, given),
        "createdAt": call.now,
        "updatedAt": call.now,
    }
    event = call.store.insert(EVENT, event, number)
    if mode != "lms":
        _add_sessions(call, event, template, given, dates)
    if template is not None and call.switches.copy_prices:
        _copy_prices(call, event)
    return Made(save_event(call.store, event, call.now))


def creation(mode: str) -> Mutation:
    """The mutation that makes an event of a learning mode."""
    return lambda call, given: _create(call, mode, given)
