"""A person's choice of a product is kept in the ledger, and the next import goes by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from importer.planning.report import shown_plan
from importer.reference.read import read_local_reference
from importer.reference.values import ProductDecision, Reference
from ledger.output.plans import plan_lines
from ledger.schema import acted, adm
from tests.importer.company import Company, a_workbook, an_own_event, an_own_session
from tests.program import admsync

CHOICE = ("CB1_LO_6", "2026a", "Live online")


def choose(url: str, *arguments: str) -> tuple[int, str]:
    done = admsync("choose-product", *arguments, "--reason", "looked it up", url=url)
    return done.returncode, done.stderr


def products_of(company: Company, session: str) -> list[str]:
    reference = read_local_reference(company.database)
    return [one.code for one in reference.products if one.exam_session == session]


def decisions(company: Company) -> tuple[Reference, list[ProductDecision]]:
    reference = read_local_reference(company.database)
    return reference, list(reference.decisions)


def test_the_newest_choice_is_what_an_import_goes_by(company: Company, company_url: str) -> None:
    first, second, *_ = products_of(company, "2026-04")
    for product in (first, second):
        assert choose(company_url, *CHOICE, product)[0] == 0
    reference, chosen = decisions(company)
    [product_id] = [one.id for one in reference.products if one.code == second]
    newest = chosen[-1]
    asked = newest.course_code, newest.sitting, newest.location
    assert (asked, newest.product_id) == (("CB1_LO_6", "2026A", "Live online"), product_id)


def test_a_choice_withdrawn_lets_the_one_before_stand(company: Company, company_url: str) -> None:
    first, second, *_ = products_of(company, "2026-04")
    for product in (first, second):
        choose(company_url, *CHOICE, product)
    assert choose(company_url, *CHOICE, "--withdraw")[0] == 0
    reference, [chosen] = decisions(company)
    assert [one.code for one in reference.products if one.id == chosen.product_id] == [first]
    assert choose(company_url, *CHOICE, "--withdraw")[0] == 0
    code, said = choose(company_url, *CHOICE, "--withdraw")
    assert (code, decisions(company)[1]) == (2, [])
    assert "no product is chosen for that" in said


def test_a_choice_is_asked_for_by_administrates_names_and_survives_renames(
    company: Company, company_url: str
) -> None:
    first, *_ = products_of(company, "2026-04")
    with company.database.transaction() as connection:
        for table, column in ((acted.SCHEMA, "tutorial_locations"), (adm.SCHEMA, "locations")):
            name = "Online teachings" if table == acted.SCHEMA else "Online teaching"
            connection.execute(
                text(f"UPDATE {table}.{column} SET name = '{name}' WHERE name = 'Live online'")
            )
    code, said = choose(company_url, "CB1_LO_6", "2026A", "Online teachings", first)
    assert code == 2
    assert "no linked location 'Online teachings'; did you mean 'Online teaching'?" in said
    assert choose(company_url, "CB1_LO_6", "2026A", "Online teaching", first)[0] == 0
    with company.database.transaction() as connection:
        connection.execute(
            text("UPDATE adm.locations SET name = 'Web' WHERE name LIKE 'Online t%'")
        )
    assert [one.location for one in decisions(company)[1]] == ["Web"]


@pytest.mark.parametrize(
    ("code", "sitting", "location", "product", "refused"),
    [
        ("XX9_LO_6", "2026A", "Live online", "1", "no linked course template 'XX9_LO_6'"),
        ("CB1_LO_6", "2026A", "Atlantis", "1", "no linked location 'Atlantis'"),
        ("CB1_LO_6", "April", "Live online", "1", "no sitting: 'April'"),
        ("CB1_LO_6", "2026A", "Live online", "none such", "no active product 'none such'"),
    ],
)
def test_what_is_not_there_cannot_be_chosen(
    company: Company,
    company_url: str,
    code: str,
    sitting: str,
    location: str,
    product: str,
    refused: str,
) -> None:
    status, said = choose(company_url, code, sitting, location, product)
    assert status == 2
    assert refused in said
    assert decisions(company)[1] == []


def test_a_product_of_another_sitting_cannot_be_chosen(company: Company, company_url: str) -> None:
    later, *_ = products_of(company, "2026-09")
    code, said = choose(company_url, *CHOICE, later)
    assert code == 2
    assert f"{later} is sold in 2026-09, not in 2026-04" in said


def test_the_product_is_named_before_an_import_and_after(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    book = a_workbook(tmp_path, an_own_event("A"), an_own_session("A"))
    receipt = tmp_path / "receipt.xlsx"
    command = ("import-events", str(book), "--report", str(receipt), "--force", "--json")
    said = "CB1/P001LO_3/2026-04 (Live Online Tutorial, LO_3)"
    for more in (("--dry-run",), ()):
        done = admsync(*command, *more, url=company_url, settings=company.sandbox.settings)
        assert done.returncode == 0, done.stderr
        if more:
            [event] = json.loads(done.stdout)["events"]
            assert event["product"]["code"] == "CB1/P001LO_3/2026-04"
            assert event["product"]["steps"][-1] == "1 at Live online"
        header, first, second = load_workbook(receipt)["Import"].values
        at = header.index("Sold as")
        assert (first[at], second[at] or "") == (said, "")
    plan = company.prepared(a_workbook(tmp_path, an_own_event("B"), name="b.xlsx")).plan
    assert any(f"sold as {said}: " in line for line in plan_lines(shown_plan(plan, 1), full=True))
