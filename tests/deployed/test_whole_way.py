"""The whole way through the program's command line, on the database as it is deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from attrs import evolve

from ledger.migrations.migrate import migrate
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, opened
from tests.deployed import SHAPES, Shape, become_may
from tests.deployed.imports import imported, made, newest_run, proven, rolled_back, workbook
from tests.importer.company import a_workbook, an_own_event
from tests.roles import granted_role
from tests.sync.company import Company


@pytest.mark.parametrize("company", SHAPES, indirect=True)
def test_the_whole_way_and_back(company: Company, tmp_path: Path) -> None:
    company.admsync("import-events", str(workbook(tmp_path)), "--no-prompt")
    run = newest_run(company)
    assert [one["code"] for one in made(company)] == ["NEW-A", "NEW-B", "NEW-C"]
    if "lms_start_date" in made(company)[0]:
        may_holds_the_values_of_workbook_and_administrate(company)
    again = company.document("import-events", str(workbook(tmp_path)), "--no-prompt")
    assert again["counts"]["events"] == 0
    assert company.document("verify")["ok"]
    assert company.document("replay")["ok"]
    only_read = evolve(
        company, url=f"{company.url}&options=-c%20default_transaction_read_only%3Don"
    )
    apart = {"ADMSYNC_DATA_DIR": str(tmp_path / "data")}
    told = only_read.admsync("replay", "--json", settings=apart).stdout
    assert json.loads(told) == company.document("replay")
    rolled_back(company, run)


@pytest.mark.parametrize("company", SHAPES, indirect=True)
def test_a_granted_role_goes_the_whole_way_and_back(company: Company, tmp_path: Path) -> None:
    with opened(company.url) as database, granted_role(database, company.url) as url:
        granted = evolve(company, url=url)
        assert "admsync migrate --grant" not in granted.admsync("migrate").stdout
        granted.admsync("sync", "all", "--no-prompt", code=None)
        granted.admsync("import-events", str(workbook(tmp_path)), "--no-prompt")
        [instructor] = granted.values("SELECT external_id FROM adm.instructors LIMIT 1")
        granted.admsync("history", instructor)
        granted.admsync("discrepancies", "export", str(tmp_path / "open.xlsx"))
        assert granted.document("verify")["ok"]
        rolled_back(granted, newest_run(granted))


def may_holds_the_values_of_workbook_and_administrate(company: Company) -> None:
    first, second, third = made(company)
    known = {row[0]: row[1] for row in company.rows("SELECT title, external_id FROM adm.events")}
    said = {
        "access_duration": "12 months",
        "administrator": "Ruth Calder",
        "cancelled": False,
        "event_url": "https://example.com/a",
        "external_id": known["NEW-A"],
        "finalisation_date": "2025-10-19T23:00:00+00:00",
        "is_soldout": False,
        "learning_mode": "blended",
        "lifecycle_state": "draft",
        "lms_end_date": "2026-04-09T23:00:00+00:00",
        "lms_start_date": "2025-09-22T15:00:00+00:00",
        "max_places": 14,
        "remain_space": 14,
        "session_title": "NEW-A-1",
        "sitting": "2026A",
        "sold_out": False,
        "timezone": "Europe/London",
        "tutors": "Callum Jessop",
        "virtual_classroom": "https://meet.example/a",
        "web_sale": False,
    }
    assert {name: first[name] for name in said} == said
    assert (second["sold_out"], second["min_places"]) == (True, 2)
    assert (third["learning_mode"], third["main_instructor_id"]) == ("lms", None)
    [template] = company.values("SELECT id FROM adm.course_templates WHERE code = 'CB1_LO_3'")
    assert first["course_template_id"] == template


@pytest.mark.parametrize("shape", SHAPES)
def test_moments_without_a_zone_are_no_edits_and_no_damage(
    databases: Databases,
    deployed: dict[Shape, str],
    administrate: RunningSandbox,
    shape: Shape,
    tmp_path: Path,
) -> None:
    zoneless = {
        "adm.pricelevels": "ALTER last_synced TYPE timestamp",
        "adm.instructors": "ALTER created_at TYPE timestamp, ALTER last_synced TYPE timestamp",
        "adm.venues": "ALTER updated_at TYPE timestamp",
        "adm.sessions": "ADD starts_at timestamp, ADD ends_at timestamp",
    }
    administrate.control.reset()
    with databases.fresh(deployed[shape]) as url:
        company = Company(url, administrate)
        for table, change in zoneless.items():
            company.change(f"ALTER TABLE {table} {change}")
        with opened(url) as database:
            migrate(database, actor="tests")
        company.sync()
        proven(company)
        run = imported(company, tmp_path)
        assert company.events("BridgeRowEdited") == []
        rolled_back(company, run)


def without_days(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The tables as they were, but for what is a day in one shape and its midnight in another."""
    return {
        name: [{k: v for k, v in row.items() if k != "finalisation_date"} for row in rows]
        for name, rows in tables.items()
    }


def become(company: Company) -> None:
    """The web application's own migrations run, from February's shape to May's."""
    with psycopg.connect(company.url) as connection:
        become_may(connection)


@pytest.mark.parametrize("company", ["february"], indirect=True)
def test_an_import_is_rolled_back_after_the_way_to_may(company: Company, tmp_path: Path) -> None:
    run = imported(company, tmp_path)
    before = {one["code"]: one for one in made(company)}
    [at] = company.values("SELECT max(position) FROM ledger.events")
    then = company.document("replay", "--at", str(at))["tables"]
    become(company)
    said = company.admsync("migrate").stdout
    assert "2026-05" in said
    assert "2026-02" in said
    assert company.admsync("migrate").stdout.strip() == "The schema is current; nothing to do."
    proven(company)
    now = company.document("replay", "--at", str(at))["tables"]
    assert without_days(now) == without_days(then)
    [first, *_] = made(company)
    assert (first["product_id"], first["sitting"]) == (before["NEW-A"]["product_id"], "2026A")
    [shape] = company.document("history", f"acted.tutorial_events/{first['id']}")[-1:]
    assert shape["type"] == "TutorialRecordCarriedOver"
    company.change(
        "UPDATE acted.tutorial_events SET product_id = product_id + 1 WHERE id = %s", first["id"]
    )
    [edit] = company.document("verify")["edited"]
    assert edit["column"] == "product_id"
    company.change(
        "UPDATE acted.tutorial_events SET product_id = product_id - 1 WHERE id = %s", first["id"]
    )
    # Another one goes into the new columns.
    more = a_workbook(tmp_path, an_own_event("NEW-D"), name="more.xlsx")
    company.admsync("import-events", str(more), "--no-prompt")
    proven(company)
    company.admsync("rollback", run, "--yes", "--reason", "a test")
    assert [one["code"] for one in made(company)] == ["NEW-D"]
    proven(company)
