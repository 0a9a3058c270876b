"""An import whose process was killed is undone instead of resumed: nothing of it is left.

By default a few of the points are tried; with ADMSYNC_EVERY_POINT=1, each of them (=3: each third).
"""

from __future__ import annotations

from pathlib import Path

from ledger.replay.compare import replay
from ledger.runs.states import find_run, unfinished_runs
from tests.importer.company import a_workbook, five_events
from tests.importer.end_state import Companies, wait_until_let_go
from tests.importer.killed_process import chosen, import_until
from tests.rollback.rolling_back import both_sides, last_run, rolled_back

# Between the answer to an event's creation and the append of its id: what once left a draft.
CREATED = 46


def test_killed_anywhere_and_undone_it_leaves_nothing(companies: Companies, tmp_path: Path) -> None:
    path, settings = a_workbook(tmp_path, *five_events()), companies.sandbox.settings
    with companies.fresh() as (_, url):
        points = import_until(path, url, settings, 0, 1)
    for at in {*chosen(points, 3), CREATED}:
        with companies.fresh() as (company, url):
            before, linked = both_sides(company), last_run(company)
            import_until(path, url, settings, at, 1)
            wait_until_let_go(company)
            killed = last_run(company)
            if killed == linked:
                continue  # before its first event stood
            assert not rolled_back(company, killed.run_id).kept
            where = f"a kill at point {at} of {points}"
            assert both_sides(company) == before, where
            assert find_run(company.database, str(killed.run_id)).state == "undone"
            assert replay(company.database).ok, where
            with company.database.driver_transaction() as connection:
                assert not unfinished_runs(connection), where
