"""The bridge rows as the older tool left them: February's adm, for the sandbox's company.

It knew nothing but ids and links of most records, spelt its vocabulary as it came, and wrote local
times of sessions, in the zone of their event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal

from psycopg.types.json import Jsonb

from sync.sandbox.company.administrate import records
from sync.sandbox.company.entries import Company
from sync.sandbox.records.ids import global_id
from tests.deployed.company import LOADED, LONDON, STAMPS, Row, Tables, by_id

MODES = ("BLENDED", "blended", "Blended", "LMS")
STATES = ("DRAFT", "draft", "Draft", "PUBLISHED", "CANCELLED")
ZONES = ("Europe/London", "Europe/London", "Europe/Dublin", "")
FIRST_ID = 101
_SYNCED: Row = {"last_synced": LOADED}
_UNTOLD = dict.fromkeys(
    ("access_duration", "administrator", "event_url", "ocr_moodle_code", "recording_pin",
     "sage_code", "session_title", "tutors", "virtual_classroom"), "",
)  # fmt: skip


def bridge(acted: Tables) -> Tables:
    """The rows of every table of adm, parents first, linked with the rows of acted given."""
    found: dict[str, list[Row]] = defaultdict(list)
    for kind, record in records(Company.shipped()):
        found[kind.name].append(record)
    tables = {name: list(_numbered(rows)) for name, rows in _reference(acted, found)}
    tables["adm.course_template_price_levels"] = list(_numbered(_prices(tables, found)))
    tables["adm.events"] = list(_numbered(_events(acted, tables, found)))
    tables["adm.sessions"] = list(_numbered(_sessions(acted, tables)))
    return tables


def _numbered(rows: Iterable[Row]) -> Iterator[Row]:
    return ({"id": number, **row} for number, row in enumerate(rows, start=FIRST_ID))


def _reference(
    acted: Tables, found: Mapping[str, list[Row]]
) -> Iterator[tuple[str, Iterator[Row]]]:
    yield (
        "adm.custom_fields",
        (
            {
                "external_id": one["key"],
                "entity_type": kind,
                "label": one["label"],
                "field_type": one["type"],
                "description": one["description"],
                "is_required": one["isRequired"],
                "roles": Jsonb(one["roles"]),
                **_SYNCED,
            }
            for one in found["StandardCustomFieldDefinition"]
            for kind in one["entityTypes"]
        ),
    )
    yield (
        "adm.pricelevels",
        (
            {
                "external_id": one["id"],
                "name": one["name"],
                "description": one["description"],
                **_SYNCED,
            }
            for one in found["PriceLevel"]
        ),
    )
    known = {"legacy_id": "legacyId"}
    places = {one["id"]: one["name"].casefold() for one in found["Location"]}
    rooms = by_id(acted["acted.tutorial_locations"])
    yield (
        "adm.locations",
        _linked(
            found["Location"],
            lambda one: one["name"].casefold(),
            acted["acted.tutorial_locations"],
            lambda row: row["name"].casefold(),
            "tutorial_location_id",
            known,
        ),
    )
    yield (
        "adm.venues",
        _linked(
            found["Venue"],
            lambda one: (one["name"].casefold(), places[one["locationId"]]),
            acted["acted.tutorial_venues"],
            lambda row: (
                row["name"].casefold(),
                rooms[row["location_id"]]["name"].casefold() if row["location_id"] else None,
            ),
            "tutorial_venue_id",
            {"location_id": "locationId"},
        ),
    )
    users = by_id(acted["public.auth_user"])
    yield (
        "adm.instructors",
        (
            {**row, "is_active": True, **_SYNCED}
            for row in _linked(
                [one for one in found["Contact"] if one["isInstructor"]],
                lambda one: (one["firstName"].casefold(), one["lastName"].casefold()),
                [row for row in acted["acted.tutorial_instructors"] if row["staff_id"]],
                lambda row: (
                    users[row["staff_id"]]["first_name"].casefold(),
                    users[row["staff_id"]]["last_name"].casefold(),
                ),
                "tutorial_instructor_id",
                known,
            )
        ),
    )
    fields = {one["id"]: Jsonb(one["customFields"]) for one in found["CourseTemplate"]}
    yield (
        "adm.course_templates",
        (
            {**row, "custom_fields": fields[row["external_id"]]}
            for row in _linked(
                found["CourseTemplate"],
                lambda one: one["code"].casefold(),
                acted["acted.tutorial_course_templates"],
                lambda row: row["code"].casefold(),
                "tutorial_course_template_id",
                {"event_learning_mode": "eventLearningMode"},
            )
        ),
    )


def _linked(
    of_administrate: list[Row],
    key: Callable[[Row], Hashable],
    tutorial: list[Row],
    tutorial_key: Callable[[Row], Hashable],
    link: str,
    more: Mapping[str, str],
) -> Iterator[Row]:
    """Bridge rows, linked where the keys are equal and the only ones; every seventh is not yet."""
    known: dict[Hashable, list[int]] = defaultdict(list)
    for row in tutorial:
        known[tutorial_key(row)].append(row["id"])
    seen = [key(one) for one in of_administrate]
    for number, one in enumerate(of_administrate, start=1):
        partners = known[key(one)] if seen.count(key(one)) == 1 and number % 7 else []
        yield {
            "external_id": one["id"],
            **{column: one[name] for column, name in more.items()},
            link: partners[0] if len(partners) == 1 else None,
            **STAMPS,
        }


def _ids(rows: list[Row], column: str = "external_id") -> dict[object, int]:
    return {row[column]: row["id"] for row in rows}


def _prices(tables: Tables, found: Mapping[str, list[Row]]) -> Iterator[Row]:
    templates, levels = _ids(tables["adm.course_templates"]), _ids(tables["adm.pricelevels"])
    for one in found["CourseTemplatePublicPrice"]:
        yield {
            "external_id": one["id"],
            "course_template_id": templates[one["courseTemplateId"]],
            "price_level_id": levels[one["priceLevelId"]],
            "amount": Decimal(one["amount"]),
            **_SYNCED,
            **STAMPS,
        }


def _events(acted: Tables, tables: Tables, found: Mapping[str, list[Row]]) -> Iterator[Row]:
    """A bridge row for each tutorial event: those of the company's past as Administrate has them,
    every third of the others not sent there yet."""
    past = {one["code"]: one for one in found["Event"]}
    templates = _ids(tables["adm.course_templates"])
    places = _ids(tables["adm.locations"], "tutorial_location_id")
    rooms = _ids(tables["adm.venues"], "tutorial_venue_id")
    tutors = [row["id"] for row in tables["adm.instructors"] if row["tutorial_instructor_id"]]
    for number, event in enumerate(acted["acted.tutorial_events"]):
        known = past.get(event["code"])
        drafted = global_id("Course", 7000 + number) if number % 3 else None
        template = templates[known["courseTemplateId"]] if known else FIRST_ID + number
        final = event["finalisation_date"]
        yield {
            "external_id": known["id"] if known else drafted,
            "tutorial_event_id": event["id"],
            "course_template_id": template,
            "title": event["code"],
            **_UNTOLD,
            "extra_information": "bring a calculator" if number % 4 == 0 else "",
            "tutorial_category": "BLENDED",
            "learning_mode": MODES[number % len(MODES)],
            "lifecycle_state": STATES[number % len(STATES)],
            "location_id": places.get(event["location_id"], FIRST_ID),
            "venue_id": rooms.get(event["venue_id"]),
            "primary_instructor_id": tutors[number % len(tutors)],
            "max_places": event["remain_space"] + 5,
            "min_places": 4,
            "lms_start_date": datetime.combine(event["start_date"], time(16), LONDON),
            "lms_end_date": datetime.combine(event["end_date"], time(0), LONDON),
            "registration_deadline": None,
            "sitting": "2026A" if final else "2025S",
            "finalisation_date": datetime.combine(final, time(0), LONDON) if final else None,
            "timezone": ZONES[number % len(ZONES)],
            "cancelled": number % len(STATES) == STATES.index("CANCELLED"),
            "recordings": number % 2 == 0,
            "sold_out": event["is_soldout"],
            "web_sale": number % 3 == 0,
            **STAMPS,
        }


def _sessions(acted: Tables, tables: Tables) -> Iterator[Row]:
    """A bridge row for each tutorial session: the day, and the times as clocks in London show."""
    events = {row["tutorial_event_id"]: row for row in tables["adm.events"]}
    for session in acted["acted.tutorial_sessions"]:
        event = events[session["tutorial_event_id"]]
        starts, ends = session["start_date"], session["end_date"]
        yield {
            "event_id": event["id"],
            "title": session["title"],
            "day_number": session["sequence"],
            "classroom_start_date": starts.date(),
            "classroom_start_time": starts.time(),
            "classroom_end_date": ends.date(),
            "classroom_end_time": ends.time(),
            "session_instructor_id": event["primary_instructor_id"],
            "session_url": session["url"] or "",
            "cancelled": event["cancelled"],
            **STAMPS,
        }
