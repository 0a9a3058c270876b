"""An event that can never be made is left out; the rest of its import, and later ones, go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from importer.dual_write.event import State
from importer.dual_write.leave_out import CannotLeaveOut
from importer.dual_write.progress import SilentProgress
from importer.dual_write.run import ImportRun, new_import
from importer.planning.prepare import ImportOptions
from importer.validation.verdicts import SkipReason
from ledger.errors import StoppedResumably, UsageRefused
from ledger.replay.compare import replay
from ledger.runs.states import find_run, run_states
from ledger.tables import acted, adm
from tests.importer.company import Company, a_workbook, an_own_event, an_own_session
from tests.program import admsync
from tests.rollback.rolling_back import rolled_back

REASON = "the course is over"


def in_tutorial_tables(company: Company) -> set[str]:
    return {code for (code,) in company.rows(acted.EVENTS, "code")} & set("ABC")


def in_administrate(company: Company) -> set[str]:
    return {str(one["title"]) for one in company.control.dump("Event")} & set("ABC")


def outcomes(run: ImportRun) -> dict[str, State]:
    return {one.in_progress.plan.title: one.state for one in run.outcomes}


def published(company: Company, state: str) -> None:
    """Sets the course template of event B to a state; only published ones can be held."""
    [found] = [one for one in company.control.dump("CourseTemplate") if one["code"] == "CB1_f2f_3"]
    company.control.edit(found["id"], lifecycleState=state)


def event_b(**changes: Any) -> list[Any]:
    own = {"code": "CB1_f2f_3", "location": "London", "venue": "Blackfriars House"}
    return [an_own_event("B", **own | changes), an_own_session("B", 2)]


@pytest.fixture
def refused(company: Company, tmp_path: Path) -> Path:
    """The workbook of an import that stopped since Administrate refuses event B."""
    published(company, "draft")
    path = a_workbook(tmp_path, an_own_event("A"), *event_b())
    with pytest.raises(StoppedResumably, match="Only a published"):
        company.imported(path)
    return path


def test_an_event_that_is_refused_for_good_is_left_out_and_the_run_ends(
    company: Company, refused: Path
) -> None:
    resumed = company.resumed(leave_out=("B",), reason=REASON)
    assert outcomes(resumed) == {"A": State.DONE, "B": State.LEFT_OUT}
    state = run_states(company.database)[0]
    assert (state.state, state.counts["left out"], state.counts["unfinished"]) == ("done", 1, 0)
    # Its tutorial rows would keep corrected rows from being imported.
    assert in_tutorial_tables(company) == in_administrate(company) == {"A"}
    assert replay(company.database).ok
    published(company, "published")
    again = company.prepared(refused).plan
    assert [one.reason for one in again.skipped] == [SkipReason.DUPLICATE, SkipReason.LEFT_OUT]
    assert again.skipped[1].twin == f"run {state.run_id} ({REASON})"


def test_corrected_rows_of_an_event_left_out_are_imported(
    company: Company, refused: Path, tmp_path: Path
) -> None:
    company.resumed(leave_out=("B",), reason=REASON)
    published(company, "published")
    corrected = [an_own_event("A"), *event_b(max_places=5)]
    company.imported(a_workbook(tmp_path, *corrected, name=refused.name))
    assert in_tutorial_tables(company) == in_administrate(company) == {"A", "B"}


def test_a_rolled_back_import_leaves_nothing_out(company: Company, refused: Path) -> None:
    run_id = company.resumed(leave_out=("B",), reason=REASON).run.run_id
    rolled_back(company, run_id)
    assert in_tutorial_tables(company) == in_administrate(company) == set()
    published(company, "published")
    assert [one.title for one in company.prepared(refused).plan.events] == ["A", "B"]


def test_what_administrate_has_of_an_event_left_out_stays(company: Company, tmp_path: Path) -> None:
    rows = [*event_b(), an_own_session("B", 3, venue="Fenchurch Rooms")]
    path = a_workbook(tmp_path, *rows)
    [gone] = [one for one in company.control.dump("Venue") if one["name"] == "Fenchurch Rooms"]
    company.control.remove(gone["id"])
    with pytest.raises(StoppedResumably, match="venueId: Venue not found"):
        company.imported(path)
    [outcome] = company.resumed(leave_out=("B",), reason=REASON).outcomes
    assert outcome.event_id == company.rows(adm.EVENTS, "external_id")[0][0]
    assert outcome.notes == (REASON, "what was made of it stays in both systems")
    assert in_tutorial_tables(company) == in_administrate(company) == {"B"}


def test_an_event_whose_code_was_taken_is_left_out(company: Company, tmp_path: Path) -> None:
    path = a_workbook(tmp_path, an_own_event("A"), an_own_event("B"))
    prepared = company.prepared(path)
    # After the plan, the web application has an event of that code.
    with company.database.transaction() as connection:
        connection.execute(text("UPDATE acted.tutorial_events SET code = 'B' WHERE id = 1"))
    options = ImportOptions(str(path), prepared.file.digest, workers=1)

    def imported() -> None:
        with (
            company.administrate() as client,
            new_import(company.ledger, client, options, SilentProgress(), prepared) as run,
        ):
            run.make_all()

    with pytest.raises(StoppedResumably, match="1 of 2 events are not finished: B"):
        imported()
    with pytest.raises(StoppedResumably):
        company.resumed()
    resumed = company.resumed(leave_out=("b",), reason="B is another one")
    assert outcomes(resumed) == {"A": State.DONE, "B": State.LEFT_OUT}
    assert run_states(company.database)[0].state == "done"


def test_an_event_of_which_nobody_knows_is_looked_up_before_it_is_left_out(
    company: Company, tmp_path: Path
) -> None:
    company.control.set_faults("reset-unanswered:event.createBlended:1", "500-before:Events")
    with pytest.raises(StoppedResumably):
        company.imported(a_workbook(tmp_path, an_own_event("A")))
    with pytest.raises(StoppedResumably, match=r"not known yet; resume .* without --leave-out"):
        company.resumed(leave_out=("A",), reason=REASON)
    company.control.clear_faults()
    assert outcomes(company.resumed()) == {"A": State.DONE}
    assert issubclass(CannotLeaveOut, StoppedResumably)


def test_an_event_that_is_gone_before_its_id_is_recorded_stops_no_other(
    company: Company, tmp_path: Path
) -> None:
    change = "ALTER TABLE adm.events {} CONSTRAINT nameless"
    with company.database.transaction() as connection:
        check = " CHECK (external_id IS NULL) NOT VALID"
        connection.execute(text(change.format("ADD") + check))
    with pytest.raises(StoppedResumably):
        company.imported(a_workbook(tmp_path, an_own_event("A"), an_own_event("B")))
    with company.database.transaction() as connection:
        connection.execute(text(change.format("DROP")))
    [made] = [one for one in company.control.dump("Event") if one["title"] == "A"]
    company.control.remove(made["id"])
    with pytest.raises(StoppedResumably, match=f"1 of 2 .* has no event {made['id']} any more"):
        company.resumed()
    assert in_administrate(company) == {"B"}


def test_a_name_that_no_event_has_or_several_have_leaves_nothing_out(
    company: Company, refused: Path
) -> None:
    before = run_states(company.database)
    with pytest.raises(UsageRefused, match="no event 'Z'"):
        company.resumed(leave_out=("Z",), reason=REASON)
    assert run_states(company.database) == before
    assert refused.exists()


def test_the_program_leaves_out_what_it_is_told_and_tells_it(
    company: Company, company_url: str, refused: Path
) -> None:
    def run(*arguments: str, code: int = 0) -> str:
        settings = company.sandbox.settings
        done = admsync(*arguments, url=company_url, settings=settings)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert "go together" in run("resume", "--leave-out", "B", code=2)
    assert "go together" in run("resume", "--leave-out", "B", "--reason", " ", code=2)
    told = run("resume", "--leave-out", "B", "--reason", REASON)
    assert f"· 'B': left out\n      {REASON}" in told
    assert f"Left out of the import: “{REASON}”" in run("show", "last")
    assert "left out 1 event" in run("replay", "last")
    rehearsed = run("import-events", str(refused), "--dry-run")
    assert "left out of run" in rehearsed
    assert REASON in rehearsed
    assert find_run(company.database, "last").state == "done"
