"""One event of an import is rolled back, with all that belongs to it; the others stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.replay.compare import replay
from ledger.runs.states import RunState, run_states
from ledger.schema import acted, adm
from tests.importer.company import Company
from tests.importer.imported_events import (
    changes,
    ids,
    imported,
    listed,
    proven,
    sessions_of,
    synced,
    tutorial_ids,
    write,
)
from tests.program import admsync
from tests.rollback.rolling_back import rolled_back

WHY = ("--reason", "the tutor is ill")


@pytest.fixture
def run(company: Company, tmp_path: Path) -> RunState:
    """The import of three events, A, B and C."""
    imported(company, tmp_path)
    return next(one for one in run_states(company.database) if one.command == "import-events")


@pytest.fixture
def settings(company: Company) -> dict[str, str]:
    return dict(company.sandbox.settings)


def codes(company: Company) -> set[str]:
    return {code for (code,) in company.rows(acted.EVENTS, "code")} & {"A", "B", "C"}


def test_one_event_goes_in_both_systems_and_the_others_stand(
    company: Company, company_url: str, run: RunState, settings: dict[str, str]
) -> None:
    a, b, c = ids(company)[:3]
    of_b = sessions_of(company, b)
    planned = admsync(
        *("rollback", str(run.run_id), "--only", "A", "--dry-run", "--full"),
        url=company_url,
        settings=settings,
    )
    assert planned.returncode == 0, planned.stderr
    [tutorial] = tutorial_ids(company, "A")
    assert f"acted.tutorial_events/{tutorial}: deleted" in planned.stdout
    assert f"adm.events/{b}" not in planned.stdout
    assert codes(company) == {"A", "B", "C"}
    done = admsync(
        "rollback", str(run.run_id), "--only", a, "--yes", *WHY, url=company_url, settings=settings
    )
    assert done.returncode == 0, done.stderr
    assert codes(company) == {"B", "C"}
    there = {one["id"] for one in company.control.dump("Event")}
    assert a not in there
    assert {b, c} <= there
    assert sessions_of(company, b) == of_b
    assert a not in {key for (key,) in company.rows(adm.EVENTS, "external_id")}
    proven(company)
    states = {one.run_id: one.state for one in run_states(company.database)}
    assert states[run.run_id] == "done"
    told = admsync("history", f"acted.tutorial_events/{tutorial}", url=company_url).stdout
    assert "of run" in " ".join(told.split())
    assert "the tutor is ill" in told


def test_it_can_be_imported_again_and_all_of_it_rolled_back_later(
    company: Company, company_url: str, run: RunState, settings: dict[str, str], tmp_path: Path
) -> None:
    def rollback(*more: str) -> None:
        done = admsync(
            "rollback", str(run.run_id), *more, "--yes", *WHY, url=company_url, settings=settings
        )
        assert done.returncode == 0, done.stdout + done.stderr

    rollback("--only", "A")
    rollback("--only", "B")
    again = company.imported(next(tmp_path.glob("*.xlsx")))
    assert [one.problems for one in again.outcomes] == [(), ()]
    assert codes(company) == {"A", "B", "C"}
    rollback()
    assert codes(company) == {"A", "B"}
    proven(company)


def test_a_rollback_of_one_event_that_stopped_goes_on_with_it_alone(
    company: Company, company_url: str, run: RunState, settings: dict[str, str]
) -> None:
    company.control.set_faults("not-json:event.delete:1")
    stopped = admsync(
        "rollback", str(run.run_id), "--only", "B", "--yes", *WHY, url=company_url,
        settings=settings,
    )  # fmt: skip
    assert stopped.returncode == 3, stopped.stdout + stopped.stderr
    company.control.clear_faults()
    resumed = admsync("resume", url=company_url, settings=settings)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert codes(company) == {"A", "C"}
    proven(company)


def test_a_stopped_rollback_of_one_event_is_not_ended_by_that_of_another(
    company: Company, company_url: str, run: RunState, settings: dict[str, str]
) -> None:
    def rollback(*more: str, code: int = 0) -> None:
        done = admsync(
            "rollback", str(run.run_id), *more, "--yes", *WHY, url=company_url, settings=settings
        )
        assert done.returncode == code, done.stdout + done.stderr

    # It stops when it looks again, so that no write of it is in doubt.
    company.control.set_faults("not-json:Events:2")
    rollback("--only", "A", code=3)
    company.control.clear_faults()
    rollback("--only", "B")
    stopped = [one for one in run_states(company.database) if one.state == "stopped"]
    assert [one.options["only"] for one in stopped] == [
        f"acted.tutorial_events/{tutorial_ids(company, 'A')[0]}"
    ]
    resumed = admsync("resume", url=company_url, settings=settings)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert codes(company) == {"C"}
    proven(company)


def test_what_a_sync_applied_to_one_event_is_taken_back_alone(
    company: Company, run: RunState, company_url: str
) -> None:
    assert run
    synced(company)
    a, b = ids(company)[:2]
    for one in (a, b):
        company.control.edit(one, lmsEnd="2099-08-01T00:00:00")
    assert changes(synced(company))["events"]["applied"] == 2
    done = admsync("rollback", "last", "--only", "A", "--yes", *WHY, url=company_url)
    assert done.returncode == 0, done.stdout + done.stderr
    ends = {code: str(end) for code, end in company.rows(acted.EVENTS, "code", "end_date")}
    assert (ends["A"], ends["B"]) == ("2099-06-30", "2099-08-01")
    proven(company)
    synced(company)
    assert listed(company) == {(a, "lms_end"): "rolled back"}


def test_an_event_that_was_sold_since_is_kept(
    company: Company, company_url: str, run: RunState, settings: dict[str, str]
) -> None:
    [a] = tutorial_ids(company, "A")
    write(company, "UPDATE acted.tutorial_events SET is_soldout = true WHERE id = :id", id=a)
    synced(company)
    done = admsync(
        "rollback",
        str(run.run_id),
        "--only",
        "A",
        "--yes",
        *WHY,
        url=company_url,
        settings=settings,
    )
    assert done.returncode == 4, done.stdout + done.stderr
    assert codes(company) == {"A", "B", "C"}
    assert replay(company.database).ok


@pytest.mark.parametrize(
    ("typed", "told"),
    [("London", "is no tutorial event"), ("Nowhere", "no record 'Nowhere'")],
)
def test_what_is_no_event_is_refused(
    company_url: str, run: RunState, typed: str, told: str
) -> None:
    done = admsync("rollback", str(run.run_id), "--only", typed, "--dry-run", url=company_url)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())


def test_a_run_that_is_rolled_back_has_no_event_left_to_roll_back(
    company: Company, company_url: str, run: RunState, settings: dict[str, str]
) -> None:
    [a] = tutorial_ids(company, "A")
    rolled_back(company, run.run_id)
    done = admsync(
        "rollback", str(run.run_id), "--only", f"acted.tutorial_events/{a}", "--yes", *WHY,
        url=company_url, settings=settings,
    )  # fmt: skip
    assert done.returncode == 2
    assert "already rolled back" in done.stderr
