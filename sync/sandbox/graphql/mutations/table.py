"""Every mutation by its path in the schema: the namespace and its field."""

from __future__ import annotations

from collections.abc import Mapping

from sync.sandbox.graphql import external_ids
from sync.sandbox.graphql.call import Mutation
from sync.sandbox.graphql.mutations import (
    contact,
    course_template,
    event,
    event_creation,
    location,
    prices,
    session,
    staff,
)

MUTATIONS: Mapping[str, Mutation] = {
    "account.create": contact.create_account,
    "contact.create": contact.create,
    "contact.delete": contact.delete,
    "contact.update": contact.update,
    "courseTemplate.addPublicPrices": prices.add_to_template,
    "courseTemplate.addSessionTemplate": course_template.add_session_template,
    "courseTemplate.create": course_template.create,
    "courseTemplate.delete": course_template.delete,
    "courseTemplate.update": course_template.update,
    "event.addPrices": prices.add_to_event,
    "event.addStaff": staff.add_to_event,
    "event.createBlended": event_creation.creation("blended"),
    "event.createClassroom": event_creation.creation("classroom"),
    "event.createLMS": event_creation.creation("lms"),
    "event.delete": event.delete,
    "event.removeStaff": staff.remove_from_event,
    "event.update": event.update,
    "externalId.remove": external_ids.remove,
    "externalId.store": external_ids.store,
    "location.create": location.create,
    "location.delete": location.delete,
    "location.update": location.update,
    "session.addStaff": staff.add_to_session,
    "session.create": session.create,
    "session.delete": session.delete,
    "session.removeStaff": staff.remove_from_session,
    "session.update": session.update,
}
