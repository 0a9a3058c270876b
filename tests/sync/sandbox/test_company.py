"""The fictional company: two sides that fit each other, the import's workbook, and any size."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from sync.sandbox.company.administrate import records
from sync.sandbox.company.entries import Company
from sync.sandbox.company.generate import Size, sized
from sync.sandbox.company.tutorial import tutorial_rows, tutorial_tables

Row = Mapping[str, Any]

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
WORKBOOKS = [path for path in [SHARED / "EventSessionImportTemplate-2026A.xlsx"] if path.exists()]
ROWS = tutorial_rows()
RECORDS = [(kind.name, body) for kind, body in records(Company.shipped())]


def administrate(kind: str) -> list[Row]:
    return [body for name, body in RECORDS if name == kind]


def tutorial(table: str) -> list[Row]:
    return list(ROWS[f"acted.{table}"])


def by_id(table: str) -> dict[int, Row]:
    return {row["id"]: row for row in tutorial(table)}


def full_names() -> list[str]:
    """The active instructors of the tutorial side that have a name."""
    users = {row["id"]: row for row in ROWS["public.auth_user"]}
    people = [
        users[row["staff_id"]]
        for row in tutorial("tutorial_instructors")
        if row["is_active"] and row["staff_id"]
    ]
    return [f"{one['first_name']} {one['last_name']}" for one in people]


def once(wanted: str, values: Iterable[str]) -> bool:
    return Counter(value.casefold() for value in values)[wanted.casefold()] == 1


def products(code: str, sitting: str, location: str) -> list[str]:
    """The products of an event by the rule of the import, written out anew."""
    subjects = {row["code"]: row["id"] for row in tutorial("catalog_subjects")}
    parts = re.split("[_ -]", code)
    (subject,) = [part for part in parts if part in subjects]
    rest = "_".join(part for part in parts if part != subject)
    sessions = {row["session_code"]: row["id"] for row in tutorial("catalog_exam_sessions")}
    offered = {
        row["id"]
        for row in tutorial("catalog_exam_session_subjects")
        if (row["exam_session_id"], row["subject_id"]) == (sessions[sitting], subjects[subject])
    }
    pairs, variations, catalogue = (
        by_id(f"catalog_{name}")
        for name in ("product_product_variations", "product_variations", "products")
    )
    found = []
    for row in tutorial("products"):
        pair = pairs[row["product_product_variation_id"]]
        variation = variations[pair["product_variation_id"]]
        there = row["is_active"] and row["exam_session_subject_id"] in offered
        if there and rest in (variation["code"], variation["name"]):
            found.append((row["product_code"], catalogue[pair["product_id"]]["fullname"]))
    named = [one for one in found if location.casefold() in one[1].casefold()]
    return [one[0] for one in (found if len(found) == 1 else named)]


USED = [
    (entry["code"], location)
    for entry in Company.shipped().section("course_templates")
    for location in entry["offered_at"]
]


@pytest.mark.parametrize("sitting", ["2026-04", "2026-09"])
def test_every_course_has_one_product_wherever_it_is_offered(sitting: str) -> None:
    assert [pair for pair in USED if len(products(pair[0], sitting, pair[1])) != 1] == []


def test_what_is_offered_is_once_on_each_side_by_its_key() -> None:
    codes = [row["code"] for row in tutorial("tutorial_course_templates") if row["is_active"]]
    remote_codes = [one["code"] for one in administrate("CourseTemplate")]
    names = [row["name"] for row in tutorial("tutorial_locations") if row["is_active"]]
    remote_names = [one["name"] for one in administrate("Location")]
    for code, location in USED:
        assert once(code, codes)
        assert once(code, remote_codes)
        assert once(location, names)
        assert once(location, remote_names)


def test_every_approved_instructor_is_once_on_each_side() -> None:
    contacts = [one["name"] for one in administrate("Contact") if one["isInstructor"]]
    for entry in Company.shipped().section("course_templates"):
        for name in entry["approved"]:
            assert once(name, full_names()), name
            assert once(name, contacts), name


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_the_workbook_finds_all_it_names(path: Path) -> None:
    book = load_workbook(path, read_only=True, data_only=True)
    header, *rows = book["Import"].iter_rows(values_only=True)
    book.close()
    at = {str(name).casefold(): place for place, name in enumerate(header)}
    events = [row for row in rows[2:] if row[at["course template code"]]]
    assert len(events) == 348
    contacts = [one["name"] for one in administrate("Contact") if one["isInstructor"]]
    for row in events:
        code, location = row[at["course template code"]], row[at["location"]]
        assert len(products(str(code), "2026-04", str(location))) == 1, code
    for row in rows[2:]:
        for column in ("instructor", "session instructor"):
            name = row[at[column]]
            if name:
                assert once(str(name), full_names()), name
                assert once(str(name), contacts), name


def test_each_side_has_records_the_other_lacks() -> None:
    for here, there in (
        (
            {one["name"] for one in administrate("Venue")},
            {row["name"] for row in tutorial("tutorial_venues")},
        ),
        (
            {one["name"] for one in administrate("Location")},
            {row["name"] for row in tutorial("tutorial_locations")},
        ),
        (
            {one["name"] for one in administrate("Contact") if one["isInstructor"]},
            set(full_names()),
        ),
    ):
        assert here - there
        assert there - here
        assert here & there


def test_the_tables_come_in_foreign_key_order_with_no_dangling_reference() -> None:
    references = {
        "venue_id": "acted.tutorial_venues",
        "location_id": "acted.tutorial_locations",
        "staff_id": "acted.staff",
        "user_id": "public.auth_user",
        "product_id": "acted.catalog_products",
        "exam_session_id": "acted.catalog_exam_sessions",
        "subject_id": "acted.catalog_subjects",
        "product_variation_id": "acted.catalog_product_variations",
        "exam_session_subject_id": "acted.catalog_exam_session_subjects",
        "product_product_variation_id": "acted.catalog_product_product_variations",
        "tutorial_event_id": "acted.tutorial_events",
        "tutorialsessions_id": "acted.tutorial_sessions",
        "tutorialinstructor_id": "acted.tutorial_instructors",
    }
    loaded: dict[str, set[Any]] = {}
    for table, rows in ROWS.items():
        for row in rows:
            for column, value in row.items():
                target = references.get(column)
                if table == "acted.tutorial_events" and column == "product_id":
                    target = "acted.products"
                assert target is None or value is None or value in loaded[target], (table, row)
        loaded[table] = {row["id"] for row in rows}
        assert len(loaded[table]) == len(rows)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("public.auth_user", "username"),
        ("acted.tutorial_course_templates", "code"),
        ("acted.catalog_product_variations", "code"),
        ("acted.products", "product_code"),
        ("acted.tutorial_events", "code"),
    ],
)
def test_what_the_database_wants_unique_is(table: str, column: str) -> None:
    values = [row[column] for row in ROWS[table] if row[column] is not None]
    assert len(values) == len(set(values))


def test_a_generated_company_is_the_same_for_the_same_seed() -> None:
    def beginning(seed: int) -> list[Any]:
        size = Size(locations=30, venues=60, instructors=30, seed=seed)
        return [(table, list(islice(rows, 200))) for table, rows in tutorial_tables(size)]

    assert beginning(1) == beginning(1)
    assert beginning(1) != beginning(2)


def test_generated_records_link_in_most_cases_and_not_in_all() -> None:
    size = Size(locations=300, venues=900)
    here = {body["name"] for kind, body in records(sized(size)) if kind.name == "Location"}
    there = {row["name"] for row in tutorial_rows(size)["acted.tutorial_locations"]}
    assert len(here & there) > 280
    assert here - there
    assert there - here
