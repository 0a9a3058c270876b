"""The company's tutorial side: plain rows for the tables of ``acted`` and ``public.auth_user``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

from sync.sandbox.company.catalogue import (
    STAMPS,
    Catalogue,
    Row,
    Table,
    catalogue,
    catalogue_tables,
    numbered,
    offer_at,
)
from sync.sandbox.company.entries import Company, Entry
from sync.sandbox.company.generate import Size, sized


def _people(company: Company) -> Iterator[tuple[int, Entry]]:
    """The tutorial side's people with their numbers, which are also their users' and staff ids."""
    return zip(count(1), company.tutorial("people"), strict=False)


def _users(company: Company) -> Iterator[Row]:
    for number, person in _people(company):
        if person.get("staff", True):
            name = f"{person['first']}.{person['last']}".casefold().replace(" ", ".")
            yield {
                "id": number,
                "username": person.get("username") or f"{name}.{number}"[-150:],
                "first_name": person["first"],
                "last_name": person["last"],
                "email": f"tutor{number}@{company.values['email_domain']}",
                "is_active": True,
            }


def _staff(company: Company) -> Iterator[Row]:
    return (
        {"id": number, "user_id": number, **STAMPS}
        for number, person in _people(company)
        if person.get("staff", True)
    )


def _instructors(company: Company) -> Iterator[Row]:
    return (
        {
            "id": number,
            "staff_id": number if person.get("staff", True) else None,
            "is_active": person.get("active", True),
            **STAMPS,
        }
        for number, person in _people(company)
        if "instructor" in person["roles"]
    )


def _course_templates(company: Company) -> Iterator[Row]:
    return numbered(
        {
            "code": entry["code"],
            "title": entry["title"],
            "description": "",
            "is_active": entry.get("active", True),
        }
        for entry in company.tutorial("course_templates")
    )


def _locations(company: Company) -> Iterator[Row]:
    return numbered(
        {"name": entry["name"], "code": entry["code"], "is_active": entry.get("active", True)}
        for entry in company.tutorial("locations")
    )


def _location_numbers(company: Company) -> dict[str, int]:
    return company.tutorial_numbers("locations", lambda one: str(one["name"]))


def _venues(company: Company) -> Iterator[Row]:
    locations = _location_numbers(company)
    yield from numbered(
        {
            "name": entry["name"],
            "description": entry["description"],
            "location_id": locations.get(entry["location"]),
        }
        for entry in company.tutorial("venues")
    )


def _places(company: Company, event: Entry) -> Row:
    venues = company.tutorial_numbers("venues", lambda one: (one["name"], one["location"]))
    return {
        "venue_id": venues[event["venue"], event["location"]],
        "location_id": _location_numbers(company)[event["location"]],
    }


def _events(company: Company, made: Catalogue) -> Iterator[Row]:
    return numbered(
        {
            "code": event["title"],
            **_places(company, event),
            "is_soldout": event["booked"] == event["places"],
            "finalisation_date": None,
            "remain_space": event["places"] - event["booked"],
            "start_date": date.fromisoformat(event["lms"][0]),
            "end_date": date.fromisoformat(event["lms"][1]),
            "product_id": made.product_number(
                offer_at(company, event["template"], event["location"]), event["sitting"]
            ),
        }
        for event in company.tutorial("past_events")
    )


def _sessions(company: Company) -> Iterator[Row]:
    zone = ZoneInfo(company.values["time_zone"])
    yield from numbered(
        {
            "tutorial_event_id": number,
            "title": f"{event['title']}-{sequence}",
            **_places(company, event),
            "start_date": datetime.fromisoformat(f"{day}T09:30:00").replace(tzinfo=zone),
            "end_date": datetime.fromisoformat(f"{day}T17:00:00").replace(tzinfo=zone),
            "sequence": sequence,
            "url": None,
        }
        for number, event in enumerate(company.tutorial("past_events"), start=1)
        for sequence, day in enumerate(event["days"], start=1)
    )


def _session_instructors(company: Company) -> Iterator[Row]:
    """The join table has no times of its own; its ids follow the sessions', one tutor each."""
    named = company.tutorial_numbers("people", lambda one: f"{one['first']} {one['last']}")
    tutors = (
        named[one["instructor"]] for one in company.tutorial("past_events") for _ in one["days"]
    )
    for number, tutor in enumerate(tutors, start=1):
        yield {"id": number, "tutorialsessions_id": number, "tutorialinstructor_id": tutor}


def _tables(company: Company) -> Iterator[Table]:
    made = catalogue(company)
    yield "public.auth_user", _users(company)
    yield "acted.staff", _staff(company)
    yield "acted.tutorial_course_templates", _course_templates(company)
    yield "acted.tutorial_locations", _locations(company)
    yield "acted.tutorial_venues", _venues(company)
    yield "acted.tutorial_instructors", _instructors(company)
    yield from catalogue_tables(company, made)
    yield "acted.tutorial_events", _events(company, made)
    yield "acted.tutorial_sessions", _sessions(company)
    yield "acted.tutorial_session_instructors", _session_instructors(company)


def tutorial_tables(size: Size | None = None) -> Iterator[Table]:
    """Each table of the tutorial side with its rows, in foreign-key order, made as they are read.

    Tables are ``schema.table``; rows carry their ids; values are those of a database driver.
    """
    yield from _tables(sized(size) if size else Company.shipped())


def tutorial_rows(size: Size | None = None) -> Mapping[str, Sequence[Row]]:
    """``tutorial_tables`` read into memory, for a company of a usual size."""
    return {name: list(rows) for name, rows in tutorial_tables(size)}
