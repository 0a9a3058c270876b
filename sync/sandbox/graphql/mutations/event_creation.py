"""Making events: from a course template, with the sessions and prices that come of it."""

from __future__ import annotations

from sync.sandbox.graphql import custom_fields
from sync.sandbox.graphql.bookings import (
    check_times,
    checked_zone,
    linked,
    save_event,
    timed_session,
)
from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations.running import Change
from sync.sandbox.graphql.mutations.session_schedule import slots
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
FRESH: Record = {
    "courseTemplateId": None,
    "minPlaces": None,
    "maxPlaces": None,
    "registrationDeadline": None,
    "registrationOpensAt": None,
    "externalNotes": "",
    "internalNotes": "",
    "lmsAnnouncements": None,
    "lmsStart": None,
    "lmsEnd": None,
    "cancelledAt": None,
    "isSoldOut": False,
    "bookedPlaces": 0,
    "reserved": 0,
    "interested": 0,
}


def schedulable(call: Call, given: Arguments) -> Record | None:
    """The course template given, refused where it cannot be scheduled."""
    identifier = linked(call, COURSE_TEMPLATE, given.get("courseTemplateId"), "courseTemplateId")
    template = call.store.get(identifier)
    if template is not None and template["lifecycleState"] != "published":
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


def check_range(event: Record) -> None:
    """Refuses an end before its start."""
    for kind in ("lms", "classroom"):
        start, end = event.get(f"{kind}Start"), event.get(f"{kind}End")
        if start and end and end < start:
            raise refuse("The end is before the start", f"{kind}EndDateTime", end)


def location_fields(call: Call, identifier: str | None) -> Record:
    """A location, and the region whose prices count there."""
    location = call.store.get(linked(call, LOCATION, identifier, "locationId"))
    return {"locationId": identifier, "regionId": location and location.get("regionId")}


def _add_sessions(
    call: Call, event: Record, template: Record | None, given: Arguments, dates: Record
) -> None:
    days = None
    if template is not None:
        days = call.store.children(SESSION_TEMPLATE, template["id"])
    planned = slots(
        days or None,
        given.get("sessionSchedule"),
        dates.get("classroomStart"),
        dates.get("classroomEnd"),
    )
    for number, slot in enumerate(planned, start=1):
        session = {
            "parentEventId": event["id"],
            "code": f"{event['code']}-{number}",
            "title": slot.title or event["title"],
            "lifecycleState": "draft",
            "start": slot.start,
            "end": slot.end,
            "timeZoneName": event["timeZoneName"],
            "locationId": event["locationId"],
            "venueId": given.get("venueId") if call.switches.copy_venue else None,
            "minPlaces": event["minPlaces"],
            "maxPlaces": event["maxPlaces"],
            "notes": None,
            "cancelledAt": None,
        }
        call.store.insert(SESSION, timed_session(session))


def _copy_prices(call: Call, event: Record) -> None:
    for price in call.store.children(PUBLIC_PRICE, event["courseTemplateId"]):
        if event["regionId"] is None or price["regionId"] == event["regionId"]:
            names = ("amount", "financialUnitId", "priceLevelId", "regionId")
            copied = {name: price[name] for name in names}
            call.store.insert(EVENT_PRICE, {**copied, "eventId": event["id"]})


def creating(mode: str) -> Change:
    """The mutation that makes an event of a learning mode."""

    def create(call: Call, given: Arguments) -> Made:
        store = call.store
        zone_name = checked_zone(given["timeZoneName"])
        template = schedulable(call, given)
        dates = dates_given(given, zone_name)
        check_range(dates)
        check_times(call, zone_name, ((f"{name}DateTime", at) for name, at in dates.items()))
        venue = given.get("venueId")
        linked(call, VENUE, venue, "venueId")
        # Of a field that has an alias the name with Id wins; giving both is undefined.
        tax = given.get("taxTypeId") or given.get("taxType")
        shared = (template or {}).get("customFields") or {}
        of_event = {one["key"] for one in custom_fields.definitions(store, "Event")}
        inherited = {key: value for key, value in shared.items() if key in of_event}
        number = store.next_number(EVENT.prefix)
        title = given.get("title") or (template or {}).get("title") or ""
        event = store.insert(
            EVENT,
            {
                **FRESH,
                **{name: given[name] for name in PLAIN if given.get(name) is not None},
                **{name: dates.get(name) for name in ("lmsStart", "lmsEnd")},
                **location_fields(call, given.get("locationId") or given.get("location")),
                "displayId": str(number),
                "title": title,
                "code": given.get("code") or f"{(template or {}).get('code', 'EVENT')}-{number}",
                "type": given["eventType"],
                "learningMode": mode,
                "lifecycleState": given.get("lifecycleState") or given.get("lifecycle") or "draft",
                "courseTemplateId": template and template["id"],
                "taxTypeId": linked(call, TAX_TYPE, tax, "taxTypeId"),
                "timeZoneName": zone_name,
                "customFields": custom_fields.merged(
                    call, "Event", inherited, given.get("customFieldValues")
                ),
                "createdAt": call.now,
                "updatedAt": call.now,
            },
            number,
        )
        if mode != "lms":
            _add_sessions(call, event, template, given, dates)
        if template is not None and call.switches.copy_prices:
            _copy_prices(call, event)
        return Made(save_event(store, event, call.now), (event["id"],))

    return create
