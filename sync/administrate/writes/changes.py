"""Every change the program makes in Administrate, with the search by natural key of each
creation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from sync.administrate.client import Administrate
from sync.administrate.operations import Kind, load
from sync.administrate.reads.lookups import Records
from sync.administrate.reads.queries import equal
from sync.administrate.writes import natural_keys
from sync.administrate.writes.inputs import (
    CourseTemplateChange,
    EventChange,
    NewBlendedEvent,
    NewContact,
    NewCourseTemplate,
    NewLmsEvent,
    NewLocation,
    NewSession,
    SessionChange,
    as_input,
)
from sync.administrate.writes.sending import ITSELF, FindAgain, Removed, Write, WriteRequest

Variables = Mapping[str, Any]


def _creation(name: str, payload: str, entity: str, again: FindAgain) -> Write:
    return Write(load(name, Kind.CREATE), tuple(payload.split(".")), entity, find_again=again)


def _addition(name: str, payload: str, entity: str, again: FindAgain) -> Write:
    return evolve(_creation(name, payload, entity, again), row="staff")


def _update(name: str, payload: str, entity: str | None) -> Write:
    return Write(load(name, Kind.UPDATE), tuple(payload.split(".")), entity)


def _removal(name: str, payload: str, entity: str | None, removed: Removed) -> Write:
    return evolve(_update(name, payload, entity), removed=removed)


_CREATE_BLENDED = _creation(
    "EventCreateBlended", "event.createBlended", "event", natural_keys.created_event
)
_CREATE_LMS = _creation("EventCreateLMS", "event.createLMS", "event", natural_keys.created_event)
_UPDATE_EVENT = _update("EventUpdate", "event.update", "event")
_DELETE_EVENT = _removal("EventDelete", "event.delete", None, natural_keys.removed_event)
_ADD_EVENT_STAFF = _addition(
    "EventAddStaff", "event.addStaff", "event", natural_keys.added_event_staff
)
_REMOVE_EVENT_STAFF = _removal(
    "EventRemoveStaff", "event.removeStaff", "event", natural_keys.removed_staff
)
_CREATE_SESSION = _creation(
    "SessionCreate", "session.create", "session", natural_keys.created_session
)
_UPDATE_SESSION = _update("SessionUpdate", "session.update", "session")
_ADD_SESSION_STAFF = _addition(
    "SessionAddStaff", "session.addStaff", "session", natural_keys.added_session_staff
)
_REMOVE_SESSION_STAFF = _removal(
    "SessionRemoveStaff", "session.removeStaff", "session", natural_keys.removed_staff
)
_CREATE_TEMPLATE = _creation(
    "CourseTemplateCreate",
    "courseTemplate.create",
    "courseTemplate",
    natural_keys.created_course_template,
)
_UPDATE_TEMPLATE = _update("CourseTemplateUpdate", "courseTemplate.update", "courseTemplate")
_CREATE_LOCATION = _creation(
    "LocationCreate", "location.create", "location", natural_keys.created_location
)
_CREATE_CONTACT = _creation(
    "ContactCreate", "contact.create", "contact", natural_keys.created_contact
)
# Overwriting makes it absolute: without, a second store of the same value is an error.
_STORE_EXTERNAL_ID = _update("ExternalIdStore", "externalId.store", ITSELF)

WRITES = {
    write.operation.name: write
    for write in (
        _CREATE_BLENDED,
        _CREATE_LMS,
        _UPDATE_EVENT,
        _DELETE_EVENT,
        _ADD_EVENT_STAFF,
        _REMOVE_EVENT_STAFF,
        _CREATE_SESSION,
        _UPDATE_SESSION,
        _ADD_SESSION_STAFF,
        _REMOVE_SESSION_STAFF,
        _CREATE_TEMPLATE,
        _UPDATE_TEMPLATE,
        _CREATE_LOCATION,
        _CREATE_CONTACT,
        _STORE_EXTERNAL_ID,
    )
}
"""Every kind of change, by its operation's name."""


def create_blended_event(new: NewBlendedEvent) -> WriteRequest:
    """Create an event with sessions."""
    return WriteRequest(_CREATE_BLENDED, {"input": as_input(new)})


def create_lms_event(new: NewLmsEvent) -> WriteRequest:
    """Create an event of online content."""
    return WriteRequest(_CREATE_LMS, {"input": as_input(new)})


def update_event(event_id: str, change: EventChange) -> WriteRequest:
    """Set fields of an event; publishing it does not publish its sessions."""
    return WriteRequest(_UPDATE_EVENT, {"eventId": event_id, "input": as_input(change)})


def delete_event(event_id: str) -> WriteRequest:
    """Delete an event; the API refuses any but a draft."""
    return WriteRequest(_DELETE_EVENT, {"input": {"eventIds": [event_id]}})


def add_event_staff(event_id: str, contact_id: str, staff_type: str) -> WriteRequest:
    """Add a contact to an event's staff and, but for an LMS event, to its sessions'."""
    given = {"eventId": event_id, "contactId": contact_id, "staffType": staff_type}
    return WriteRequest(_ADD_EVENT_STAFF, {"input": given, "added": _rows(contact_id, staff_type)})


def remove_event_staff(staff_id: str) -> WriteRequest:
    """Remove a staff entry from an event, by its own id, without a notification."""
    return WriteRequest(_REMOVE_EVENT_STAFF, {"input": {"staffId": staff_id, "notifyStaff": False}})


def create_session(new: NewSession) -> WriteRequest:
    """Create a session of an event."""
    return WriteRequest(_CREATE_SESSION, {"input": as_input(new)})


def update_session(session_id: str, change: SessionChange) -> WriteRequest:
    """Set fields of a session."""
    return WriteRequest(_UPDATE_SESSION, {"sessionId": session_id, "input": as_input(change)})


def add_session_staff(session_id: str, contact_id: str, staff_type: str) -> WriteRequest:
    """Add a contact to a session's staff."""
    given = {"sessionId": session_id, "contactIds": [contact_id], "staffType": staff_type}
    return WriteRequest(
        _ADD_SESSION_STAFF, {"input": given, "added": _rows(contact_id, staff_type)}
    )


def remove_session_staff(staff_id: str) -> WriteRequest:
    """Remove a staff entry from a session, by its own id, without a notification."""
    return WriteRequest(
        _REMOVE_SESSION_STAFF, {"input": {"staffId": staff_id, "notifyStaff": False}}
    )


def create_course_template(new: NewCourseTemplate) -> WriteRequest:
    """Create a course template."""
    return WriteRequest(_CREATE_TEMPLATE, {"input": as_input(new)})


def update_course_template(course_template_id: str, change: CourseTemplateChange) -> WriteRequest:
    """Set fields of a course template."""
    return WriteRequest(
        _UPDATE_TEMPLATE, {"courseTemplateId": course_template_id, "input": as_input(change)}
    )


def create_location(new: NewLocation) -> WriteRequest:
    """Create a location."""
    return WriteRequest(_CREATE_LOCATION, {"input": as_input(new)})


def create_contact(new: NewContact) -> WriteRequest:
    """Create a contact."""
    return WriteRequest(_CREATE_CONTACT, {"input": as_input(new)})


def store_external_id(node_id: str, name: str, value: str) -> WriteRequest:
    """Set a record's external id of that name, whatever it was; its type must not have it yet."""
    return WriteRequest(_STORE_EXTERNAL_ID, {"nodeId": node_id, "name": name, "value": value})


def restore_request(operation: str, variables: Variables) -> WriteRequest:
    """The request from its stored operation name; KeyError for an unknown one."""
    return WriteRequest(WRITES[operation], variables)


def find_again(client: Administrate, request: WriteRequest) -> Records:
    """The possible results of an unanswered creation or addition, by its natural key.

    ValueError for an update: it is repeated without a search.
    """
    if request.write.find_again is None:
        raise ValueError(f"{request.operation} is not a creation")
    return request.write.find_again(client, request.variables)


def _rows(contact_id: str, staff_type: str) -> list[dict[str, object]]:
    """The filter that leaves, of the staff, the place that was added."""
    return [
        equal("contactId", contact_id).as_input(),
        equal("staffType", staff_type).as_input(),
    ]
