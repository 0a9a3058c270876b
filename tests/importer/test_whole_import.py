"""A sitting's workbook goes into both systems, once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ledger.replay.compare import replay
from ledger.schema import acted, adm
from tests.importer.company import Company
from tests.importer.imported_events import changes, listed, synced
from tests.importer.sitting import EVENTS
from tests.importer.sitting_workbook import SESSIONS, WHOLE, sitting_workbook
from tests.importer.workbooks import SHARED


def test_a_sitting_goes_into_both_systems_once(company: Company, tmp_path: Path) -> None:
    path = sitting_workbook(tmp_path, 17)
    before = len(company.rows(acted.EVENTS)), len(company.rows(acted.SESSIONS))
    plan = company.prepared(path).plan
    assert not plan.refused
    imported = company.imported(path, workers=4)
    assert len(imported.outcomes) == len(plan.events)
    if WHOLE and SHARED.exists():
        assert (len(plan.events), plan.sessions) == (EVENTS, SESSIONS)
    assert len(company.rows(acted.EVENTS)) - before[0] == len(plan.events)
    assert len(company.rows(acted.SESSIONS)) - before[1] == plan.sessions
    remote = {one["id"]: one for one in company.control.dump("Event")}
    for external_id, title, link in company.rows(
        adm.EVENTS, "external_id", "title", "tutorial_event_id"
    ):
        assert remote[external_id]["title"] == title
        assert link is not None
    times = {
        one["id"]: (one["timeZonedStart"], one["timeZonedEnd"])
        for one in company.control.dump("Session")
    }
    bridge = company.rows(adm.SESSIONS, "external_id", "starts_at", "ends_at")
    assert len(bridge) == plan.sessions
    assert [times[one[0]] for one in bridge] == [(shown(one[1]), shown(one[2])) for one in bridge]
    assert replay(company.database).ok
    company.control.forget()
    assert company.imported(path).outcomes == []
    assert company.changes() == []


def test_the_first_sync_after_a_sitting_lists_nothing_but_surplus_sessions(
    company: Company, tmp_path: Path
) -> None:
    synced(company, every=True)
    company.imported(sitting_workbook(tmp_path, 17), workers=4)
    made = len(company.rows(adm.SESSIONS))
    tutorial = made_rows(company)
    steps = synced(company, every=True)
    assert changes(steps)["events"].keys() == {"unchanged"}
    # Sessions of a template's schedule beyond those of the workbook.
    surplus = changes(steps)["sessions"].get("created", 0)
    assert changes(steps)["sessions"].keys() <= {"unchanged", "created"}
    assert changes(steps)["sessions"]["unchanged"] == made
    found = [one for one in steps["sessions"]["discrepancies"] if one["new"]]
    assert [one["side"] for one in found] == ["administrate"] * surplus
    assert not any(one["new"] for one in steps["events"]["discrepancies"])
    assert listed(company) == {}
    assert made_rows(company) == tutorial
    assert replay(company.database).ok


def made_rows(company: Company) -> list[list[tuple[object, ...]]]:
    """Every row of the tutorial tables that an import makes."""
    made = (acted.EVENTS, acted.SESSIONS, acted.SESSION_INSTRUCTORS)
    return [company.rows(table) for table in made]


def shown(moment: datetime) -> str:
    """A moment as Administrate shows it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
