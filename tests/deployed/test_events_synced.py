"""Events and sessions synced on the deployed shapes, after an import."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.databases import opened
from tests.deployed import SHAPES
from tests.deployed.imports import imported, proven
from tests.importer import company as importer
from tests.importer.company import a_workbook, an_own_event
from tests.sync.company import Company


def synced(company: Company) -> dict[str, Any]:
    """The steps of a sync of every event and session, by entity."""
    steps = {}
    for name in ("events", "sessions"):
        told = company.admsync("sync", name, "--all", "--no-prompt", "--json", code=None)
        [step] = json.loads(told.stdout)["steps"]
        assert step["ok"], step
        steps[name] = step
    return steps


def new_rows(company: Company, table: str) -> list[str]:
    """The rows of a bridge table that the import made."""
    return company.values(f"SELECT t::text FROM adm.{table} t WHERE title LIKE 'NEW-%%' ORDER BY 1")


@pytest.mark.parametrize("company", SHAPES, indirect=True)
def test_after_an_import_every_event_and_session_is_unchanged(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    events, sessions = new_rows(company, "events"), new_rows(company, "sessions")
    assert (len(events), len(sessions)) == (3, 4)
    synced(company)
    assert new_rows(company, "events") == events
    assert new_rows(company, "sessions") == sessions
    again = synced(company)
    for step in again.values():
        assert {step["counts"][n] for n in ("created", "updated", "deleted")} == {0}
        assert step["taken_up"] == []
        assert step["links_removed"] == []
    proven(company)


@pytest.mark.parametrize("company", SHAPES, indirect=True)
def test_an_event_of_the_web_application_is_linked_by_code_course_and_date(
    company: Company, tmp_path: Path
) -> None:
    path = a_workbook(tmp_path, an_own_event("NEW-A", lms_end_date=date(2099, 6, 30)))
    with opened(company.url) as database:
        importer.Company(database, company.sandbox).imported(path)
    company.change("UPDATE adm.events SET tutorial_event_id = NULL WHERE title = 'NEW-A'")
    events = synced(company)["events"]
    assert not any("NEW-A" in one["label"] for one in events["discrepancies"])
    [linked] = company.values(
        "SELECT t.code FROM adm.events e JOIN acted.tutorial_events t ON t.id = e.tutorial_event_id"
        " WHERE e.title = 'NEW-A'"
    )
    assert linked == "NEW-A"
    proven(company)
