"""What only the tutorial side has, decided record by record at a terminal, and created."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sync.company import Company
from tests.terminal import PATIENCE, Terminal, at_terminal


@contextmanager
def started(company: Company, *arguments: str, **settings: str) -> Iterator[Terminal]:
    """The program on the company, at a terminal that shows its output."""
    given = {**company.sandbox.settings, **settings}
    with at_terminal(*arguments, url=company.url, settings=given, elsewhere="stderr") as terminal:
        yield terminal


def agrees(terminal: Terminal) -> None:
    """Has all four locations created in the first region: three after a second look, since there
    are some that are called nearly so."""
    terminal.answers("(1 of 4)", "c")
    terminal.answers("Which region?", "1")
    terminal.answers("(2 of 4)", "same")
    for _ in range(3):
        terminal.answers("anyway? [y/N]:", "y")
    terminal.answers("Create them? [y/N]:", "y")


def made(company: Company, mutation: str = "location.create") -> int:
    return len(company.control.changes(mutation))


def test_after_a_yes_each_is_created_once_and_linked_in_the_same_run(
    company: Company, tmp_path: Path
) -> None:
    with started(company, "sync", "locations") as terminal:
        agrees(terminal)
        assert terminal.ends() == (0, ""), terminal.seen
    assert "→ location 'Cardiff': created in United Kingdom" in terminal.seen
    assert "✓ created: location Cardiff" in terminal.seen
    assert made(company) == 4
    # The sync was done before anything was asked; the creation is a run of its own.
    creation, sync = company.rows("SELECT state, counts FROM ledger.runs ORDER BY started_at DESC")
    assert (sync[0], sync[1]["created"]) == ("done", 17)
    assert (creation[0], creation[1]["created"]) == ("done", 4)
    assert company.values(
        "SELECT count(*) FROM acted.tutorial_locations t WHERE is_active AND NOT EXISTS"
        " (SELECT FROM adm.locations WHERE tutorial_location_id = t.id) AND name <> 'Reading'"
    ) == [0]
    # A second run has nothing left to ask.
    with started(company, "sync", "locations") as again:
        assert again.ends() == (0, "")
    assert "Only in the tutorial tables" not in again.seen
    company.admsync("verify")
    told = company.admsync("show", str(company.document("runs")[1]["run_id"])).stdout
    assert "A person agreed to create 4 of the unmatched locations in Administrate, each in" in told
    assert "A person agreed to create 4" in company.admsync("history", "Cardiff").stdout
    pack = str(tmp_path / "pack.zip")
    company.admsync("export", str(company.document("runs")[1]["run_id"]), "--audit", pack)


def test_each_record_is_linked_created_or_left_as_it_is_decided(company: Company) -> None:
    [dublin] = [one["id"] for one in company.control.dump("Region") if one["code"] == "IE"]
    with started(company, "sync", "locations", ADMINISTRATE_REGION_ID=dublin) as terminal:
        terminal.answers("Location 'Cardiff' (1 of 4)", "s")
        terminal.answers("Location 'Newcastle ' (1 of 4)", "l")
        terminal.answers("Why?", "typed with a space")
        terminal.answers("Location 'Notingham' (2 of 4)", "c")
        terminal.answers("There is 'Nottingham' (one letter less", "")
        terminal.answers("Location 'Notingham' (2 of 4)", "n")
        terminal.answers("Why? [not needed in Administrate]:", "")
        terminal.answers("Location 'Zurich' (3 of 4)", "")
        terminal.answers("Location 'Cardiff' (4 of 4)", "create")
        terminal.answers("Create it? [y/N]:", "y")
        assert terminal.ends() == (0, ""), terminal.seen
    assert "Which region?" not in terminal.seen
    assert "1 record left for later: admsync discrepancies decide" in terminal.seen
    [cardiff] = [one for one in company.control.dump("Location") if one["name"] == "Cardiff"]
    assert cardiff["regionId"] == dublin
    assert made(company) == 1
    taken = [(one["decision"], one["reason"]) for _, one in company.events("DecisionTaken")]
    assert taken == [("accept", "typed with a space"), ("ignore", "not needed in Administrate")]
    # The same dialogue by itself has what is left.
    with started(company, "discrepancies", "decide") as again:
        again.answers("Location 'Zurich' (1 of 1)", "q")
        assert again.ends() == (0, "")
    assert "left for later" in again.seen


@pytest.mark.parametrize("at", ["record", "plan"])
def test_an_interrupt_means_later_and_leaves_the_sync_done(company: Company, at: str) -> None:
    with started(company, "sync", "locations", ADMINISTRATE_REGION_ID="UmVnaW9uOjE=") as terminal:
        terminal.answers("(1 of 4)", "c")
        if at == "plan":
            terminal.answers("(2 of 4)", "q")
            terminal.shows("Create it? [y/N]:")
        else:
            terminal.shows("(2 of 4)")
        # A signal between the question and the wait for its answer shows only once somebody types.
        terminal.waits()
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ends() == (0, ""), terminal.seen
    assert "4 records left for later" in terminal.seen
    assert company.values("SELECT state FROM ledger.runs") == ["done"]
    assert made(company) == 0


def test_what_cannot_be_created_is_listed_to_be_entered_by_hand(synced: Company) -> None:
    with started(synced, "sync", "all") as terminal:
        terminal.answers("(1 of ", "q")
        assert terminal.ends() == (0, "")
    _, by_hand, listed = terminal.seen.partition(
        "Venues cannot be created through the API; enter by hand in Administrate:"
    )
    assert by_hand
    assert "    Conference Room A (London)\n" in listed
    assert synced.control.changes() == []


def test_nobody_is_asked_without_a_terminal(company: Company) -> None:
    refused = company.admsync("discrepancies", "decide", code=2)
    assert "there is nobody to ask here" in refused.stderr


@pytest.mark.parametrize("fault", ["hang:location.create:2", "hang-after:location.create:2"])
def test_killed_while_creating_and_resumed_nothing_is_created_twice(
    company: Company, fault: str
) -> None:
    company.control.set_faults(fault)
    with started(company, "sync", "locations") as terminal:
        agrees(terminal)
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
        terminal.answers("(no name)", "c")
        terminal.answers("Which region?", "1")
        terminal.answers("(2 of 4)", "q")
        terminal.answers("Create it? [y/N]:", "y")
        assert terminal.ends() == (4, ""), terminal.seen
    assert "✗ not created: location" in terminal.seen


def test_what_somebody_else_has_created_meanwhile_is_not_created_again(company: Company) -> None:
    with started(company, "sync", "locations") as terminal:
        terminal.answers("Location 'Cardiff' (1 of 4)", "c")
        terminal.answers("Which region?", "1")
        terminal.answers("(2 of 4)", "q")
        terminal.shows("Create it? [y/N]:")
        region = company.control.dump("Region")[0]["id"]
        other = company.control.insert("Location", name="Cardiff", regionId=region)["id"]
        terminal.types("y")
        assert terminal.ends() == (4, ""), terminal.seen
    assert f"it is there by now: {other}" in terminal.seen
    assert made(company) == 0
    linked = "SELECT external_id FROM adm.locations WHERE tutorial_location_id IS NOT NULL"
    assert other in company.values(f"{linked} AND name = 'Cardiff'")


def test_what_stands_there_twice_waits_for_a_person_and_is_linked_when_resumed(
    company: Company,
) -> None:
    with started(company, "sync", "locations") as terminal:
        terminal.answers("Location 'Cardiff' (1 of 4)", "c")
        terminal.answers("Which region?", "1")
        terminal.answers("(2 of 4)", "q")
        terminal.shows("Create it? [y/N]:")
        # It is looked for before it is created, and not found; then its answer never comes, and it
        # is not to be looked up either.
        company.control.set_faults("not-json:LocationCreate:1", "not-json:Locations:2-")
        terminal.types("y")
        assert terminal.ends() == (3, ""), terminal.seen
    company.control.clear_faults()
    region = company.control.dump("Region")[0]["id"]
    twin = company.control.insert("Location", name="Cardiff", regionId=region)["id"]
    company.admsync("resume", code=3)
    [reason] = company.values("SELECT reason FROM ledger.runs WHERE state = 'stopped'")
    assert "location Cardiff may be any of" in reason
    assert reason.endswith("delete the others in Administrate")
    # As long as both are there, resuming comes to the same; what is advised is not refused.
    advised = company.admsync("runs").stderr
    assert "admsync resume continues it" in advised
    assert "may be any of" in company.admsync("resume", code=3).stderr
    company.control.remove(twin)
    company.admsync("resume")
    assert company.values("SELECT DISTINCT state FROM ledger.runs") == ["done"]
    assert company.values("SELECT count(*) FROM ledger.open_writes") == [0]
    assert company.values(
        "SELECT count(*) FROM adm.locations"
        " WHERE name = 'Cardiff' AND tutorial_location_id IS NOT NULL"
    ) == [1]
    assert made(company) == 1
