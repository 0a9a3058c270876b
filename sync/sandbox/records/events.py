"""What an event and its sessions derive from their own values, whenever one is written."""

from __future__ import annotations

from collections.abc import Iterable

from sync.sandbox.records.kinds import SESSION
from sync.sandbox.records.store import Record, Store
from sync.sandbox.records.times import to_instant, to_local

#: The values of an event that nothing is said of.
UNSET_EVENT: Record = {
    **dict.fromkeys(("courseTemplateId", "minPlaces", "maxPlaces", "lmsAnnouncements")),
    **dict.fromkeys(("registrationDeadline", "registrationOpensAt", "lmsStart", "lmsEnd")),
    **dict.fromkeys(("externalNotes", "internalNotes"), ""),
    **dict.fromkeys(("bookedPlaces", "reserved", "interested"), 0),
    "cancelledAt": None,
    "isSoldOut": False,
}


def _zoned(moment: str | None, zone_name: str) -> str | None:
    return moment and to_instant(moment, zone_name)


def timed_session(session: Record) -> Record:
    """The session with its instants, from its local times and zone."""
    instants = {
        f"timeZoned{edge}": _zoned(session[edge.lower()], session["timeZoneName"])
        for edge in ("Start", "End")
    }
    return {**session, **instants}


def timed_event(event: Record, sessions: Iterable[Record]) -> Record:
    """The event with its ranges: the classroom's from its active sessions, then the whole one's."""
    zone_name = event["timeZoneName"]
    active = [one for one in sessions if one["lifecycleState"] != "cancelled"]
    derived: Record = {}
    for edge, outermost in (("Start", min), ("End", max)):
        moments = [one[f"timeZoned{edge}"] for one in active if one[f"timeZoned{edge}"]]
        classroom = outermost(moments, default=None)
        lms = _zoned(event[f"lms{edge}"], zone_name)
        overall = outermost((moment for moment in (classroom, lms) if moment), default=None)
        for name, moment in (("Classroom", classroom), ("Lms", lms), ("", overall)):
            derived[f"timeZoned{name}{edge}"] = moment
        derived[f"classroom{edge}"] = classroom and to_local(classroom, zone_name)
        derived[edge.lower()] = overall and to_local(overall, zone_name)
    return {**event, **derived, "isActive": event["lifecycleState"] == "published"}


def save_event(store: Store, event: Record, now: str | None) -> Record:
    """Writes an event, updated ``now``, or not at all where a record of its own was alone."""
    sessions = store.children(SESSION, event["id"])
    updated = event["updatedAt"] if now is None else now
    return store.replace({**timed_event(event, sessions), "updatedAt": updated})


def save_session(store: Store, session: Record, now: str | None) -> Record:
    """Writes a session and what its event shows of it; ``now`` as for the event."""
    saved = store.replace(timed_session(session))
    event = store.get(saved["parentEventId"])
    if event is not None:
        save_event(store, event, now)
    return saved


def update_event_of(store: Store, booking: str | None, now: str | None) -> None:
    """Notes that the staff of a session, or of an event, was edited."""
    record = store.get(booking)
    event = store.get((record or {}).get("parentEventId", booking))
    if event is not None and now is not None:
        save_event(store, event, now)
