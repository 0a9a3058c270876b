"""What an import made goes on: the web application sells it, people ask how it came to be."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from ledger.database.connection import driver
from ledger.history.as_json import events_as_json
from ledger.history.find_record import find_record
from ledger.history.record_history import events_about, link_of
from ledger.replay.compare import replay
from ledger.replay.mend import mend
from ledger.runs.run import new_run
from ledger.runs.states import run_states
from ledger.schema import acted, adm
from tests.importer.company import Company, a_workbook, an_own_event
from tests.program import admsync


def made(company: Company, folder: Path) -> int:
    """An event imported; its tutorial event's primary key."""
    [outcome] = company.imported(a_workbook(folder, an_own_event("A"))).outcomes
    return outcome.in_progress.keys.tutorial


def write(company: Company, statement: str, **values: object) -> None:
    """What the web application writes in its own tables."""
    with company.database.transaction() as connection:
        connection.execute(text(statement), values)


def test_a_place_sold_is_told_and_is_no_damage(company: Company, tmp_path: Path) -> None:
    key = made(company, tmp_path)
    write(company, "UPDATE acted.tutorial_events SET remain_space = 3 WHERE id = :id", id=key)
    found = replay(company.database)
    assert found.ok
    assert [(one.column, one.ledger, one.stands) for one in found.edited] == [
        ("remain_space", 14, 3)
    ]


def test_any_edit_of_the_web_application_is_told_and_never_overwritten(
    company: Company, tmp_path: Path
) -> None:
    key = made(company, tmp_path)
    write(company, "UPDATE acted.tutorial_events SET code = 'renamed' WHERE id = :id", id=key)
    write(
        company,
        "UPDATE acted.tutorial_sessions SET title = 'x' WHERE tutorial_event_id = :id",
        id=key,
    )
    found = replay(company.database)
    assert found.ok
    assert {(one.column, one.stands) for one in found.edited} == {
        ("code", "renamed"),
        ("title", "x"),
    }
    with new_run(company.ledger, "replay --apply") as run:
        assert mend(run) == {}
    assert ("renamed",) in company.rows(acted.EVENTS, "code")


def test_a_deleted_row_is_told_and_not_made_again(company: Company, tmp_path: Path) -> None:
    key = made(company, tmp_path)
    sessions = "SELECT id FROM acted.tutorial_sessions WHERE tutorial_event_id = :id"
    instructors = "acted.tutorial_session_instructors"
    write(company, f"DELETE FROM {instructors} WHERE tutorialsessions_id IN ({sessions})", id=key)
    found = replay(company.database)
    assert found.ok
    assert {(one.table, one.column, one.stands) for one in found.edited} == {
        (instructors, None, None)
    }
    with new_run(company.ledger, "replay --apply") as run:
        assert mend(run) == {}
    assert replay(company.database).edited == found.edited


def test_a_replay_offers_to_mend_what_it_can_and_makes_no_run_for_edits(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    key = made(company, tmp_path)
    write(
        company,
        "UPDATE acted.tutorial_sessions SET title = 'x' WHERE tutorial_event_id = :id",
        id=key,
    )
    runs = run_states(company.database)
    for arguments in (["replay"], ["replay", "--apply"], ["verify"]):
        done = admsync(*arguments, url=company_url)
        assert done.returncode == 0
        assert "title changed, 'A-1' → 'x', by the web application" in done.stdout
    assert run_states(company.database) == runs
    write(company, "UPDATE adm.venues SET name = 'x'")
    assert "replay --apply sets them" in admsync("replay", url=company_url).stdout
    mended = admsync("replay", "--apply", url=company_url)
    assert mended.returncode == 0
    assert "✓ adm.venues: " in mended.stdout


def test_rows_of_the_web_applications_own_are_not_compared(company: Company) -> None:
    write(company, "UPDATE acted.tutorial_events SET code = 'renamed' WHERE id = 1")
    assert replay(company.database).ok


def test_a_history_is_one_whichever_of_its_names_is_asked_for(
    company: Company, tmp_path: Path
) -> None:
    key = made(company, tmp_path)
    [(row_id, external_id)] = company.rows(adm.EVENTS, "id", "external_id")
    with company.database.transaction() as connection:
        reader = driver(connection)
        asked = ("A", f"adm.events/id={row_id}", f"adm.events/{external_id}")
        found = [find_record(reader, one).record for one in asked]
        assert found == [f"adm.events/{external_id}"] * 3
        ways = [f"adm.events/id={row_id}", *found, f"acted.tutorial_events/{key}"]
        selections = [events_about(reader, [link_of(reader, way)]) for way in ways]
        types = [
            {one["type"] for one in events_as_json(reader, selection)} for selection in selections
        ]
    both = {"RecordObserved", "MatchDecided", "RecordIdentified"}
    assert types[0] >= both
    assert all(one >= both | {"TutorialEventCreated", "WriteAnswered"} for one in types[1:])
