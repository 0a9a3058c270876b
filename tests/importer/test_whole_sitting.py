"""A whole sitting's workbook is taken in full."""

from __future__ import annotations

from pathlib import Path

from importer.validation.planned_event import Mode
from importer.validation.validate import validate
from tests.importer.references import reference_for
from tests.importer.sitting import EVENTS, a_sitting
from tests.importer.verdicts import events_in
from tests.importer.workbooks import SHARED, read_workbook, write_rows


def test_every_event_and_session_of_a_sitting_is_accepted(tmp_path: Path) -> None:
    shared = SHARED.exists()
    sheet = read_workbook(SHARED if shared else write_rows(tmp_path / "made.xlsx", a_sitting()))
    verdicts = list(validate(sheet.rows, reference_for(sheet)))
    events = events_in(verdicts)
    assert len(events) == len(verdicts) == EVENTS
    sessions = sum(len(event.sessions) for event in events)
    assert sessions == (1_288 if shared else 4 * EVENTS)
    assert sum(event.mode is Mode.LMS for event in events) == (17 if shared else 0)
    assert sorted(row for event in events for row in event.rows) == [r.number for r in sheet.rows]
