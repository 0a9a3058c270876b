"""Staff on events and sessions: a row each, those on an event's sessions behind the event's."""

from __future__ import annotations

from sync.sandbox.graphql.call import Arguments, Call, Made, Problem, Refused, refuse
from sync.sandbox.graphql.mutations.inputs import found
from sync.sandbox.records.events import update_event_of
from sync.sandbox.records.kinds import CONTACT, COURSE_TEMPLATE, EVENT, SESSION, STAFF
from sync.sandbox.records.store import Record

ALREADY = "The input Contact already exists as staff on the Event"
ABILITY = {"instructor": "isInstructor", "administrator": "isAdmin"}


def _contact(call: Call, identifier: str | None, role: str, event: Record) -> Record:
    """The contact, refused where it cannot take that part on the event."""
    contact = found(call, CONTACT, identifier, "contactId")
    if not contact.get(ABILITY.get(role, "")):
        raise refuse(f"The Contact is no {role}", "contactId", identifier)
    template = call.store.find(COURSE_TEMPLATE, event.get("courseTemplateId"))
    approved = (template or {}).get("approvedInstructorIds", [identifier])
    if role == "instructor" and call.switches.approved_only and identifier not in approved:
        raise refuse("The Contact is not approved for the course", "contactId", identifier)
    return contact


def _is_staff(call: Call, booking: Record, contact: Record, role: str) -> bool:
    rows = call.store.children(STAFF, booking["id"])
    return any(row["contactId"] == contact["id"] and row["staffType"] == role for row in rows)


def _add(call: Call, booking: Record, contact: Record, given: Arguments, **links: object) -> Record:
    return call.store.insert(
        STAFF,
        {
            "bookingId": booking["id"],
            "contactId": contact["id"],
            "staffType": given["staffType"],
            "isPrimary": not call.store.children(STAFF, booking["id"]),
            "notes": given.get("notes"),
            "createdAt": call.now,
            "updatedAt": call.now,
            **links,
        },
    )


def add_to_event(call: Call, given: Arguments) -> Made:
    """Adds to the event and each of its sessions; where the contact is staff already, a problem.

    With a problem for every one of them nothing is made.
    """
    event = found(call, EVENT, given["eventId"], "eventId")
    contact = _contact(call, given["contactId"], given["staffType"], event)
    problems = []
    made: list[Record] = []
    for booking in (event, *call.store.children(SESSION, event["id"])):
        if _is_staff(call, booking, contact, given["staffType"]):
            problems.append(Problem(ALREADY, "contactId", contact["id"]))
        else:
            behind = made[0]["id"] if made and made[0]["bookingId"] == event["id"] else None
            links = {"eventId": event["id"], "eventStaffId": behind}
            made.append(_add(call, booking, contact, given, **links))
    if not made:
        raise Refused(*problems)
    update_event_of(call.store, event["id"], call.staff_edited)
    return Made(event, (made[0]["id"],), tuple(problems))


def add_to_session(call: Call, given: Arguments) -> Made:
    session = found(call, SESSION, given["sessionId"], "sessionId")
    event = call.store.get(session["parentEventId"]) or {"id": None}
    problems = []
    made: list[Record] = []
    for identifier in given["contactIds"]:
        contact = _contact(call, identifier, given["staffType"], event)
        if _is_staff(call, session, contact, given["staffType"]):
            problems.append(Problem(ALREADY, "contactIds", contact["id"]))
        else:
            made.append(_add(call, session, contact, given, eventId=event["id"]))
    if problems and not made:
        raise Refused(*problems)
    update_event_of(call.store, session["id"], call.staff_edited)
    return Made(session, tuple(row["id"] for row in made), tuple(problems))


def remove_from_event(call: Call, given: Arguments) -> Made:
    """Removes the event's row and those of its sessions behind it."""
    row = found(call, STAFF, given["staffId"], "staffId")
    clause = "AND json_extract(record.body, '$.eventStaffId') = ?"
    behind = [one["id"] for one in call.store.select(STAFF, clause, (row["id"],))]
    call.store.remove((row["id"], *behind))
    update_event_of(call.store, row["eventId"], call.staff_edited)
    return Made(call.store.get(row["eventId"]), (row["id"],))


def remove_from_session(call: Call, given: Arguments) -> Made:
    row = found(call, STAFF, given["staffId"], "staffId")
    call.store.remove((row["id"],))
    update_event_of(call.store, row["bookingId"], call.staff_edited)
    return Made(call.store.find(SESSION, row["bookingId"]), (row["id"],))
