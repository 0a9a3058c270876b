"""The namespace ``session``."""

from __future__ import annotations

from sync.sandbox.graphql import custom_fields
from sync.sandbox.graphql.bookings import (
    check_times,
    checked_zone,
    linked,
    next_state,
    save_event,
    save_session,
)
from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations import staff
from sync.sandbox.graphql.mutations.running import Change
from sync.sandbox.records.kinds import EVENT, LOCATION, SESSION, STAFF, VENUE
from sync.sandbox.records.store import Record

#: Values that are taken over as they are, and those of them that cannot be cleared.
PLAIN = ("code", "title", "start", "end", "minPlaces", "maxPlaces", "notes", "timeZoneName")
NEEDED = ("code", "title", "timeZoneName")


def _check(call: Call, session: Record) -> None:
    zone_name = checked_zone(session["timeZoneName"])
    start, end = session["start"], session["end"]
    check_times(call, zone_name, (("start", start), ("end", end)))
    if start and end and end < start:
        raise refuse("The end is before the start", "end", end)
    linked(call, LOCATION, session["locationId"], "locationId")
    linked(call, VENUE, session["venueId"], "venueId")


def create(call: Call, given: Arguments) -> Made:
    event = call.store.find(EVENT, given["parentEventId"])
    if event is None:
        raise refuse("Event not found", "parentEventId", given["parentEventId"])
    if event["learningMode"] == "lms":
        raise refuse("An LMS event has no sessions", "parentEventId", event["id"])
    session = {
        "lifecycleState": "draft",
        "minPlaces": None,
        "maxPlaces": None,
        "notes": None,
        "cancelledAt": None,
        "venueId": None,
        **given,
        "timeZoneName": given.get("timeZoneName") or event["timeZoneName"],
        "locationId": given.get("locationId") or event["locationId"],
    }
    _check(call, session)
    made = call.store.insert(SESSION, session)
    return Made(save_session(call.store, made, call.now), (made["id"],))


def update(call: Call, session_id: str, given: Arguments) -> Made:
    session = call.store.find(SESSION, session_id)
    if session is None:
        raise refuse("Session not found", "sessionId", session_id)
    changes: Record = {name: given[name] for name in PLAIN if name in given}
    for name in NEEDED:
        if changes.get(name, "") is None:
            raise refuse("A value is needed", name)
    changes |= {name: given[name] for name in ("locationId", "venueId") if name in given}
    if given.get("lifecycleState"):
        changes |= next_state(call, session, given["lifecycleState"])
    if "customFieldValues" in given:
        changes["customFields"] = custom_fields.merged(
            call, "Session", session.get("customFields") or {}, given["customFieldValues"]
        )
    changed = {**session, **changes}
    _check(call, changed)
    return Made(save_session(call.store, changed, call.now), (session_id,))


def delete(call: Call, given: Arguments) -> Made:
    """A disputed member of the API; drafts only, as for events."""
    sessions = [call.store.find(SESSION, one) for one in given["sessionIds"]]
    found = [one for one in sessions if one is not None]
    if len(found) < len(sessions):
        raise refuse("Session not found", "sessionIds")
    if any(one["lifecycleState"] != "draft" for one in found):
        raise refuse("Only draft sessions can be deleted", "sessionIds")
    for one in found:
        rows = [row["id"] for row in call.store.children(STAFF, one["id"])]
        call.store.remove((one["id"], *rows))
        event = call.store.get(one["parentEventId"])
        if event is not None:
            save_event(call.store, event, call.now)
    return Made(None, tuple(one["id"] for one in found))


MUTATIONS: dict[str, Change] = {
    "create": create,
    "update": update,
    "delete": delete,
    "addStaff": staff.add_to_session,
    "removeStaff": staff.remove_from_session,
}
