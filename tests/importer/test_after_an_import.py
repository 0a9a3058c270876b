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
from ledger.tables import acted, adm
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


def test_another_code_is_damage_that_is_told_but_never_overwritten(
    company: Company, tmp_path: Path
) -> None:
    key = made(company, tmp_path)
    write(company, "UPDATE acted.tutorial_events SET code = 'forged' WHERE id = :id", id=key)
    assert replay(company.database).rows == {"acted.tutorial_events": 1}
    with new_run(company.ledger, "replay --apply") as run:
        assert mend(run) == {}
    assert ("forged",) in company.rows(acted.EVENTS, "code")


def test_what_a_replay_cannot_mend_it_does_not_offer_to_and_makes_no_run_for(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    key = made(company, tmp_path)
    write(
        company,
        "UPDATE acted.tutorial_sessions SET title = 'x' WHERE tutorial_event_id = :id",
        id=key,
    )
    events_as_json = "  acted.tutorial_sessions is the web application's: correct it there."
    runs = run_states(company.database)
    for arguments in (["replay"], ["replay", "--apply"], ["verify"]):
        done = admsync(*arguments, url=company_url)
        assert done.returncode == 1
        assert done.stdout.splitlines()[-1] == events_as_json
    assert run_states(company.database) == runs
    write(company, "UPDATE adm.venues SET name = 'x'")
    mended = admsync("replay", "--apply", url=company_url)
    assert mended.returncode == 1
    assert "admsync replay --apply sets the others to what the ledger says." in mended.stdout
    assert "✓ adm.venues: " in mended.stdout
    assert admsync("replay", url=company_url).stdout.splitlines()[-1] == events_as_json


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
