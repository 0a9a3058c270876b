"""The catalogue in each shape that is deployed: each event is sold as its own template's product
of its own place, or not at all."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
from attrs import evolve
from sqlalchemy import text

from importer.planning.plan import make_plan
from importer.planning.report import plan_document, shown_plan
from importer.reference.catalogue import read_tutorials
from importer.reference.product_choice import Chosen, ProductChooser
from importer.reference.values import CourseTemplate, Location, Reference
from importer.validation.validate import validate
from importer.validation.verdicts import ProductError
from importer.workbook.template import parts_of
from ledger.database.connection import Database
from ledger.errors import AdmsyncError
from ledger.output.plans import plan_lines
from tests.importer.catalogues import (
    OWN,
    SHAPES,
    SHARED_CATALOGUE,
    Sold,
    make_catalogue,
    shared_catalogue,
)
from tests.importer.references import reference_for
from tests.importer.rows import an_event
from tests.importer.workbooks import SHARED, read_workbook, write_rows

CODES = ("CB1_LO_6", "CB1_LO_10", "CB1_f2f_3", "CM2_f2f_1", "CM2_f2f_5", "CM2_f2f_6", "OC_CB1")
PLACES = ("Live online", "London", "St Andrews", "Londonderry", "Online")


def with_products(
    database: Database, shape: str, sold: list[Sold], reference: Reference
) -> Reference:
    """The reference with the catalogue as it is read from a database of the shape."""
    templates = {one.code: one.tutorial_id for one in reference.course_templates}
    locations = {one.name: one.tutorial_id for one in reference.locations}
    with database.transaction() as connection:
        make_catalogue(connection, shape, sold, templates=templates, locations=locations)
        on_sale, inactive = read_tutorials(connection)
    subjects = tuple(dict.fromkeys(one.subject for one in sold))
    return evolve(reference, subjects=subjects, products=on_sale, inactive_products=inactive)


def linked() -> Reference:
    """The templates and places of our own catalogue, linked."""
    return Reference(
        course_templates=tuple(
            CourseTemplate(n, f"t{n}", 550 + n, code) for n, code in enumerate(CODES)
        ),
        locations=tuple(Location(n, f"l{n}", 150 + n, name) for n, name in enumerate(PLACES)),
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("code", "location", "product"),
    [
        ("CB1_LO_10", "Live online", "CB1/Liv/LO_10H/26"),
        ("CB1_f2f_3", "London", "CB1/Lon/F2F_3F/26"),
        ("CB1_f2f_3", "St Andrews", "CB1/And/F2F_3F/26"),
        ("CB1_f2f_3", "Londonderry", "CB1/Der/F2F_3F/26"),
        ("OC_CB1", "Online", "CB1/Onl/OC/26"),
        ("OC_CB1", "London", "CB1/Onl/OC/26"),
        ("CM2_f2f_1", "London", "CM2/Lon/F2F_1PD/26"),
        ("CM2_f2f_5", "London", "CM2/Lon/old/26"),
        ("CB1_LO_6", "Live online", None),
        ("CB1_LO_10", "London", None),
        ("CB1_f2f_3", "Online", None),
        ("CM2_f2f_6", "London", None),
        ("CM2_f2f_1", "St Andrews", None),
    ],
)
def test_both_shapes_sell_the_same(
    empty_database: Database, shape: str, code: str, location: str, product: str | None
) -> None:
    reference = with_products(empty_database, shape, list(OWN), linked())
    found = ProductChooser.of(reference).choose(code, "2026A", location)
    assert (found.product.code if isinstance(found, Chosen) else None) == product


@pytest.mark.parametrize("shape", SHAPES)
def test_only_tutorials_on_sale_are_candidates(empty_database: Database, shape: str) -> None:
    reference = with_products(empty_database, shape, list(OWN), linked())
    tutorials = [one for one in OWN if one.kind == "Tutorial"]
    assert [one.code for one in reference.products] == [o.code for o in tutorials if o.active]
    assert [one.code for one in reference.inactive_products] == ["CM2/Lon/F2F_6F/26"]


@pytest.mark.parametrize(
    ("shape", "table", "column"),
    [
        ("February", "catalog_subjects", "active"),
        ("February", "catalog_exam_session_subjects", "is_active"),
        ("February", "catalog_products", "is_active"),
        ("May", "catalog_subjects", "active"),
        ("May", "catalog_exam_sessions", "is_active"),
        ("May", "catalog_exam_session_subjects", "is_active"),
        ("May", "purchasables", "is_active"),
    ],
)
def test_what_is_switched_off_is_not_sold(
    empty_database: Database, shape: str, table: str, column: str
) -> None:
    with_products(empty_database, shape, list(OWN), linked())
    with empty_database.transaction() as connection:
        connection.execute(text(f"UPDATE acted.{table} SET {column} = false"))
        assert read_tutorials(connection)[0] == ()


def test_a_catalogue_of_no_known_shape_is_told_by_its_columns(empty_database: Database) -> None:
    with_products(empty_database, "May", list(OWN), linked())
    with empty_database.transaction() as connection:
        connection.execute(text("ALTER TABLE acted.tutorial_products RENAME format TO form"))
        with pytest.raises(AdmsyncError, match=r"acted\.tutorial_products\.format"):
            read_tutorials(connection)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_to_be_chosen_is_told_once_a_pair(
    empty_database: Database, tmp_path: Path, shape: str
) -> None:
    rows = [an_event(title=f"E{n}", code="CB1_LO_6", location="Live online") for n in range(3)]
    sheet = read_workbook(write_rows(tmp_path / "made.xlsx", rows))
    base = reference_for(sheet)
    more = (*base.course_templates, *linked().course_templates[1:])
    places = (*base.locations, *linked().locations[1:])
    base = evolve(base, course_templates=more, locations=places)
    reference = with_products(empty_database, shape, list(OWN), base)
    plan = make_plan(validate(sheet.rows, reference), (), "")
    lines = list(plan_lines(shown_plan(plan, 1)))
    [at] = [n for n, line in enumerate(lines) if "a product has to be chosen" in line]
    numbers = ", ".join(str(row.number) for row in sheet.rows)
    assert lines[at : at + 5] == [
        (
            "  ✗ CB1_LO_6 at Live online in 2026A: a product has to be chosen"
            f" (3 events, rows {numbers})"
        ),
        "      7 tutorials of CB1 in 2026-04; 2 of CB1_LO_6; 2 of them fit Live online",
        "      CB1/Liv/LO_6B/26  Tutorial - Live online, LO_6B",
        "      CB1/Liv/LO_6H/26  Tutorial - Live online, LO_6H",
        "      admsync choose-product CB1_LO_6 2026A 'Live online' PRODUCT --reason WHY",
    ]
    [told] = plan_document(plan, 1)["products_to_choose"]
    assert told["rows"] == [row.number for row in sheet.rows]
    assert [one["code"] for one in told["candidates"]] == ["CB1/Liv/LO_6B/26", "CB1/Liv/LO_6H/26"]


@pytest.mark.skipif(
    not (SHARED.exists() and SHARED_CATALOGUE.exists()), reason="the shared data is not here"
)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_shared_workbook_is_sold_but_for_the_pairs_that_are_ambiguous(
    empty_database: Database, shape: str
) -> None:
    sold = shared_catalogue()
    sheet = read_workbook(SHARED)
    base = reference_for(sheet)
    known = {one.code for one in base.course_templates}
    more = sorted({one.template for one in sold if one.template} - known)
    base = evolve(
        base,
        course_templates=(
            *base.course_templates,
            *(CourseTemplate(n, f"x{n}", n, code) for n, code in enumerate(more, start=900)),
        ),
    )
    reference = with_products(empty_database, shape, sold, base)
    plan = make_plan(validate(sheet.rows, reference), (), "")
    ambiguous = json.loads(SHARED_CATALOGUE.read_text(encoding="utf-8"))["ambiguous"]
    assert len(plan.refused) == ambiguous["events"]
    assert all(isinstance(error, ProductError) for one in plan.refused for error in one.errors)
    told = plan_document(plan, 1)["products_to_choose"]
    pairs = sorted(f"{one['course_template']} at {one['location']}" for one in told)
    assert pairs == sorted(ambiguous["template_and_place"])
    assert sum(len(one["rows"]) for one in told) == ambiguous["events"]
    full = plan_lines(shown_plan(plan, 1), full=True)
    lines = [line for line in full if "a product has to be chosen" in line]
    assert len(lines) == len(pairs)
    by_code = {one.code: one for one in sold}
    wrong = defaultdict(list)
    for event in plan.events:
        product = by_code[event.product_code]
        rest = [p for p in parts_of(event.template_code) if p != product.subject.casefold()]
        is_of = "_".join(parts_of(product.variation)).startswith("_".join(rest))
        is_at = product.variation == "OC" or event.place in product.product
        if not (product.kind == "Tutorial" and is_of and is_at):
            wrong[event.template_code].append(product.code)
    assert not wrong
    assert len(plan.events) == 348 - ambiguous["events"]
