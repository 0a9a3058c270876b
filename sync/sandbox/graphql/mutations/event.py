"""The namespace ``event``: what is done to events; ``event_creation`` makes them."""

from __future__ import annotations

from sync.sandbox.graphql import custom_fields
from sync.sandbox.graphql.bookings import check_times, checked_zone, linked, next_state, save_event
from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations import prices, staff
from sync.sandbox.graphql.mutations.event_creation import (
    PLAIN,
    check_range,
    creating,
    dates_given,
    location_fields,
    schedulable,
)
from sync.sandbox.graphql.mutations.running import Change
from sync.sandbox.records.kinds import EVENT, EVENT_PRICE, SESSION, STAFF, TAX_TYPE
from sync.sandbox.records.store import Record


def _changes(call: Call, event: Record, given: Arguments) -> Record:
    """The values an update sets, those that follow from others not yet worked out."""
    changes: Record = {name: given[name] for name in PLAIN if name in given}
    for name in ("title", "code"):
        if changes.get(name, "") is None:
            raise refuse("A value is needed", name)
    for name in ("isSoldOut", "timeZoneName"):
        if given.get(name) is not None:
            changes[name] = given[name]
    zone_name = checked_zone(changes.get("timeZoneName", event["timeZoneName"]))
    changes |= dates_given(given, zone_name)
    check_times(call, zone_name, ((f"{n}DateTime", changes.get(n)) for n in ("lmsStart", "lmsEnd")))
    if "locationId" in given:
        changes |= location_fields(call, given["locationId"])
    if "taxTypeId" in given:
        changes["taxTypeId"] = linked(call, TAX_TYPE, given["taxTypeId"], "taxTypeId")
    if "courseTemplateId" in given:
        if event["lifecycleState"] != "draft":
            raise refuse("The course can be changed on a draft only", "courseTemplateId")
        template = schedulable(call, given)
        changes["courseTemplateId"] = template and template["id"]
    if given.get("lifecycleState"):
        changes |= next_state(call, event, given["lifecycleState"])
    if "customFieldValues" in given:
        changes["customFields"] = custom_fields.merged(
            call, "Event", event.get("customFields") or {}, given["customFieldValues"]
        )
    return changes


def update(call: Call, event_id: str, given: Arguments) -> Made:
    event = call.store.find(EVENT, event_id)
    if event is None:
        raise refuse("Event not found", "eventId", event_id)
    changed = {**event, **_changes(call, event, given)}
    check_range(changed)
    cancelled = changed["lifecycleState"] == "cancelled" != event["lifecycleState"]
    if cancelled and call.switches.cancel_sessions:
        for session in call.store.children(SESSION, event_id):
            state = {"lifecycleState": "cancelled", "cancelledAt": call.now}
            call.store.replace({**session, **state})
    return Made(save_event(call.store, changed, call.now), (event_id,))


def delete(call: Call, given: Arguments) -> Made:
    """All of the events named or, where one is not a draft, none."""
    found = [(one, call.store.find(EVENT, one)) for one in given["eventIds"] if one]
    for identifier, event in found:
        if event is None:
            raise refuse("Event not found", "eventIds", identifier)
        if event["lifecycleState"] != "draft":
            raise refuse("Only draft events can be deleted", "eventIds", identifier)
    events = [event for _, event in found if event is not None]
    for event in events:
        sessions = [one["id"] for one in call.store.children(SESSION, event["id"])]
        owned = [
            one["id"]
            for owner in (event["id"], *sessions)
            for kind in (STAFF, EVENT_PRICE)
            for one in call.store.children(kind, owner)
        ]
        call.store.remove((event["id"], *sessions, *owned))
    return Made(events, tuple(event["id"] for event in events))


MUTATIONS: dict[str, Change] = {
    "createBlended": creating("blended"),
    "createClassroom": creating("classroom"),
    "createLMS": creating("lms"),
    "update": update,
    "delete": delete,
    "addStaff": staff.add_to_event,
    "removeStaff": staff.remove_from_event,
    "addPrices": prices.add_to_event,
}
