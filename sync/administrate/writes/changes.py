"""Every change the program makes in Administrate, each declared once."""

from __future__ import annotations

from sync.administrate.reads.queries import (
    COURSE_TEMPLATES,
    EVENT_KEYS,
    LOCATIONS,
    STAFF_OF_EVENT,
    STAFF_OF_SESSION,
)
from sync.administrate.writes import natural_keys
from sync.administrate.writes.declaration import Addition, Change, Creation, Deletion, Update
from sync.administrate.writes.inputs import (
    CourseTemplateChange,
    EventChange,
    NewBlendedEvent,
    NewContact,
    NewCourseTemplate,
    NewEventStaff,
    NewLmsEvent,
    NewLocation,
    NewSession,
    NewSessionStaff,
    SessionChange,
)

CREATE_BLENDED_EVENT = Creation(
    "EventCreateBlended", "event.createBlended", NewBlendedEvent, natural_keys.event
)
CREATE_LMS_EVENT = Creation("EventCreateLMS", "event.createLMS", NewLmsEvent, natural_keys.event)
# Publishing an event does not publish its sessions.
UPDATE_EVENT = Update("EventUpdate", "event.update", EventChange)
# The API deletes drafts alone.
DELETE_EVENT = Deletion("EventDelete", "event.delete", EVENT_KEYS)
# On a blended event it adds the contact to each of its sessions, too.
ADD_EVENT_STAFF = Addition(
    "EventAddStaff", "event.addStaff", NewEventStaff, natural_keys.staff(STAFF_OF_EVENT, "eventId")
)
CREATE_SESSION = Creation("SessionCreate", "session.create", NewSession, natural_keys.session)
UPDATE_SESSION = Update("SessionUpdate", "session.update", SessionChange)
ADD_SESSION_STAFF = Addition(
    "SessionAddStaff",
    "session.addStaff",
    NewSessionStaff,
    natural_keys.staff(STAFF_OF_SESSION, "sessionId"),
)
CREATE_COURSE_TEMPLATE = Creation(
    "CourseTemplateCreate",
    "courseTemplate.create",
    NewCourseTemplate,
    natural_keys.same(COURSE_TEMPLATES, "code"),
)
UPDATE_COURSE_TEMPLATE = Update(
    "CourseTemplateUpdate", "courseTemplate.update", CourseTemplateChange
)
CREATE_LOCATION = Creation(
    "LocationCreate", "location.create", NewLocation, natural_keys.same(LOCATIONS, "name")
)
CREATE_CONTACT = Creation("ContactCreate", "contact.create", NewContact, natural_keys.contact)

CHANGES = {change.name: change for change in list(globals().values()) if isinstance(change, Change)}
"""Every change declared here, by its operation's name."""
