"""Creating in Administrate what only the tutorial side has, after a yes at the prompt."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sync.company import Company
from tests.terminal import PATIENCE, Terminal, at_terminal

QUESTION = "Create the unmatched tutorial locations in Administrate? [y/N]:"


@contextmanager
def started(company: Company, *arguments: str, **settings: str) -> Iterator[Terminal]:
    """The program on the company, at a terminal that shows its output."""
    given = {**company.sandbox.settings, **settings}
    with at_terminal(*arguments, url=company.url, settings=given, elsewhere="stderr") as terminal:
        yield terminal


def created(terminal: Terminal, code: int = 0) -> None:
    """Says yes, with the first region, and waits for the end."""
    terminal.answers(QUESTION, "y")
    terminal.answers("Which region?", "1")
    assert terminal.ends() == (code, ""), terminal.seen


def made(company: Company, mutation: str = "location.create") -> int:
    return len(company.control.changes(mutation))


def test_after_a_yes_each_is_created_once_and_linked_in_the_same_run(company: Company) -> None:
    with started(company, "sync", "locations") as terminal:
        created(terminal)
    assert "✓ created: location Cardiff" in terminal.seen
    assert made(company) == 4
    # Fetched twice in the run: what was there at first counts once, and the first pages no more.
    [counts] = company.values("SELECT counts FROM ledger.runs")
    assert (counts["created"], counts["unchanged"]) == (17 + 4, 0)
    assert company.values("SELECT count(*) FROM ledger.events WHERE type = 'FetchRestarted'") == [1]
    assert company.values(
        "SELECT count(*) FROM acted.tutorial_locations t WHERE is_active AND NOT EXISTS"
        " (SELECT FROM adm.locations WHERE tutorial_location_id = t.id) AND name <> 'Reading'"
    ) == [0]
    # A second run has nothing left to ask.
    with started(company, "sync", "locations") as again:
        assert again.ends() == (0, "")
    assert "[y/N]" not in again.seen
    company.admsync("verify")


def test_a_run_in_which_a_person_agreed_is_shown_told_and_exported(
    company: Company, tmp_path: Path
) -> None:
    with started(company, "sync", "locations") as terminal:
        created(terminal)
    shown = company.admsync("show", "last").stdout
    assert (
        "A person agreed to create 4 of the unmatched locations in Administrate, each in" in shown
    )
    assert "(Cardiff)" in shown
    assert "A person agreed to create 4" in company.admsync("history", "Cardiff").stdout
    company.admsync("export", "last", "--audit", str(tmp_path / "pack.zip"))


def test_a_no_creates_nothing(company: Company) -> None:
    with started(company, "sync", "locations") as terminal:
        terminal.answers(QUESTION, "")
        assert terminal.ends() == (0, "")
    assert company.control.changes() == []


def test_the_region_may_be_a_setting(company: Company) -> None:
    [dublin] = [one["id"] for one in company.control.dump("Region") if one["code"] == "IE"]
    with started(company, "sync", "locations", ADMINISTRATE_REGION_ID=dublin) as terminal:
        terminal.answers(QUESTION, "y")
        assert terminal.ends() == (0, "")
    assert "Which region?" not in terminal.seen
    [cardiff] = [one for one in company.control.dump("Location") if one["name"] == "Cardiff"]
    assert cardiff["regionId"] == dublin


def test_venues_are_listed_to_be_entered_by_hand_and_all_is_asked_once(synced: Company) -> None:
    question = "Create the unmatched tutorial locations and instructors and course templates"
    with started(synced, "sync", "all") as terminal:
        terminal.answers(question, "n")
        assert terminal.ends() == (0, "")
    _, by_hand, listed = terminal.seen.partition(
        "Venues cannot be created through the API; enter by hand in Administrate:"
    )
    assert by_hand
    assert "    Conference Room A (London)\n" in listed
    assert terminal.seen.count("[y/N]") == 1
    assert synced.control.changes() == []


@pytest.mark.parametrize("fault", ["hang:location.create:2", "hang-after:location.create:2"])
def test_killed_while_creating_and_resumed_nothing_is_created_twice(
    company: Company, fault: str
) -> None:
    company.control.set_faults(fault)
    with started(company, "sync", "locations") as terminal:
        terminal.answers(QUESTION, "y")
        terminal.answers("Which region?", "1")
        deadline = time.monotonic() + PATIENCE
        while not any(call.faults for call in company.control.calls()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        terminal.kill()
    company.control.clear_faults()
    # Nobody is asked again: what was agreed to is in the ledger.
    told = company.document("resume")
    assert len(told["created"]) == 4
    assert all(one["done"] for one in told["created"])
    assert made(company) == 4
    adopted = len(company.events("WriteAdopted"))
    assert adopted == fault.startswith("hang-after")
    assert company.document("runs")[0]["state"] == "done"


def test_what_administrate_refuses_is_told_and_exits_4(company: Company) -> None:
    company.control.switch(unique_location_names=True)
    company.change("UPDATE acted.tutorial_locations SET name = '' WHERE name = 'Cardiff'")
    with started(company, "sync", "locations") as terminal:
        created(terminal, code=4)
    assert "✗ not created: location" in terminal.seen


def test_an_interrupt_at_the_question_stops_the_run_which_asks_again_when_resumed(
    company: Company,
) -> None:
    with started(company, "sync", "locations") as terminal:
        terminal.shows(QUESTION)
        # A signal between the question and the wait for its answer shows only once somebody types.
        time.sleep(0.5)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ends() == (3, "")
    assert company.values("SELECT reason FROM ledger.runs") == [
        "locations: interrupted at the question"
    ]
    with started(company, "resume") as again:
        again.answers(QUESTION, "n")
        assert again.ends() == (0, "")
    assert made(company) == 0
    assert company.values("SELECT state FROM ledger.runs") == ["done"]


def test_what_stands_there_twice_waits_for_a_person_and_is_linked_when_resumed(
    company: Company,
) -> None:
    company.control.set_faults("500-after:LocationCreate:1")
    with started(company, "sync", "locations") as terminal:
        terminal.shows(QUESTION)
        region = company.control.dump("Region")[0]["id"]
        twin = company.control.insert("Location", name="Cardiff", regionId=region)["id"]
        terminal.types("y")
        terminal.answers("Which region?", "1")
        assert terminal.ends() == (3, ""), terminal.seen
    [reason] = company.values("SELECT reason FROM ledger.runs WHERE state = 'stopped'")
    assert "location Cardiff may be any of" in reason
    assert reason.endswith("delete the others in Administrate")
    # As long as both are there, resuming comes to the same; what is advised is not refused.
    advised = company.admsync("runs").stderr
    assert "admsync resume continues it" in advised
    assert "may be any of" in company.admsync("resume", code=3).stderr
    company.control.remove(twin)
    company.admsync("resume")
    assert company.values("SELECT state FROM ledger.runs") == ["done"]
    assert company.values("SELECT count(*) FROM ledger.open_writes") == [0]
    assert company.values(
        "SELECT count(*) FROM adm.locations"
        " WHERE name = 'Cardiff' AND tutorial_location_id IS NOT NULL"
    ) == [1]
    assert made(company) == 4
