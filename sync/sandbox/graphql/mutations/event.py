"""The namespace ``event``: what is done to events; ``event_creation`` makes them."""

from __future__ import annotations

from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations.event_creation import (
    PLAIN,
    dates_given,
    location_fields,
    schedulable,
)
from sync.sandbox.graphql.mutations.inputs import (
    Inputs,
    check_range,
    check_times,
    found,
    next_state,
)
from sync.sandbox.records.events import save_event
from sync.sandbox.records.kinds import EVENT, EVENT_PRICE, SESSION, STAFF, TAX_TYPE
from sync.sandbox.records.store import Record

EVENTS = Inputs(
    EVENT,
    plain=PLAIN,
    required=("title", "code"),
    ignore_null=("isSoldOut", "timeZoneName"),
    links={"taxTypeId": TAX_TYPE},
    zone="timeZoneName",
)


def _changes(call: Call, event: Record, given: Arguments) -> Record:
    """The values an update sets, those that follow from others not yet worked out."""
    changes = EVENTS.values(call, given, event)
    zone_name: str = changes.get("timeZoneName") or event["timeZoneName"]
    changes |= dates_given(given, zone_name)
    lms = ("lmsStart", "lmsEnd")
    check_times(call, zone_name, ((f"{name}DateTime", changes.get(name)) for name in lms))
    if "locationId" in given:
        changes |= location_fields(call, given["locationId"])
    if "courseTemplateId" in given:
        if event["lifecycleState"] != "draft":
            raise refuse("The course can be changed on a draft only", "courseTemplateId")
        template = schedulable(call, given)
        changes["courseTemplateId"] = template and template["id"]
    if given.get("lifecycleState"):
        changes |= next_state(call, event, given["lifecycleState"])
    return changes


def update(call: Call, event_id: str, given: Arguments) -> Made:
    event = found(call, EVENT, event_id, "eventId")
    changed = {**event, **_changes(call, event, given)}
    check_range(changed["lmsStart"], changed["lmsEnd"], "lmsEndDateTime")
    cancelled = changed["lifecycleState"] == "cancelled" != event["lifecycleState"]
    if cancelled and call.switches.cancel_sessions:
        for session in call.store.children(SESSION, event_id):
            state = {"lifecycleState": "cancelled", "cancelledAt": call.now}
            call.store.replace({**session, **state})
    return Made(save_event(call.store, changed, call.now))


def delete(call: Call, given: Arguments) -> Made:
    """All of the events named or, where one is not a draft, none."""
    events = [found(call, EVENT, one, "eventIds") for one in given["eventIds"] if one]
    for event in events:
        if event["lifecycleState"] != "draft":
            raise refuse("Only draft events can be deleted", "eventIds", event["id"])
    for event in events:
        for session in call.store.children(SESSION, event["id"]):
            call.store.remove_with(session["id"], STAFF)
        call.store.remove_with(event["id"], STAFF, EVENT_PRICE)
    return Made(events)
