"""What a person does with an event in Administrate's own pages: the changes of the API, at once.

Each is refused as the API refuses it; nothing of an edit is made where a part of it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import asdict, frozen

from ledger.errors import UsageRefused
from sync.sandbox.control.finding import approved_names, find_event, find_instructor, find_venue
from sync.sandbox.graphql.call import Call, Refused
from sync.sandbox.graphql.mutations import event as events
from sync.sandbox.graphql.mutations import session as one_session
from sync.sandbox.graphql.mutations import staff
from sync.sandbox.records.events import save_event
from sync.sandbox.records.kinds import SESSION, STAFF
from sync.sandbox.records.store import Record, Store

_SHOWN = {
    "Event": {
        "title": "title",
        "lifecycleState": "state",
        "lmsStart": "LMS start",
        "lmsEnd": "LMS end",
        "isSoldOut": "sold out",
        "bookedPlaces": "booked places",
    },
    "Session": {"title": "title", "lifecycleState": "state", "start": "start", "end": "end"},
}


@frozen(kw_only=True)
class Edit:
    """What is changed of an event, or of its ``session`` of this number, by start.

    ``start`` and ``end`` are local times: of an event those of its LMS access. ``move`` is by so
    many days, an event with all of its sessions. Venue and instructor are of sessions: without one,
    of all. ``book`` is how many places more are booked.
    """

    session: int | None = None
    title: str | None = None
    state: str | None = None
    start: str | None = None
    end: str | None = None
    move: int = 0
    venue: str | None = None
    instructor: str | None = None
    book: int = 0
    sold_out: bool | None = None
    delete: bool = False


@frozen
class Changed:
    """One value before and after: ``of`` the event, or of which session."""

    of: str
    what: str
    before: Any
    after: Any


def edit_event(call: Call, name: str, edit: Edit) -> dict[str, Any]:
    """Makes the edit of the event of that title, code or id; what it changed.

    Raises ``UsageRefused`` where there is no such event or session, or a change is refused.
    """
    event = find_event(call.store, name)
    sessions = _sessions(call.store, event["id"])
    before = _values(call.store, event, sessions)
    try:
        with call.store.writing():
            _make(call, event, sessions, edit)
    except Refused as refused:
        raise UsageRefused(_why(call, event, refused)) from None
    now = call.store.get(event["id"])
    after = {} if now is None else _values(call.store, now, _sessions(call.store, event["id"]))
    changes = [asdict(one) for one in _changes(before, after)]
    return {"event": event["title"], "id": event["id"], "changes": changes}


def _make(call: Call, event: Record, sessions: Sequence[Record], edit: Edit) -> None:
    if edit.session is None:
        _edit_event(call, event, edit)
        for session in sessions if not edit.delete else ():
            _edit_session(call, session, Edit(move=edit.move))
            _staff_and_place(call, session, edit)
        return
    if not 0 < edit.session <= len(sessions):
        raise UsageRefused(f"{event['title']} has {len(sessions)} sessions, no {edit.session}.")
    if edit.book or edit.sold_out is not None:
        raise UsageRefused("Places are booked and sold out on an event, not on a session.")
    session = sessions[edit.session - 1]
    if edit.delete:
        one_session.delete(call, {"sessionIds": [session["id"]]})
        return
    _edit_session(call, session, edit)
    _staff_and_place(call, session, edit)


def _edit_event(call: Call, event: Record, edit: Edit) -> None:
    if edit.delete:
        events.delete(call, {"eventIds": [event["id"]]})
        return
    given = {
        "title": edit.title,
        "lifecycleState": edit.state,
        "isSoldOut": edit.sold_out,
        "lmsStartDateTime": edit.start or _moved(event["lmsStart"], edit.move),
        "lmsEndDateTime": edit.end or _moved(event["lmsEnd"], edit.move),
    }
    if wanted := {name: value for name, value in given.items() if value is not None}:
        events.update(call, event["id"], wanted)
    if edit.book:
        _book(call, call.store.get(event["id"]) or event, edit.book)


def _edit_session(call: Call, session: Record, edit: Edit) -> None:
    given = {
        "title": edit.title,
        "lifecycleState": edit.state,
        "start": edit.start or _moved(session["start"], edit.move),
        "end": edit.end or _moved(session["end"], edit.move),
    }
    if wanted := {name: value for name, value in given.items() if value is not None}:
        one_session.update(call, session["id"], wanted)


def _staff_and_place(call: Call, session: Record, edit: Edit) -> None:
    if edit.venue is not None:
        venue = find_venue(call.store, edit.venue, session["locationId"])
        links = {"venueId": venue["id"], "locationId": venue["locationId"]}
        one_session.update(call, session["id"], links)
    if edit.instructor is not None:
        contact = find_instructor(call.store, edit.instructor)
        there = _teaching(call.store, session["id"])
        for one in there:
            if one["contactId"] != contact["id"]:
                staff.remove_from_session(call, {"staffId": one["id"]})
        if contact["id"] not in {one["contactId"] for one in there}:
            wanted = {"staffType": "instructor", "contactIds": [contact["id"]]}
            staff.add_to_session(call, {"sessionId": session["id"], **wanted})


def _book(call: Call, event: Record, places: int) -> None:
    booked = event["bookedPlaces"] + places
    most = event["maxPlaces"]
    if booked < 0:
        raise UsageRefused(f"Only {event['bookedPlaces']} places of {event['title']} are booked.")
    if most is not None and booked > most:
        free = most - event["bookedPlaces"]
        raise UsageRefused(f"{event['title']} has {free} of {most} places left, not {places}.")
    save_event(call.store, {**event, "bookedPlaces": booked}, call.now)


def _moved(local: str | None, days: int) -> str | None:
    if local is None or not days:
        return None
    return (datetime.fromisoformat(local) + timedelta(days=days)).isoformat()


def _sessions(store: Store, event: str) -> list[Record]:
    return sorted(
        store.children(SESSION, event), key=lambda one: (one["start"] or "", int(one["legacyId"]))
    )


def _teaching(store: Store, session: str) -> list[Record]:
    return [one for one in store.children(STAFF, session) if one["staffType"] == "instructor"]


def _values(
    store: Store, event: Record, sessions: Sequence[Record]
) -> dict[tuple[str, str], dict[str, Any]]:
    """What is shown of an event and of its sessions, by id and what it is of."""
    found = {(event["id"], "the event"): {w: event.get(n) for n, w in _SHOWN["Event"].items()}}
    for number, session in enumerate(sessions, start=1):
        own = {what: session.get(name) for name, what in _SHOWN["Session"].items()}
        venue = store.get(session.get("venueId")) or {"name": None}
        people = (store.get(one["contactId"]) for one in _teaching(store, session["id"]))
        names = sorted(f"{one['firstName']} {one['lastName']}" for one in people if one)
        own |= {"venue": venue["name"], "instructor": ", ".join(names) or None}
        found[session["id"], f"session {number}"] = own
    return found


def _changes(
    before: dict[tuple[str, str], dict[str, Any]], after: dict[tuple[str, str], dict[str, Any]]
) -> Iterator[Changed]:
    now = {key: values for (key, _), values in after.items()}
    for (key, of), values in before.items():
        if key not in now:
            yield Changed(of, "it", "there", "deleted")
            continue
        for what, value in values.items():
            if now[key][what] != value:
                yield Changed(of, what, value, now[key][what])


def _why(call: Call, event: Record, refused: Refused) -> str:
    said = f"Administrate refuses that: {refused}"
    if any("approved" in one.message for one in refused.problems):
        names = approved_names(call.store, event["courseTemplateId"])
        said += f"; approved are {', '.join(names) or 'none'}"
    return f"{said}."
