"""Reference data of the database: linked records, the catalogue, tutorial events."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import Connection, text

from importer.reference.catalogue import read_tutorials
from importer.reference.product_decisions import product_decisions
from importer.reference.values import (
    CourseTemplate,
    CustomField,
    Instructor,
    KnownEvent,
    Location,
    RecordKind,
    Reference,
    Side,
    UnlinkedRecord,
    Venue,
)
from importer.workbook.template import fold, parts_of
from ledger.database.connection import driver
from ledger.tables.shapes.observed import longest_texts, tables_in
from ledger.tables.shapes.shape import Shape

_TEMPLATES = (
    "SELECT id, external_id, tutorial_course_template_id, code FROM adm.course_templates"
    " WHERE tutorial_course_template_id IS NOT NULL AND code IS NOT NULL ORDER BY code, id"
)
_LOCATIONS = (
    "SELECT id, external_id, tutorial_location_id, name FROM adm.locations"
    " WHERE tutorial_location_id IS NOT NULL AND name IS NOT NULL ORDER BY id"
)
_VENUES = (
    "SELECT id, external_id, tutorial_venue_id, name, location_id FROM adm.venues"
    " WHERE tutorial_venue_id IS NOT NULL AND location_id IS NOT NULL AND name IS NOT NULL"
    " ORDER BY id"
)
_INSTRUCTORS = (
    "SELECT id, external_id, tutorial_instructor_id, coalesce(first_name, ''),"
    " coalesce(last_name, '') FROM adm.instructors"
    " WHERE tutorial_instructor_id IS NOT NULL ORDER BY id"
)
_CUSTOM_FIELDS = (
    "SELECT external_id, label, entity_type, coalesce(field_type, 'string') FROM adm.custom_fields"
    " WHERE entity_type IN ('Event', 'Session') AND label IS NOT NULL ORDER BY id"
)
_UNLINKED = {
    (RecordKind.COURSE_TEMPLATE, Side.ADMINISTRATE): (
        "SELECT code FROM adm.course_templates WHERE tutorial_course_template_id IS NULL"
    ),
    (RecordKind.COURSE_TEMPLATE, Side.TUTORIAL): (
        "SELECT code FROM acted.tutorial_course_templates t WHERE is_active AND NOT EXISTS"
        " (SELECT FROM adm.course_templates WHERE tutorial_course_template_id = t.id)"
    ),
    (RecordKind.LOCATION, Side.ADMINISTRATE): (
        "SELECT name FROM adm.locations WHERE tutorial_location_id IS NULL"
    ),
    (RecordKind.LOCATION, Side.TUTORIAL): (
        "SELECT name FROM acted.tutorial_locations t WHERE is_active AND NOT EXISTS"
        " (SELECT FROM adm.locations WHERE tutorial_location_id = t.id)"
    ),
    (RecordKind.VENUE, Side.ADMINISTRATE): (
        "SELECT name FROM adm.venues WHERE tutorial_venue_id IS NULL"
    ),
    (RecordKind.VENUE, Side.TUTORIAL): (
        "SELECT name FROM acted.tutorial_venues t WHERE NOT EXISTS"
        " (SELECT FROM adm.venues WHERE tutorial_venue_id = t.id)"
    ),
    (RecordKind.INSTRUCTOR, Side.ADMINISTRATE): (
        "SELECT concat_ws(' ', first_name, last_name) FROM adm.instructors"
        " WHERE tutorial_instructor_id IS NULL"
    ),
    (RecordKind.INSTRUCTOR, Side.TUTORIAL): (
        "SELECT concat_ws(' ', u.first_name, u.last_name) FROM acted.tutorial_instructors t"
        " JOIN acted.staff s ON s.id = t.staff_id JOIN public.auth_user u ON u.id = s.user_id"
        " WHERE t.is_active AND NOT EXISTS"
        " (SELECT FROM adm.instructors WHERE tutorial_instructor_id = t.id)"
    ),
}
# A tutorial event has its title only in its bridge row; without one its code is its title.
_EVENTS_STARTING = """
SELECT e.id, e.{starts}, {zone}, coalesce(b.title, e.code), t.code, s.code
FROM acted.tutorial_events e
JOIN acted.products p ON p.{product_key} = e.product_id
JOIN acted.catalog_exam_session_subjects es ON es.id = p.exam_session_subject_id
JOIN acted.catalog_subjects s ON s.id = es.subject_id
LEFT JOIN adm.events b ON b.tutorial_event_id = e.id
LEFT JOIN adm.course_templates t ON t.id = coalesce(b.course_template_id, {template})
WHERE e.{starts}::date = ANY(:around) ORDER BY e.id
"""
_ZONE = ZoneInfo("Europe/London")


@frozen
class TutorialReference:
    """The database's part of the reference data, and the code of every tutorial event;
    ``title_is_code`` where every event's code must be its title."""

    reference: Reference
    codes: frozenset[str]
    title_is_code: bool = False


def read_tutorial_reference(connection: Connection, starting: Iterable[date]) -> TutorialReference:
    """All of it, in a constant number of queries; of tutorial events those that start on these
    days.

    Raises ``ShapeUnknown`` where the tutorial tables are of no known shape.
    """
    shape = tables_in(driver(connection)).shape
    templates = tuple(CourseTemplate(*row) for row in _rows(connection, _TEMPLATES))
    locations = tuple(Location(*row) for row in _rows(connection, _LOCATIONS))
    taught = [one.code for one in templates]
    on_sale, withdrawn = read_tutorials(connection)
    reference = Reference(
        course_templates=templates,
        locations=locations,
        venues=tuple(Venue(*row) for row in _rows(connection, _VENUES)),
        instructors=tuple(Instructor(*row) for row in _rows(connection, _INSTRUCTORS)),
        unlinked=tuple(
            UnlinkedRecord(entity, side, name)
            for (entity, side), query in _UNLINKED.items()
            for (name,) in _rows(connection, query)
            if name
        ),
        custom_fields=tuple(CustomField(*row) for row in _rows(connection, _CUSTOM_FIELDS)),
        subjects=tuple(
            code for (code,) in _rows(connection, "SELECT code FROM acted.catalog_subjects")
        ),
        products=on_sale,
        inactive_products=withdrawn,
        decisions=tuple(product_decisions(connection, templates, locations)),
        known_events=tuple(_known_events(connection, shape, set(starting), taught)),
        longest=longest_texts(driver(connection)),
    )
    codes = _rows(connection, "SELECT code FROM acted.tutorial_events")
    known = frozenset(code for (code,) in codes)
    return TutorialReference(reference, known, shape.title_is_code)


def _known_events(
    connection: Connection, shape: Shape, starting: Set[date], templates: list[str]
) -> Iterable[KnownEvent]:
    """The tutorial events that start on those days, by their course template.

    One without a bridge row may have any template of its product's subject: it counts for each.
    """
    query = _EVENTS_STARTING.format(
        starts=shape.starts,
        product_key=shape.product_key,
        zone=f"e.{shape.zone}" if shape.zone else "NULL",
        template=f"e.{shape.template}" if shape.template else "NULL",
    )
    # A UTC moment's day differs from that in its zone by at most one.
    around = {day + timedelta(days=n) for day in starting for n in (-1, 0, 1)}
    rows = _rows(connection, query, around=sorted(around))
    for row_id, starts, zone, title, template, subject in rows:
        start = _day(starts, zone)
        if start in starting:
            codes = [template] if template else _of_subject(templates, subject)
            identity = f"acted.tutorial_events/{row_id}"
            yield from (KnownEvent(code, title, start, Side.TUTORIAL, identity) for code in codes)


def _day(starts: date | datetime, zone: str | None) -> date:
    if not isinstance(starts, datetime):
        return starts
    try:
        return starts.astimezone(ZoneInfo(zone) if zone else _ZONE).date()
    except (KeyError, ValueError):
        # An unknown zone, typed by somebody.
        return starts.astimezone(_ZONE).date()


def _of_subject(templates: list[str], subject: str) -> list[str]:
    return [code for code in templates if fold(subject) in parts_of(code)]


def _rows(connection: Connection, query: str, **values: object) -> list[Any]:
    return list(connection.execute(text(query), values))
