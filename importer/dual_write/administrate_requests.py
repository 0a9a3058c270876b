"""The requests that create an event in Administrate, each a value."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from importer.planning.plan import Approval
from importer.validation.planned_event import Mode, PlannedEvent, PlannedSession, placed
from ledger.events import record_name
from sync.administrate.writes import changes
from sync.administrate.writes.declaration import WriteRequest
from sync.administrate.writes.inputs import (
    CourseTemplateChange,
    EventChange,
    NewBlendedEvent,
    NewEventStaff,
    NewLmsEvent,
    NewSession,
    NewSessionStaff,
    SessionChange,
)


def create_event(plan: PlannedEvent) -> WriteRequest:
    """Creates the event as a draft; its code is its natural key."""
    deadline = plan.registration_deadline
    given: dict[str, Any] = {
        "time_zone_name": plan.zone,
        "code": plan.code,
        "course_template_id": plan.template.external_id,
        "location_id": plan.location.external_id,
        "venue_id": plan.venue.external_id if plan.venue else None,
        "tax_type_id": plan.tax_type,
        "lms_start_date_time": plan.lms.start,
        "lms_end_date_time": plan.lms.end,
        "registration_deadline": datetime.combine(deadline, time()) if deadline else None,
        **placed(plan, lambda to: to.administrate),
        "custom_field_values": plan.custom_fields,
    }
    if plan.mode is Mode.LMS:
        return changes.CREATE_LMS_EVENT(NewLmsEvent(**given))
    first = min(plan.sessions, key=lambda one: one.span.starts_at)
    last = max(plan.sessions, key=lambda one: one.span.ends_at)
    return changes.CREATE_BLENDED_EVENT(
        NewBlendedEvent(
            **given,
            classroom_start_date_time=first.span.start,
            classroom_end_date_time=last.span.end,
        )
    )


def set_session(session: PlannedSession, session_id: str) -> WriteRequest:
    """Sets a scheduled session (made by the course template) to its day."""
    return changes.UPDATE_SESSION(
        session_id,
        SessionChange(
            **_when_and_where(session),
            custom_field_values=session.custom_fields,
        ),
    )


def create_session(event: PlannedEvent, session: PlannedSession, event_id: str) -> WriteRequest:
    """Creates a session that the course template's schedule lacks."""
    return changes.CREATE_SESSION(
        NewSession(
            parent_event_id=event_id,
            code=f"{event.code}-{session.day}",
            **_when_and_where(session),
            min_places=event.min_places,
            max_places=event.max_places,
        )
    )


def set_custom_fields(session: PlannedSession, session_id: str) -> WriteRequest:
    """Sets a session's custom fields, which its creation cannot."""
    change = SessionChange(custom_field_values=session.custom_fields)
    return changes.UPDATE_SESSION(session_id, change)


def add_event_administrator(event_id: str, contact_id: str) -> WriteRequest:
    """Adds an administrator to the event and its existing sessions."""
    return changes.ADD_EVENT_STAFF(
        NewEventStaff(event_id=event_id, contact_id=contact_id, staff_type="administrator")
    )


def add_instructor(session_id: str, contact_id: str) -> WriteRequest:
    return changes.ADD_SESSION_STAFF(
        NewSessionStaff(session_id=session_id, contact_ids=(contact_id,), staff_type="instructor")
    )


def mark_sold_out(event_id: str) -> WriteRequest:
    """Marks the event as sold out, which its creation cannot."""
    return changes.UPDATE_EVENT(event_id, EventChange(is_sold_out=True))


def approval_record(approval: Approval) -> str:
    """The record that an approval is about."""
    return record_name("adm.course_templates", approval.template.external_id)


def approve(template_id: str, people: Iterable[str]) -> WriteRequest:
    """Sets a course template's approved instructors; replaces the list."""
    change = CourseTemplateChange(approved_instructors=tuple(sorted(people)))
    return changes.UPDATE_COURSE_TEMPLATE(template_id, change)


def _when_and_where(session: PlannedSession) -> dict[str, Any]:
    return {
        **placed(session, lambda to: to.administrate),
        "start": session.span.start,
        "end": session.span.end,
        "time_zone_name": session.zone,
        "location_id": session.location.external_id,
        "venue_id": session.venue.external_id if session.venue else None,
    }
