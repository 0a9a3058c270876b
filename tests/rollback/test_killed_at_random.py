"""A sitting's import is undone, the process killed at random: all is as it was, on both sides.

By default of 12 events, killed 5 times; with ADMSYNC_WHOLE_SITTING=1 of all 348, killed 20 times.
"""

from __future__ import annotations

from pathlib import Path

from ledger.output.words import counted
from ledger.runs.states import find_run
from ledger.schema import acted
from tests.importer.end_state import Companies
from tests.importer.random_kills import Killing
from tests.importer.sitting_workbook import WHOLE, sitting_workbook, thinned
from tests.program import admsync
from tests.rollback.rolling_back import both_sides, last_run, rehearsed

KILLS = 20 if WHOLE else 5


def test_killed_at_random_it_leaves_both_systems_as_they_were(
    companies: Companies, tmp_path: Path
) -> None:
    path = sitting_workbook(tmp_path, 12)
    with companies.fresh() as (company, url):
        before = both_sides(company)
        company.imported(path, workers=4)
        run = last_run(company).run_id
        plan = rehearsed(company, run)
        assert not plan.kept
        # The places of instructors go with their sessions, without an event of their own.
        events = sum(one.row.table != acted.SESSION_INSTRUCTORS.fullname for one in plan.rollbacks)
        killing = Killing(company, url, KILLS, events, tmp_path)
        done = killing.carry_through("rollback", str(run), "--yes", "--reason", "a rehearsal")
        assert done.returncode == (4 if plan.impossible else 0), done
        assert find_run(company.database, str(run)).state == "undone"
        assert counted(len(plan.rollbacks), "row") + " rolled back" in done.stdout
        assert both_sides(company) == before
        settings = company.sandbox.settings
        for asked in ("verify", "replay"):
            assert admsync(asked, url=url, settings=settings).returncode == 0
        company.control.forget()
        few = thinned(path, tmp_path / "few.xlsx", 3)
        done = admsync("import-events", str(few), "--no-prompt", url=url, settings=settings)
        assert done.returncode == 0, done
        assert sum(name.startswith("event.create") for name in company.changes()) == 3
