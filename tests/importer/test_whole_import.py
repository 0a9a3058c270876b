"""A sitting's workbook goes into both systems, once; by default a twentieth of it, spread over all.

With ADMSYNC_WHOLE_SITTING set, all of it; where the shared workbook is not there, one made alike.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from importer.cells import Value
from importer.grouping import groups
from importer.workbook import Sheet
from ledger.replay import replay
from ledger.tables import acted, adm
from tests.importer.company import Company, a_workbook, an_own_event, an_own_session
from tests.importer.workbooks import SHARED, read_workbook, write_grid

WHOLE = bool(os.environ.get("ADMSYNC_WHOLE_SITTING"))
EVERY = 1 if WHOLE else 20


def thinned(sheet: Sheet, path: Path) -> Path:
    """The header and the rows of every so-manieth event, as a workbook of its own."""
    chosen = [one for one in groups(sheet) if one.event is not None][::EVERY]
    rows = [row for one in chosen for row in (one.event, *one.sessions) if row is not None]
    grid: list[list[Value]] = [list(sheet.header.cells), *(list(row.cells) for row in rows)]
    return write_grid(path, grid)


def a_sitting(folder: Path) -> Path:
    if SHARED.exists():
        sheet = read_workbook(SHARED)
        return SHARED if WHOLE else thinned(sheet, folder / "thinned.xlsx")
    rows = [
        row
        for number in range(20)
        for row in (an_own_event(f"S{number}"), *(an_own_session(f"S{number}", n) for n in (2, 3)))
    ]
    return a_workbook(folder, *rows)


def test_a_sitting_goes_into_both_systems_once(company: Company, tmp_path: Path) -> None:
    path = a_sitting(tmp_path)
    before = len(company.rows(acted.EVENTS)), len(company.rows(acted.SESSIONS))
    plan = company.prepared(path).plan
    assert not plan.refused
    imported = company.imported(path, workers=4)
    assert len(imported.outcomes) == len(plan.events)
    if WHOLE and SHARED.exists():
        assert (len(plan.events), plan.sessions) == (348, 1_288)
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


def shown(moment: datetime) -> str:
    """A moment as Administrate shows it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
