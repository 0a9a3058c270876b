"""Fields out of step as a person meets them: listed, decided about, taken back, decided again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.runs.states import run_states
from ledger.schema import acted
from tests.importer.company import Company, Say
from tests.importer.imported_events import (
    base,
    changes,
    ids,
    imported,
    known,
    listed,
    proven,
    sessions_of,
    synced,
    tutorial_ids,
    write,
)
from tests.program import admsync
from tests.rollback.rolling_back import rolled_back, tables

WHY = ("--reason", "agreed by telephone")


@pytest.fixture
def in_step(company: Company, tmp_path: Path) -> Company:
    """Three imported events, synced once."""
    imported(company, tmp_path)
    synced(company)
    return company


@pytest.fixture
def conflict(in_step: Company) -> Company:
    """The end of an event, edited otherwise on both sides."""
    [a] = tutorial_ids(in_step, "A")
    write(in_step, "UPDATE acted.tutorial_events SET end_date = '2099-07-01' WHERE id = :id", id=a)
    in_step.control.edit(ids(in_step)[0], lmsEnd="2099-08-01T00:00:00")
    synced(in_step)
    return in_step


def drift(say: Say, *arguments: str) -> Any:
    return json.loads(say("drift", "--json", *arguments))


def end_of(company: Company) -> str:
    ends = {code: str(end) for code, end in company.rows(acted.EVENTS, "code", "end_date")}
    return ends["A"]


def test_drift_lists_fields_by_event_with_what_was_agreed_on(conflict: Company, say: Say) -> None:
    event, [a] = ids(conflict)[0], tutorial_ids(conflict, "A")
    write(conflict, "UPDATE acted.tutorial_events SET is_soldout = true WHERE id = :id", id=a)
    conflict.control.edit(sessions_of(conflict, ids(conflict)[1])[0], title="Renamed")
    synced(conflict)
    printed = say("drift")
    assert f"A  adm.events/{event}" in printed
    assert "⚠ LMS end (lms_end): conflict, since 20" in printed
    assert "Administrate: 2099-06-30 00:00 BST → 2099-08-01 00:00 BST" in printed
    assert "tutorial:     2099-06-30 → 2099-07-01" in printed
    assert "→ sold out (sold_out): to push" in printed
    assert "2 fields out of step: 1 conflict, 1 to push" in printed.replace(
        "1 to push, 1 conflict", "1 conflict, 1 to push"
    )
    *rest, decide = printed.splitlines()
    typed = f"admsync discrepancies settle adm.events/{event} lms_end --side administrate --reason"
    assert decide == f"Decide, such as: {typed}"
    assert max(map(len, rest)) <= 80
    [one] = drift(say, "--event", "A")
    assert {of["field"]: of["kind"] for of in one["fields"]} == {
        "lms_end": "conflict",
        "sold_out": "to push",
    }
    assert drift(say, "--event", "B") == []
    say("drift", "--strict", code=5)


def test_before_a_sync_drift_says_that_nothing_is_known(database_url: str) -> None:
    assert "never synced" in admsync("drift", url=database_url).stdout


def test_drift_names_people_and_places(in_step: Company, say: Say) -> None:
    session = sessions_of(in_step, ids(in_step)[0])[0]
    write(in_step, "DELETE FROM acted.tutorial_session_instructors")
    synced(in_step)
    printed = say("drift", "--event", "A")
    assert "instructors (instructors): changed in the tutorial tables" in printed.replace("\n", " ")
    [staff] = [
        one
        for one in in_step.control.dump("Staff")
        if one["bookingId"] == session and one["staffType"] == "instructor"
    ]
    [person] = [one for one in in_step.control.dump("Contact") if one["id"] == staff["contactId"]]
    assert f"{person['firstName']} {person['lastName']} → nothing" in printed


def test_a_conflict_decided_for_administrate_undone_and_decided_for_the_tutorial(
    conflict: Company,
    say: Say,
) -> None:
    event = ids(conflict)[0]
    before, listed_before = tables(conflict), listed(conflict)
    agreed = base(conflict, event, "lms_end")
    printed = say("discrepancies", "settle", "A", "LMS end", "--side", "administrate", *WHY)
    assert "✓ Settled: Administrate's LMS end" in printed
    assert end_of(conflict) == "2099-08-01"
    assert listed(conflict) == {}
    proven(conflict)
    assert "out of step" not in changes(synced(conflict))["events"]
    run = next(one for one in run_states(conflict.database) if one.command.startswith("settle"))
    plan = say("rollback", str(run.run_id), "--yes", *WHY)
    assert "end_date: 2099-08-01 → 2099-07-01" in plan
    assert tables(conflict) == before
    assert listed(conflict) == listed_before
    assert base(conflict, event, "lms_end") == agreed
    proven(conflict)
    synced(conflict)
    assert listed(conflict) == listed_before
    printed = say("discrepancies", "settle", "A", "lms_end", "--side", "tutorial", *WHY)
    assert "Still listed: to push" in printed
    assert end_of(conflict) == "2099-07-01"
    assert listed(conflict) == {(event, "lms_end"): "to push"}
    synced(conflict)
    assert listed(conflict) == {(event, "lms_end"): "to push"}
    run = run_states(conflict.database)[1]
    plan = say("rollback", str(run.run_id), "--yes", *WHY)
    assert "decision taken back: lms_end" in plan
    assert "1 field set back" in plan
    assert listed(conflict) == listed_before
    proven(conflict)


def test_a_decision_is_void_once_a_side_changes_again(conflict: Company, say: Say) -> None:
    event = ids(conflict)[0]
    say("discrepancies", "settle", "A", "lms_end", "--side", "tutorial", *WHY)
    conflict.control.edit(event, lmsEnd="2099-09-01T00:00:00")
    synced(conflict)
    assert listed(conflict) == {(event, "lms_end"): "conflict"}


def test_what_was_decided_for_the_tutorial_is_agreed_once_administrate_holds_it(
    conflict: Company,
    say: Say,
) -> None:
    say("discrepancies", "settle", "A", "lms_end", "--side", "tutorial", *WHY)
    conflict.control.edit(ids(conflict)[0], lmsEnd="2099-07-01T00:00:00")
    synced(conflict)
    assert listed(conflict) == {}
    run = next(one for one in run_states(conflict.database) if one.command.startswith("settle"))
    plan = say("rollback", str(run.run_id), "--yes", *WHY, code=4)
    assert "FieldsAgreed changed it later" in plan


def test_a_sync_that_taught_another_instructor_is_rolled_back_with_what_it_agreed_on(
    in_step: Company,
    say: Say,
) -> None:
    session = sessions_of(in_step, ids(in_step)[0])[0]
    agreed, before = base(in_step, session, "instructors"), tables(in_step)
    [staff] = [
        one
        for one in in_step.control.dump("Staff")
        if one["bookingId"] == session and one["staffType"] == "instructor"
    ]
    other = known(in_step, "Contact", firstName="Gareth", lastName="Fairweather")
    in_step.control.edit(staff["id"], contactId=other)
    synced(in_step)
    done = rolled_back(in_step, run_states(in_step.database)[0].run_id)
    assert done.kept == []
    assert tables(in_step) == before
    assert base(in_step, session, "instructors") == agreed
    synced(in_step)
    assert listed(in_step) == {(session, "instructors"): "rolled back"}
    say("discrepancies", "settle", f"adm.sessions/{session}", "instructors",
         "--side", "administrate", *WHY)  # fmt: skip
    assert listed(in_step) == {}
    proven(in_step)


@pytest.mark.parametrize(
    ("record", "name", "told"),
    [
        ("A", "max places", "not out of step; of it are: lms_end"),
        ("B", "lms_end", "nothing of it is"),
        ("London", "lms_end", "is no linked event or session"),
        ("Nowhere", "lms_end", "no record 'Nowhere'"),
    ],
)
@pytest.mark.usefixtures("conflict")
def test_what_is_not_out_of_step_is_told(say: Say, record: str, name: str, told: str) -> None:
    printed = say("discrepancies", "settle", record, name, "--side", "tutorial", *WHY, code=2)
    assert told in " ".join(printed.split())


def test_a_row_changed_since_it_was_listed_is_not_decided_about(
    conflict: Company, say: Say
) -> None:
    [a] = tutorial_ids(conflict, "A")
    write(conflict, "UPDATE acted.tutorial_events SET end_date = '2099-07-02' WHERE id = :id", id=a)
    runs = len(run_states(conflict.database))
    printed = say("discrepancies", "settle", "A", "lms_end", "--side", "administrate", *WHY, code=2)
    assert "has changed since the last sync" in printed
    assert len(run_states(conflict.database)) == runs
    assert end_of(conflict) == "2099-07-02"


def test_a_row_that_somebody_is_changing_is_not_waited_for(conflict: Company, say: Say) -> None:
    [a] = tutorial_ids(conflict, "A")
    with conflict.database.driver_transaction() as other:
        other.execute("SELECT FROM acted.tutorial_events WHERE id = %s FOR UPDATE", (a,))
        printed = say("discrepancies", "settle", "A", "lms_end", "--side", "administrate", *WHY,
            code=1,
        )  # fmt: skip
    assert "somebody is changing" in printed
    assert end_of(conflict) == "2099-07-01"
