"""Maps events and sessions of Administrate to bridge rows, their custom fields included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from ledger.values import Fields, Value
from sync.administrate.reads.listings import Record, Refusal, nodes
from sync.entity import Lookups, Observed, Skipped
from sync.events.fields import administrate_values
from sync.fetch.source import Part
from sync.matching.normalise import written_alike

EVENTS, SESSIONS = "adm.events", "adm.sessions"
_TRUE = frozenset({"true", "yes", "y", "1"})
_CANCELLED = "cancelled"
_LONGEST_DAY = 4


def event(record: Record, _part: Part, lookups: Lookups) -> list[Observed]:
    """An event; its primary instructor is the import's, and of no record of Administrate's."""
    key, values = str(record["id"]), _custom_fields(record, "Event", lookups)
    fields: Fields = {
        "external_id": key,
        "legacy_id": _text(record["legacyId"]),
        "course_template_id": _row(lookups, "adm.course_templates", record["courseTemplate"]),
        "title": _text(record["title"]),
        "learning_mode": _text(record["learningMode"]),
        "location_id": _row(lookups, "adm.locations", record["location"]),
        "venue_id": _row(lookups, "adm.venues", record["venue"]),
        "max_places": record["maxPlaces"],
        "min_places": record["minPlaces"],
        "lms_start_date": _moment(record["timeZonedLmsStart"]),
        "lms_end_date": _moment(record["timeZonedLmsEnd"]),
        "lifecycle_state": _text(record["lifecycleState"]),
        "sitting": values.get("sitting"),
        "finalisation_date": _day(values.get("finalisation date")),
        "web_sale": _truth(values.get("web sale")),
        "ocr_moodle_code": values.get("ocr moodle code"),
        "event_url": values.get("url"),
        "timezone": _text(record["timeZoneName"]),
    }
    starts = record["lmsStart"] or record["classroomStart"]
    beside: Fields = {"code": record["code"], "starts": starts and str(starts)[:10]}
    labels = lookups.labels.get("Event", {})
    return [Observed(key, fields, beside, administrate_values(record, EVENTS, labels))]


def sessions(record: Record, _part: Part, lookups: Lookups) -> list[Observed | Skipped]:
    """The sessions of an event, each with its day."""
    event_id = lookups["adm.events"].get(str(record["id"]))
    found = nodes(record, "sessions")
    if event_id is None:
        why = f"its event {record['id']} is not synced yet"
        return [Skipped(str(one["id"]), why) for one in found]
    custom = {str(one["id"]): _custom_fields(one, "Session", lookups) for one in found}
    days = _days(found, custom, lookups.days)
    return [_session(one, event_id, days, custom[str(one["id"])], lookups) for one in found]


def refused_sessions(refusal: Refusal, _part: Part, lookups: Lookups) -> Skipped:
    """A refused session, or an event with all its sessions."""
    if refusal.owner is not None:
        return Skipped(refusal.id, f"of event {refusal.owner}: {refusal.why}")
    event_id = lookups["adm.events"].get(refusal.id)
    why = f"the sessions of this event: {refusal.why}"
    return Skipped(refusal.id, why, None if event_id is None else "event_id", event_id)


def _session(
    record: Record,
    event_id: int,
    days: Mapping[str, int],
    custom: Mapping[str, str],
    lookups: Lookups,
) -> Observed:
    key = str(record["id"])
    fields: Fields = {
        "external_id": key,
        "event_id": event_id,
        "title": _text(record["title"]),
        "day_number": days.get(key),
        "starts_at": _moment(record["timeZonedStart"]),
        "ends_at": _moment(record["timeZonedEnd"]),
        "session_instructor_id": _instructor(record, lookups),
        "session_url": custom.get("url"),
    }
    labels = lookups.labels.get("Session", {})
    return Observed(key, fields, compared=administrate_values(record, SESSIONS, labels))


def _days(
    found: Sequence[Record], custom: Mapping[str, Mapping[str, str]], linked: Mapping[str, int]
) -> dict[str, int]:
    """Each session's day: its link's, else its custom field's, else its place by start among those
    not cancelled. Of two with one day, the second by start has none."""
    by_start = sorted(found, key=lambda one: (one["timeZonedStart"] or "", str(one["id"])))
    keys = [str(one["id"]) for one in by_start]
    running = [str(one["id"]) for one in by_start if one["lifecycleState"] != _CANCELLED]
    places = {key: place for place, key in enumerate(running, start=1)}
    typed = {key: day for key in keys if (day := _number(custom[key].get("day")))}
    days: dict[str, int] = {}
    undecided = keys
    for said in (linked, typed, places):
        for key in undecided:
            if key in said and said[key] not in days.values():
                days[key] = said[key]
        undecided = [key for key in undecided if key not in said]
    return days


def _instructor(record: Record, lookups: Lookups) -> int | None:
    """Its first instructor, a primary one before others, then by id."""
    teaching = [one for one in nodes(record, "staff") if one["staffType"] == "instructor"]
    for one in sorted(teaching, key=lambda each: not each["isPrimary"]):
        return _row(lookups, "adm.instructors", one["contact"])
    return None


def _custom_fields(record: Record, kind: str, lookups: Lookups) -> dict[str, str]:
    """The values of a record's custom fields, by their labels as they are compared."""
    labels = lookups.labels.get(kind, {})
    return {
        written_alike(labels[one["definitionKey"]]): str(one["value"])
        for one in record["customFieldValues"]
        if one["value"] and one["definitionKey"] in labels
    }


def _row(lookups: Lookups, table: str, referred: Record | None) -> int | None:
    """The bridge row of a record that is referred to; one not synced yet is found the next time."""
    return None if referred is None else lookups[table].get(str(referred["id"]))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _moment(value: object) -> Value:
    return None if value is None else datetime.fromisoformat(str(value))


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text[:10])
    except ValueError:
        return None


def _truth(text: str | None) -> bool | None:
    return None if text is None else text.casefold() in _TRUE


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_DAY else None
