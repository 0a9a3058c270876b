"""A sitting's import, its process killed at random, ends as it would have ended.

By default of 12 events, killed 5 times; with ADMSYNC_WHOLE_SITTING=1 of all 348, killed 20 times.
"""

from __future__ import annotations

from pathlib import Path

from ledger.verify.verify import verify_chain
from tests.importer.end_state import Companies, assert_same, end_state
from tests.importer.random_kills import Killing, height
from tests.importer.sitting import EVENTS
from tests.importer.sitting_workbook import SESSIONS, WHOLE, sitting_workbook
from tests.importer.workbooks import SHARED
from tests.program import admsync

KILLS = 20 if WHOLE else 5


def test_killed_at_random_it_makes_everything_once(companies: Companies, tmp_path: Path) -> None:
    path = sitting_workbook(tmp_path, 12)
    with companies.fresh() as (company, _):
        before = height(company)
        company.imported(path, workers=4)
        expected, events = end_state(company), height(company) - before
    if WHOLE and SHARED.exists():
        assert len(expected["bridge events"]) == EVENTS
        assert len(expected["bridge sessions"]) == SESSIONS
    assert all(linked for *_, linked in expected["bridge events"])
    with companies.fresh() as (company, url):
        killing = Killing(company, url, KILLS, events * 9 // 10, tmp_path)
        done = killing.carry_through("import-events", str(path), "--no-prompt")
        assert done.returncode == 0, done
        assert_same(company, expected, f"{KILLS} kills")
        assert verify_chain(company.database).ok
        company.control.forget()
        again = admsync(
            "import-events", str(path), "--no-prompt", url=url, settings=company.sandbox.settings
        )
        assert again.returncode == 0, again
        assert company.changes() == []
        assert_same(company, expected | {"made": {}}, "a second import")
