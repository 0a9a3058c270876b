"""Events changed in both systems on the deployed shapes: published, sold out, updated, settled."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.deployed import SHAPES
from tests.deployed.imports import imported, proven
from tests.deployed.test_events_synced import synced
from tests.sync.company import Company

WHY = ("--reason", "agreed by telephone")


def drift(company: Company) -> dict[str, str]:
    """The kinds of the fields out of step of the imported events, by title."""
    document = json.loads(company.admsync("drift", "--json").stdout)
    return {
        f"{event['code']} {one['field']}": one["kind"]
        for event in document
        for one in event["fields"]
        if str(event["code"]).startswith("NEW-")
    }


def event_id(company: Company, title: str) -> str:
    [key] = company.values(f"SELECT external_id FROM adm.events WHERE title = '{title}'")
    return str(key)


def years_ahead(company: Company) -> None:
    """Moves the imported events' sessions where no day of a test comes after."""
    for key in company.values(
        "SELECT s.external_id FROM adm.sessions s JOIN adm.events e ON e.id = s.event_id"
        " WHERE e.title LIKE 'NEW-%%' AND s.external_id IS NOT NULL"
    ):
        day = date(2099, 3, 1)
        company.control.edit(
            key,
            start=f"{day.isoformat()}T10:00:00",
            end=f"{day.isoformat()}T16:00:00",
        )


def there(company: Company, key: str) -> dict[str, Any]:
    return next(dict(one) for one in company.control.dump("Event") if one["id"] == key)


@pytest.mark.parametrize("company", SHAPES, indirect=True)
def test_publishing_and_selling_out_is_what_both_sides_agree_on(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    years_ahead(company)
    synced(company)
    assert drift(company) == {}
    titles = ["NEW-A", "NEW-B"]
    told = company.admsync("events", "publish", *titles, "--yes")
    assert "2 of 2 events" in told.stderr + told.stdout, told
    company.admsync("events", "sold-out", "on", titles[0], "--yes")
    company.admsync("events", "web-sale", "on", titles[0], "--yes")
    for title in titles:
        assert there(company, event_id(company, title))["lifecycleState"] == "published"
    sold = there(company, event_id(company, titles[0]))
    assert sold["isSoldOut"] is True
    assert drift(company) == {}
    again = synced(company)
    assert again["events"]["counts"].get("out of step", 0) == 0
    assert again["events"]["counts"].get("applied", 0) == 0
    assert again["events"]["counts"]["updated"] == 0
    assert drift(company) == {}
    proven(company)


@pytest.mark.parametrize("company", SHAPES, indirect=True)
def test_a_conflict_is_decided_and_taken_back(company: Company, tmp_path: Path) -> None:
    imported(company, tmp_path)
    synced(company)
    [session, row] = company.values(
        "SELECT unnest(ARRAY[s.external_id, s.tutorial_session_id::text]) FROM adm.sessions s"
        " JOIN adm.events e ON e.id = s.event_id WHERE e.title = 'NEW-A'"
        " ORDER BY s.day_number LIMIT 2"
    )
    company.control.edit(session, title="Called so there")
    company.change(f"UPDATE acted.tutorial_sessions SET title = 'So here' WHERE id = {row}")
    synced(company)
    assert drift(company) == {"NEW-A title": "conflict"}
    company.admsync(
        "discrepancies", "settle", f"adm.sessions/{session}", "title", "--side", "administrate",
        *WHY,
    )  # fmt: skip
    assert drift(company) == {}
    named = f"SELECT title FROM acted.tutorial_sessions WHERE id = {row}"
    assert company.values(named) == ["Called so there"]
    company.admsync("rollback", "last", "--yes", *WHY)
    assert company.values(named) == ["So here"]
    assert drift(company) == {"NEW-A title": "conflict"}
    proven(company)
