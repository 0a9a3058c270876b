"""An event that can never be made is left out; the rest of its import, and later ones, go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from importer.dual_write.administrate_requests import create_event
from importer.dual_write.event import State
from importer.dual_write.leave_out import CannotLeaveOut
from importer.dual_write.progress import SilentProgress
from importer.dual_write.run import ImportRun, new_import
from importer.planning.prepare import ImportOptions
from importer.validation.verdicts import SkipReason
from ledger.errors import StoppedResumably, UsageRefused
from ledger.history.descriptions import describe
from ledger.replay.compare import replay
from ledger.runs.states import find_run, run_states
from ledger.schema import acted, adm
from ledger.store.read import Selection
from sync.administrate.writes.sending import send
from tests.importer.company import Company, a_workbook, an_own_event, an_own_session
from tests.program import admsync
from tests.rollback.rolling_back import rehearsed, rolled_back

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
    with pytest.raises(StoppedResumably, match=r"a fault at the server"):
        company.resumed(leave_out=("A",), reason=REASON)
    company.control.clear_faults()
    with pytest.raises(StoppedResumably, match=r"has it, as .* without --leave-out first"):
        company.resumed(leave_out=("A",), reason=REASON)
    assert outcomes(company.resumed()) == {"A": State.DONE}
    assert issubclass(CannotLeaveOut, StoppedResumably)


def test_an_event_that_was_asked_for_in_vain_is_left_out(company: Company, tmp_path: Path) -> None:
    company.control.set_faults("forbidden:event.createBlended")
    with pytest.raises(StoppedResumably, match="does not permit"):
        company.imported(a_workbook(tmp_path, an_own_event("A")))
    [outcome] = company.resumed(leave_out=("A",), reason=REASON).outcomes
    assert (outcome.state, outcome.notes) == (State.LEFT_OUT, (REASON,))
    assert run_states(company.database)[0].state == "done"
    assert in_tutorial_tables(company) == in_administrate(company) == set()


def test_one_of_which_administrate_has_two_is_a_persons_to_tell_first(
    company: Company, tmp_path: Path
) -> None:
    disputed(company, tmp_path)
    with pytest.raises(StoppedResumably, match=r"as \S+ or \S+; say which by deleting"):
        company.resumed(leave_out=("A",), reason=REASON)
    for one in company.control.dump("Event"):
        if one["title"] == "A":
            company.control.remove(one["id"])
    assert outcomes(company.resumed(leave_out=("A",), reason=REASON)) == {"A": State.LEFT_OUT}


def disputed(company: Company, folder: Path) -> None:
    """An import that stopped since either of two events of Administrate may be its own."""
    path = a_workbook(folder, an_own_event("A"))
    prepared = company.prepared(path)
    options = ImportOptions(str(path), prepared.file.digest, workers=1)
    with company.administrate() as client:
        request = create_event(prepared.plan.events[0])
        send(client, request)
        company.control.set_faults("500-after:event.createBlended:1")
        with (
            pytest.raises(StoppedResumably, match="deleting the others"),
            new_import(company.ledger, client, options, SilentProgress(), prepared) as run,
        ):
            run.make_all()


@pytest.fixture
def unrecorded(company: Company, tmp_path: Path) -> Path:
    """The workbook of an import that stopped before it recorded the id of any event."""
    change = "ALTER TABLE adm.events {} CONSTRAINT nameless"
    with company.database.transaction() as connection:
        check = " CHECK (external_id IS NULL) NOT VALID"
        connection.execute(text(change.format("ADD") + check))
    path = a_workbook(tmp_path, an_own_event("A"), an_own_event("B"))
    with pytest.raises(StoppedResumably):
        company.imported(path)
    with company.database.transaction() as connection:
        connection.execute(text(change.format("DROP")))
    return path


def removed(company: Company, title: str) -> str:
    """The id of an event that somebody deletes in Administrate, with its sessions."""
    [made] = [one for one in company.control.dump("Event") if one["title"] == title]
    for session in company.control.dump("Session"):
        if session["parentEventId"] == made["id"]:
            company.control.remove(session["id"])
    company.control.remove(made["id"])
    return str(made["id"])


def test_an_event_that_is_gone_before_its_id_is_recorded_stops_no_other_and_is_left_out(
    company: Company, unrecorded: Path
) -> None:
    gone = removed(company, "A")
    with pytest.raises(StoppedResumably, match=f"1 of 2 .* has no event {gone} any more.*--leave"):
        company.resumed()
    assert in_administrate(company) == {"B"}
    resumed = company.resumed(leave_out=("A",), reason=REASON)
    assert outcomes(resumed) == {"A": State.LEFT_OUT, "B": State.DONE}
    [left_out] = [one for one in resumed.outcomes if one.state is State.LEFT_OUT]
    assert left_out.event_id is None
    assert left_out.notes == (REASON, f"Administrate has no event {gone} any more")
    assert run_states(company.database)[0].state == "done"
    assert in_tutorial_tables(company) == {"B"}
    assert replay(company.database).ok
    assert unrecorded.exists()


def test_an_event_that_is_gone_after_its_id_is_recorded_is_left_out_with_its_rows(
    company: Company, tmp_path: Path
) -> None:
    company.control.set_faults("reset-before:session.update")
    with pytest.raises(StoppedResumably):
        company.imported(a_workbook(tmp_path, an_own_event("A"), an_own_event("B")))
    company.control.clear_faults()
    gone = removed(company, "A")
    with pytest.raises(StoppedResumably):
        company.resumed()
    resumed = company.resumed(leave_out=("A",), reason=REASON)
    assert outcomes(resumed) == {"A": State.LEFT_OUT, "B": State.DONE}
    assert in_tutorial_tables(company) == in_administrate(company) == {"B"}
    assert gone not in {row[0] for row in company.rows(adm.EVENTS, "external_id")}
    assert run_states(company.database)[0].state == "done"
    assert replay(company.database).ok


def test_what_nobody_finds_out_about_an_event_left_out_keeps_no_run_from_its_end(
    company: Company, tmp_path: Path
) -> None:
    company.control.set_faults("forbidden:session.update")
    with pytest.raises(StoppedResumably, match="does not permit"):
        company.imported(a_workbook(tmp_path, an_own_event("A")))
    with pytest.raises(StoppedResumably, match="does not permit"):
        company.resumed()
    resumed = company.resumed(leave_out=("A",), reason=REASON)
    [outcome] = resumed.outcomes
    assert outcome.notes == (REASON, "what was made of it stays in both systems")
    assert run_states(company.database)[0].state == "done"
    [abandoned] = company.ledger.read(Selection(types=["WriteAbandoned"]))
    told = describe(abandoned.event, str).sentence
    assert told == f"Nobody finds out any more whether SessionUpdate was done: “{REASON}”"
    assert replay(company.database).ok
    company.control.clear_faults()
    rolled_back(company, resumed.run.run_id)
    assert in_tutorial_tables(company) == in_administrate(company) == set()


def test_an_approval_that_no_event_needs_any_more_keeps_no_run_from_its_end(
    company: Company, tmp_path: Path
) -> None:
    company.control.set_faults("forbidden:courseTemplate.update")
    to_approve = an_own_event("C", code="SP9_f2f_3", location="London", venue="TBC")
    path = a_workbook(tmp_path, an_own_event("A"), an_own_event("B"), to_approve)
    with pytest.raises(StoppedResumably, match=r"CourseTemplateUpdate.* not permit"):
        company.imported(path)
    with pytest.raises(StoppedResumably, match=r"CourseTemplateUpdate.* not permit"):
        company.resumed(leave_out=("B",), reason=REASON)
    assert find_run(company.database, "last").open_writes == 1
    resumed = company.resumed(leave_out=("C",), reason=REASON)
    assert outcomes(resumed) == {"A": State.DONE, "B": State.LEFT_OUT, "C": State.LEFT_OUT}
    assert find_run(company.database, "last").state == "done"
    [stays] = rehearsed(company, resumed.run.run_id).impossible
    assert stays.why.startswith("no answer said whether it was done; if it was, the instructors")


def test_a_rollback_tells_what_was_refused_after_a_lost_answer_as_what_may_stay(
    company: Company, tmp_path: Path
) -> None:
    company.control.set_faults("503-after:courseTemplate.update")
    to_approve = an_own_event("C", code="SP9_f2f_3", location="London", venue="TBC")
    with pytest.raises(StoppedResumably, match="CourseTemplateUpdate"):
        company.imported(a_workbook(tmp_path, an_own_event("A"), to_approve))
    company.control.clear_faults()
    [gone] = [one for one in company.control.dump("CourseTemplate") if one["code"] == "SP9_f2f_3"]
    company.control.remove(gone["id"])
    with pytest.raises(StoppedResumably, match="1 of 2 events are not finished: C"):
        company.resumed()
    run_id = company.resumed(leave_out=("C",), reason=REASON).run.run_id
    [stays] = rehearsed(company, run_id).impossible
    assert stays.why.startswith("no answer said whether it was done; if it was, the instructors")


def test_what_refers_to_the_rows_of_an_event_that_is_gone_keeps_them(
    company: Company, unrecorded: Path
) -> None:
    gone = removed(company, "A")
    with company.database.transaction() as connection:
        [row_id] = connection.execute(
            text("SELECT id FROM acted.tutorial_events WHERE code = 'A'")
        ).scalars()
        connection.execute(
            text(
                "CREATE TABLE acted.waiting_list (event_id integer"
                " REFERENCES acted.tutorial_events (id))"
            )
        )
        connection.execute(text("INSERT INTO acted.waiting_list VALUES (:id)"), {"id": row_id})
    [left_out, _] = company.resumed(leave_out=("A",), reason=REASON).outcomes
    assert left_out.notes[1] == f"Administrate has no event {gone} any more"
    assert left_out.notes[2].startswith("its tutorial rows stay")
    assert in_tutorial_tables(company) == {"A", "B"}
    assert unrecorded.exists()


def test_several_are_left_out_at_once_or_none_of_them(company: Company, unrecorded: Path) -> None:
    removed(company, "A")
    before = len(list(company.ledger.read(Selection(types=["EventLeftOut"]))))
    # Administrate has B, whose id is not recorded.
    with pytest.raises(StoppedResumably, match="B: Administrate has it"):
        company.resumed(leave_out=("A", "B"), reason=REASON)
    assert len(list(company.ledger.read(Selection(types=["EventLeftOut"])))) == before == 0
    removed(company, "B")
    resumed = company.resumed(leave_out=("A", "B", "a"), reason=REASON)
    assert outcomes(resumed) == {"A": State.LEFT_OUT, "B": State.LEFT_OUT}
    assert in_tutorial_tables(company) == set()
    assert unrecorded.exists()


def test_leaving_out_is_repeated_after_it_was_stopped(company: Company, unrecorded: Path) -> None:
    removed(company, "A")
    company.control.set_faults("500-before:session.update")
    with pytest.raises(StoppedResumably):
        company.resumed(leave_out=("A",), reason=REASON)
    company.control.clear_faults()
    resumed = company.resumed(leave_out=("A",), reason=REASON)
    assert outcomes(resumed) == {"A": State.LEFT_OUT, "B": State.DONE}
    assert len(list(company.ledger.read(Selection(types=["EventLeftOut"])))) == 1
    assert unrecorded.exists()


def test_where_the_database_refuses_to_leave_out_the_import_is_still_resumed(
    company: Company, refused: Path
) -> None:
    trigger = "CREATE TRIGGER never BEFORE DELETE ON acted.tutorial_events EXECUTE FUNCTION never()"
    function = (
        "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE 'nothing is deleted here'; END$$"
    )
    with company.database.transaction() as connection:
        connection.execute(text(function))
        connection.execute(text(trigger))
    with pytest.raises(StoppedResumably, match="nothing is deleted here"):
        company.resumed(leave_out=("B",), reason=REASON)
    assert run_states(company.database)[0].state == "stopped"
    with company.database.transaction() as connection:
        connection.execute(text("DROP TRIGGER never ON acted.tutorial_events"))
    resumed = company.resumed(leave_out=("B",), reason=REASON)
    assert outcomes(resumed) == {"A": State.DONE, "B": State.LEFT_OUT}
    assert refused.exists()


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
    assert "it is blank" in run("resume", "--leave-out", "B", "--reason", " ", code=2)
    told = run("resume", "--leave-out", "B", "--reason", REASON)
    assert f"· 'B': left out\n      {REASON}" in told
    assert f"Left out of the import: “{REASON}”" in run("show", "last")
    assert "left out 1 event" in run("replay", "last")
    rehearsed = run("import-events", str(refused), "--dry-run")
    assert "left out of run" in rehearsed
    assert REASON in rehearsed
    assert find_run(company.database, "last").state == "done"
