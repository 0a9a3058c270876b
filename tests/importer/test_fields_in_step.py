"""Fields of imported events, edited on either side: applied, reported, or listed; nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.replay.compare import replay
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
from tests.rollback.rolling_back import rolled_back, tables


@pytest.fixture
def company_in_step(company: Company, tmp_path: Path) -> Company:
    """Three imported events, synced once."""
    imported(company, tmp_path)
    synced(company)
    assert listed(company) == {}
    return company


def test_an_import_is_what_both_sides_agreed_on(company: Company, tmp_path: Path) -> None:
    imported(company, tmp_path)
    event = ids(company)[0]
    assert base(company, event, "lms_end") == {
        "administrate": "2099-06-29T23:00:00+00:00",
        "tutorial": "2099-06-30",
    }
    # Changed before any sync has read it: it is told from what the import wrote.
    company.control.edit(event, lmsEnd="2099-08-01T00:00:00")
    company.control.edit(sessions_of(company, event)[0], title="Renamed")
    steps = changes(synced(company))
    assert (steps["events"]["applied"], steps["sessions"]["applied"]) == (1, 1)
    assert listed(company) == {}
    proven(company)


def test_administrates_change_of_its_own_field_is_applied_and_not_listed(
    company_in_step: Company,
) -> None:
    company = company_in_step
    event = ids(company)[0]
    session = sessions_of(company, event)[0]
    company.control.edit(session, start="2026-03-02T10:00:00", end="2026-03-02T16:00:00")
    steps = synced(company)
    assert changes(steps)["sessions"]["applied"] == 1
    starts = [start.isoformat() for (start,) in company.rows(acted.SESSIONS, "start_date")]
    assert "2026-03-02T10:00:00+00:00" in starts
    assert listed(company) == {}
    proven(company)
    again = changes(synced(company))
    assert "applied" not in again["sessions"]
    assert "updated" not in again["sessions"]


def test_the_web_applications_change_of_its_own_field_is_to_push(company_in_step: Company) -> None:
    company = company_in_step
    [a, *_] = tutorial_ids(company, "A")
    write(company, "UPDATE acted.tutorial_events SET is_soldout = true WHERE id = :id", id=a)
    found = replay(company.database)
    assert found.ok
    assert [(one.table, one.column) for one in found.edited] == [
        ("acted.tutorial_events", "is_soldout")
    ]
    steps = changes(synced(company))
    assert steps["events"] == {"unchanged": 3, "edited": 1, "out of step": 1}
    assert listed(company) == {(ids(company)[0], "sold_out"): "to push"}
    proven(company)
    assert replay(company.database).edited == ()
    assert changes(synced(company))["events"] == {"unchanged": 3}
    company.control.edit(ids(company)[0], isSoldOut=True)
    synced(company)
    assert listed(company) == {}


def test_edited_on_both_sides_otherwise_it_is_a_conflict(company_in_step: Company) -> None:
    company = company_in_step
    event, [a, *_] = ids(company)[0], tutorial_ids(company, "A")
    write(company, "UPDATE acted.tutorial_events SET end_date = '2099-07-01' WHERE id = :id", id=a)
    company.control.edit(event, lmsEnd="2099-08-01T00:00:00")
    synced(company)
    assert listed(company) == {(event, "lms_end"): "conflict"}
    assert base(company, event, "lms_end")["tutorial"] == "2099-06-30"
    proven(company)


def test_an_edit_of_administrates_field_here_is_listed_with_what_it_was(
    company_in_step: Company,
) -> None:
    company = company_in_step
    event, [a, *_] = ids(company)[0], tutorial_ids(company, "A")
    company.control.forget()
    write(company, "UPDATE acted.tutorial_events SET end_date = '2099-07-01' WHERE id = :id", id=a)
    synced(company)
    assert listed(company) == {
        (event, "lms_end"): "changed in the tutorial tables, owned by Administrate"
    }
    # It was asked for once more before that was said.
    assert company.control.count("SyncedEvents") == 1
    synced(company)
    assert company.control.count("SyncedEvents") == 1
    write(company, "UPDATE acted.tutorial_events SET end_date = '2099-06-30' WHERE id = :id", id=a)
    synced(company)
    assert listed(company) == {}
    proven(company)


def test_another_instructor_in_administrate_is_assigned_here(company_in_step: Company) -> None:
    company = company_in_step
    session = sessions_of(company, ids(company)[0])[0]
    [staff] = [
        one
        for one in company.control.dump("Staff")
        if one["bookingId"] == session and one["staffType"] == "instructor"
    ]
    other = known(company, "Contact", firstName="Gareth", lastName="Fairweather")
    before = company.rows(acted.SESSION_INSTRUCTORS, "tutorialinstructor_id")
    company.control.edit(staff["id"], contactId=other)
    synced(company)
    assert listed(company) == {}
    assert company.rows(acted.SESSION_INSTRUCTORS, "tutorialinstructor_id") != before
    proven(company)


def test_a_row_that_somebody_is_changing_waits_for_the_next_sync(company_in_step: Company) -> None:
    company = company_in_step
    event, [a, *_] = ids(company)[0], tutorial_ids(company, "A")
    company.control.edit(event, lmsEnd="2099-08-01T00:00:00")
    with company.database.driver_transaction() as other:
        other.execute("SELECT FROM acted.tutorial_events WHERE id = %s FOR UPDATE", (a,))
        assert changes(synced(company))["events"] == {"updated": 1, "unchanged": 2, "busy": 1}
    assert changes(synced(company))["events"]["applied"] == 1
    proven(company)


def test_a_deleted_tutorial_row_and_an_added_session_are_recorded(
    company_in_step: Company, say: Say
) -> None:
    company = company_in_step
    a, b = tutorial_ids(company, "A", "B")
    write(
        company,
        "DELETE FROM acted.tutorial_session_instructors USING acted.tutorial_sessions s"
        " WHERE tutorialsessions_id = s.id AND s.tutorial_event_id = :id",
        id=b,
    )
    write(company, "DELETE FROM acted.tutorial_sessions WHERE tutorial_event_id = :id", id=b)
    write(company, "DELETE FROM acted.tutorial_events WHERE id = :id", id=b)
    write(
        company,
        "INSERT INTO acted.tutorial_sessions (tutorial_event_id, title, sequence, start_date,"
        " end_date) VALUES (:id, 'More', 9, now(), now())",
        id=a,
    )
    # Their links went with them: an edit that no sync has seen yet, and no damage.
    found = replay(company.database)
    assert found.ok, found.differences
    linked = {"adm.events.tutorial_event_id", "adm.sessions.tutorial_session_id"}
    assert linked <= {f"{one.table}.{one.column}" for one in found.edited}
    write(company, "UPDATE adm.events SET title = 'forged'")
    assert [one.column for one in replay(company.database).differences] == ["title"] * 3
    assert "3 rows" in say("replay", "--apply")
    steps = changes(synced(company))
    assert steps["events"]["edited"] == 1
    assert steps["sessions"]["edited"] == 3
    proven(company)
    assert "edited" not in changes(synced(company))["sessions"]


def test_one_event_asked_for_again_leaves_the_discrepancies_of_others_open(
    company_in_step: Company,
) -> None:
    company = company_in_step
    a, b = tutorial_ids(company, "A", "B")
    write(
        company,
        "INSERT INTO acted.tutorial_sessions (tutorial_event_id, title, sequence, start_date,"
        " end_date) VALUES (:id, 'More', 9, now(), now())",
        id=a,
    )
    write(company, "UPDATE acted.tutorial_sessions SET title = 'Edited' WHERE tutorial_event_id"
        " = :id", id=b)  # fmt: skip
    assert any(one["new"] for one in synced(company)["sessions"]["discrepancies"])
    assert not any(one["new"] for one in synced(company)["sessions"]["discrepancies"])


def test_what_a_rolled_back_sync_applied_is_listed_and_applied_once_it_changes_again(
    company_in_step: Company,
) -> None:
    company = company_in_step
    event, before = ids(company)[0], tables(company)
    session = sessions_of(company, event)[0]
    company.control.edit(event, lmsEnd="2099-08-01T00:00:00")
    company.control.edit(session, title="Renamed")
    [staff] = [one for one in company.control.dump("Staff") if one["bookingId"] == session][:1]
    other = known(company, "Contact", firstName="Gareth", lastName="Fairweather")
    company.control.edit(staff["id"], contactId=other)
    synced(company)
    run = run_states(company.database)[0]
    assert run.command == "sync"
    assert rolled_back(company, run.run_id).kept == []
    assert tables(company) == before
    proven(company)
    synced(company)
    taken_back = {
        (event, "lms_end"): "rolled back",
        (session, "title"): "rolled back",
        (session, "instructors"): "rolled back",
    }
    assert listed(company) == taken_back
    synced(company)
    assert listed(company) == taken_back
    company.control.edit(event, lmsEnd="2099-09-01T00:00:00")
    assert changes(synced(company))["events"]["applied"] == 1
    assert (event, "lms_end") not in listed(company)
    proven(company)


def test_an_edit_of_the_web_application_is_not_rolled_back_with_the_sync_that_saw_it(
    company_in_step: Company,
) -> None:
    company = company_in_step
    [a, *_] = tutorial_ids(company, "A")
    write(company, "UPDATE acted.tutorial_events SET is_soldout = true WHERE id = :id", id=a)
    synced(company)
    rolled_back(company, run_states(company.database)[0].run_id)
    assert (True,) in company.rows(acted.EVENTS, "is_soldout")
    proven(company)


def test_an_import_that_the_web_application_has_edited_since_is_kept_by_its_rollback(
    company_in_step: Company,
) -> None:
    company = company_in_step
    [a, *_] = tutorial_ids(company, "A")
    write(company, "UPDATE acted.tutorial_events SET is_soldout = true WHERE id = :id", id=a)
    company.control.edit(ids(company)[1], lmsEnd="2099-08-01T00:00:00")
    synced(company)
    run = next(one for one in run_states(company.database) if one.command == "import-events")
    rolled_back(company, run.run_id)
    left = {code for (code,) in company.rows(acted.EVENTS, "code")}
    assert "A" in left
    assert left.isdisjoint({"B", "C"})
    proven(company)
