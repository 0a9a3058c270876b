"""What follows from an event's and a session's own values, worked out whenever one is written."""

from __future__ import annotations

from collections.abc import Iterable

from sync.sandbox.graphql.call import Call, Problem, Refused, refuse
from sync.sandbox.records.kinds import SESSION, Kind
from sync.sandbox.records.store import Record, Store
from sync.sandbox.records.times import exists_once, to_instant, to_local, zone

STATES = {"draft": 0, "published": 1, "cancelled": 2}


def checked_zone(name: str | None) -> str:
    if name is None or zone(name) is None:
        raise refuse("Unknown time zone", "timeZoneName", name)
    return name


def check_times(call: Call, zone_name: str, times: Iterable[tuple[str, str | None]]) -> None:
    """Refuses, where the switch says so, times that a clock change skips or repeats."""
    if call.switches.clock_changes == "refuse":
        odd = [
            Problem("This time does not exist exactly once", label, time)
            for label, time in times
            if time is not None and not exists_once(time, zone_name)
        ]
        if odd:
            raise Refused(*odd)


def linked(call: Call, kind: Kind, identifier: str | None, label: str) -> str | None:
    """The id given, refused where no record of the kind has it."""
    if identifier is not None and call.store.find(kind, identifier) is None:
        raise refuse(f"{kind.name} not found", label, identifier)
    return identifier


def _zoned(moment: str | None, zone_name: str) -> str | None:
    return moment and to_instant(moment, zone_name)


def timed_session(session: Record) -> Record:
    """The session with its instants worked out from its local times."""
    instants = {
        "timeZonedStart": _zoned(session["start"], session["timeZoneName"]),
        "timeZonedEnd": _zoned(session["end"], session["timeZoneName"]),
    }
    return {**session, **instants}


def timed_event(event: Record, sessions: Iterable[Record]) -> Record:
    """The event with its ranges: the classroom's from its active sessions, then the whole one's."""
    zone_name = event["timeZoneName"]
    active = [one for one in sessions if one["lifecycleState"] != "cancelled"]
    starts = [one["timeZonedStart"] for one in active if one["timeZonedStart"]]
    ends = [one["timeZonedEnd"] for one in active if one["timeZonedEnd"]]
    instants = {
        "Start": (min(starts, default=None), _zoned(event["lmsStart"], zone_name)),
        "End": (max(ends, default=None), _zoned(event["lmsEnd"], zone_name)),
    }
    derived: Record = {}
    for edge, (classroom, lms) in instants.items():
        known = [moment for moment in (classroom, lms) if moment]
        overall = (min if edge == "Start" else max)(known, default=None)
        for name, moment in (("Classroom", classroom), ("Lms", lms), ("", overall)):
            derived[f"timeZoned{name}{edge}"] = moment
        derived[f"classroom{edge}"] = classroom and to_local(classroom, zone_name)
        derived[edge.lower()] = overall and to_local(overall, zone_name)
    return {**event, **derived, "isActive": event["lifecycleState"] == "published"}


def save_event(store: Store, event: Record, now: str) -> Record:
    sessions = store.children(SESSION, event["id"])
    return store.replace({**timed_event(event, sessions), "updatedAt": now})


def save_session(store: Store, session: Record, now: str) -> Record:
    """Writes a session and what its event shows of it."""
    saved = store.replace(timed_session(session))
    event = store.get(saved["parentEventId"])
    if event is not None:
        save_event(store, event, now)
    return saved


def next_state(call: Call, record: Record, wanted: str) -> Record:
    """The lifecycle fields after the change; a step back is refused but by the switch."""
    current = record["lifecycleState"]
    if STATES[wanted] < STATES[current] and not call.switches.step_back:
        raise refuse(f"A {current} record cannot become {wanted}", "lifecycleState", wanted)
    cancelled = None
    if wanted == "cancelled":
        cancelled = record["cancelledAt"] or call.now
    return {"lifecycleState": wanted, "cancelledAt": cancelled}
