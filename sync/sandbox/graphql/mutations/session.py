"""The namespace ``session``."""

from __future__ import annotations

from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations.inputs import (
    Inputs,
    check_range,
    check_times,
    checked_zone,
    found,
    linked,
    next_state,
)
from sync.sandbox.records.events import save_event, save_session
from sync.sandbox.records.kinds import EVENT, LOCATION, SESSION, STAFF, VENUE
from sync.sandbox.records.store import Record

SESSIONS = Inputs(
    SESSION,
    plain=("code", "title", "start", "end", "minPlaces", "maxPlaces", "notes", "timeZoneName"),
    required=("code", "title", "timeZoneName"),
    links={"locationId": LOCATION, "venueId": VENUE},
    zone="timeZoneName",
)
#: The values of a session that nothing is said of.
UNSET: Record = {
    **dict.fromkeys(("minPlaces", "maxPlaces", "notes", "cancelledAt", "venueId")),
    "lifecycleState": "draft",
}


def _check_dates(call: Call, session: Record) -> None:
    start, end = session["start"], session["end"]
    check_times(call, session["timeZoneName"], (("start", start), ("end", end)))
    check_range(start, end, "end")


def create(call: Call, given: Arguments) -> Made:
    event = found(call, EVENT, given["parentEventId"], "parentEventId")
    if event["learningMode"] == "lms":
        raise refuse("An LMS event has no sessions", "parentEventId", event["id"])
    session = {
        **UNSET,
        **given,
        "timeZoneName": checked_zone(given.get("timeZoneName") or event["timeZoneName"]),
        "locationId": given.get("locationId") or event["locationId"],
    }
    for name, kind in SESSIONS.links.items():
        linked(call, kind, session[name], name)
    _check_dates(call, session)
    return Made(save_session(call.store, call.store.insert(SESSION, session), call.session_edited))


def update(call: Call, session_id: str, given: Arguments) -> Made:
    session = found(call, SESSION, session_id, "sessionId")
    changes = SESSIONS.values(call, given, session)
    if given.get("lifecycleState"):
        changes |= next_state(call, session, given["lifecycleState"])
    changed = {**session, **changes}
    _check_dates(call, changed)
    return Made(save_session(call.store, changed, call.session_edited))


def delete(call: Call, given: Arguments) -> Made:
    """A disputed member of the API; drafts only, as for events."""
    sessions = [found(call, SESSION, one, "sessionIds") for one in given["sessionIds"]]
    if any(one["lifecycleState"] != "draft" for one in sessions):
        raise refuse("Only draft sessions can be deleted", "sessionIds")
    for one in sessions:
        call.store.remove_with(one["id"], STAFF)
        event = call.store.get(one["parentEventId"])
        if event is not None:
            save_event(call.store, event, call.session_edited)
    return Made(None, tuple(one["id"] for one in sessions))
