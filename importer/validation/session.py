"""Reads a row as a session: its own values, and those inherited from its event."""

from __future__ import annotations

from attrs import frozen

from importer.reference.values import Instructor, Location, Venue
from importer.validation.custom_fields import CustomFields
from importer.validation.names import Lookups
from importer.validation.planned_event import PlannedSession
from importer.validation.row_reader import RowReader
from importer.validation.times import DEFAULT_ZONE, zone_named
from importer.workbook.template import SESSION_VALUES, fold


@frozen
class Place:
    """The location, venue and zone of a row; None where unreadable."""

    location: Location | None
    venue: Venue | None
    zone: str | None


def read_place(reader: RowReader, lookups: Lookups, event: Place | None = None) -> Place:
    """The row's place; blank cells of a session inherit its event's.

    A session at another location than its event's does not take the event's venue with it.
    """
    zone = _read_zone(reader, DEFAULT_ZONE if event is None else event.zone)
    location = reader.found("location", lookups.locations.find)
    if location is None and event is not None and reader.is_blank("location"):
        location = event.location
    if reader.is_blank("venue") and event is not None:
        same = location is not None and location == event.location
        return Place(location, event.venue if same else None, zone)
    venue: Venue | None = None
    if location is None:
        reader.fact("venue")
    else:
        there = location
        venue = reader.found("venue", lambda name: lookups.venue(name, there))
    return Place(location, venue, zone)


def _read_zone(reader: RowReader, blank: str | None) -> str | None:
    text = reader.fact("zone")
    if text is None:
        return blank if reader.is_blank("zone") else None
    zone = zone_named(text)
    if zone is None:
        reader.refuse("zone", "no time zone of that name", "one such as 'Europe - London'")
    return zone


def read_session(
    reader: RowReader,
    place: Place,
    named: tuple[Instructor, ...],
    lookups: Lookups,
    fields: CustomFields,
) -> PlannedSession | None:
    """The session in a row, an event's own row or one below it; None where an error was noted.

    ``named`` are the people of the row's Instructor column; they teach the session where its own
    column is blank.
    """
    plain = reader.facts(SESSION_VALUES)
    span = reader.span("classroom", place.zone)
    own = reader.all_found("session_instructor", lookups.instructors)
    if reader.is_blank("session_instructor") and reader.is_blank("instructor"):
        reader.warn("session_instructor", "nobody teaches this session; it is made all the same")
    instructors = own or named
    if reader.errors or span is None or place.location is None or place.zone is None:
        return None
    return PlannedSession(
        **plain,
        row=reader.row.number,
        span=span,
        zone=place.zone,
        location=place.location.keys,
        venue=place.venue.keys if place.venue else None,
        instructors=tuple(one.keys for one in instructors),
        custom_fields=fields.values("Session", plain),
    )


def check_is_session_of(reader: RowReader, event_title: str) -> None:
    """Refuses a row with another event's title: its course template code is missing."""
    if reader.is_blank("title"):
        return
    title = reader.fact("title")
    if title is not None and fold(title) != fold(event_title):
        reader.refuse(
            "title",
            f"not the event above, {event_title!r}",
            "a course template code in this row if it begins an event, else no title",
        )
