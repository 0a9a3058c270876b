"""The ledger events of an imported event: tutorial rows, and linked bridge rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from attrs import evolve

from importer.planning.event_in_progress import EventInProgress, SessionKeys
from importer.validation.planned_event import PlannedSession, placed
from ledger.events import (
    Event,
    MatchDecided,
    RecordIdentified,
    RecordObserved,
    SessionInstructor,
    TutorialEventCreated,
    TutorialSessionCreated,
    record_name,
)
from ledger.values import Fields, Personal
from ledger.zones import midnight

EVENTS, SESSIONS = "adm.events", "adm.sessions"
# The state of an event that an import has created in Administrate.
DRAFTED: Fields = {"lifecycle_state": "draft"}
_TUTORIAL = {EVENTS: "acted.tutorial_events", SESSIONS: "acted.tutorial_sessions"}


def rows_made(in_progress: EventInProgress) -> Iterator[Event]:
    """All events for one event on this side; the bridge rows get their Administrate ids later."""
    plan, keys = in_progress.plan, in_progress.keys
    fields = tutorial_event(in_progress)
    names = any(isinstance(value, Personal) for value in fields.values())
    people = plan.people if names else ()
    yield TutorialEventCreated(row_id=keys.tutorial, fields=fields, people=people)
    days = list(zip(plan.sessions, keys.sessions, strict=True))
    for session, own in days:
        yield TutorialSessionCreated(
            row_id=own.tutorial,
            event_id=keys.tutorial,
            fields=tutorial_session(session),
            instructors=tuple(
                SessionInstructor(row_id=row_id, instructor_id=one.tutorial_id)
                for one, row_id in zip(session.instructors, own.instructors, strict=True)
            ),
        )
    yield from _bridge_row(EVENTS, keys.bridge, keys.tutorial, _event_row(in_progress))
    for session, own in days:
        fields = {"event_id": keys.bridge, **_session_row(session)}
        yield from _bridge_row(SESSIONS, own.bridge, own.tutorial, fields)


def event_identified(
    in_progress: EventInProgress, external_id: str, legacy_id: str | None
) -> RecordIdentified:
    """Administrate has the event, as a draft."""
    fields: Fields = {"legacy_id": legacy_id, **DRAFTED}
    identified = _identified(EVENTS, in_progress.keys.bridge, external_id, fields)
    return evolve(identified, linked=in_progress.record)


def session_identified(keys: SessionKeys, external_id: str) -> RecordIdentified:
    """Administrate has the session."""
    return _identified(SESSIONS, keys.bridge, external_id, {})


def _bridge_row(table: str, row_id: int, tutorial_id: int, fields: Fields) -> Iterator[Event]:
    key = f"id={row_id}"
    yield RecordObserved(
        table=table, key=key, row_id=row_id, fields={"external_id": None, **fields}
    )
    yield MatchDecided(
        table=table,
        key=key,
        row_id=row_id,
        outcome="linked",
        reason="the import made both",
        rule="import",
        rule_version=1,
        linked=record_name(_TUTORIAL[table], tutorial_id),
        before=None,
    )


def _identified(table: str, row_id: int, external_id: str, fields: Fields) -> RecordIdentified:
    return RecordIdentified(
        table=table,
        key=external_id,
        row_id=row_id,
        former=f"id={row_id}",
        fields={"external_id": external_id, **fields},
    )


def tutorial_event(in_progress: EventInProgress) -> Fields:
    """The ledger event for tutorial tables of every shape: some have days, some moments."""
    plan = in_progress.plan
    return {
        "code": plan.code,
        "venue_id": plan.venue.tutorial_id if plan.venue else None,
        "location_id": plan.location.tutorial_id,
        "finalised_at": _midnight(plan.finalisation_date, plan.zone),
        "remain_space": plan.max_places or 0,
        "start_date": plan.lms.start.date(),
        "end_date": plan.lms.end.date(),
        "lms_starts_at": plan.lms.starts_at,
        "lms_ends_at": plan.lms.ends_at,
        "product_id": plan.product_id,
        "bridge_template_id": plan.template.row_id,
        "learning_mode": plan.mode.value,
        "main_instructor_id": plan.instructors[0].tutorial_id if plan.instructors else None,
        "registration_deadline": _midnight(plan.registration_deadline, plan.zone),
        "session_title": plan.sessions[0].title if plan.sessions else None,
        "timezone": plan.zone,
        **placed(plan, lambda to: to.tutorial),
        **plan.details,
    }


def _midnight(day: date | None, zone: str) -> datetime | None:
    return None if day is None else midnight(day, ZoneInfo(zone)).astimezone(UTC)


def tutorial_session(session: PlannedSession) -> Fields:
    """The ledger event for tutorial sessions of every shape."""
    return {
        "venue_id": session.venue.tutorial_id if session.venue else None,
        "location_id": session.location.tutorial_id,
        "start_date": session.span.starts_at,
        "end_date": session.span.ends_at,
        **placed(session, lambda to: to.tutorial),
    }


def _event_row(in_progress: EventInProgress) -> Fields:
    plan = in_progress.plan
    return {
        "course_template_id": plan.template.row_id,
        "learning_mode": plan.mode.value,
        "location_id": plan.location.row_id,
        "venue_id": plan.venue.row_id if plan.venue else None,
        "primary_instructor_id": plan.instructors[0].row_id if plan.instructors else None,
        "lms_start_date": plan.lms.starts_at,
        "lms_end_date": plan.lms.ends_at,
        "timezone": plan.zone,
        **placed(plan, lambda to: to.bridge),
    }


def _session_row(session: PlannedSession) -> Fields:
    return {
        "starts_at": session.span.starts_at,
        "ends_at": session.span.ends_at,
        "session_instructor_id": session.instructors[0].row_id if session.instructors else None,
        **placed(session, lambda to: to.bridge),
    }
