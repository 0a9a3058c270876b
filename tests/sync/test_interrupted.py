"""Interrupted anywhere and resumed, a sync ends as it would have ended; failed, it changes nothing.

By default a few of the points are tried; with ADMSYNC_EVERY_POINT=1 every API call and every COMMIT
of a whole ``sync all`` in turn, on both sides of it; with a larger number, every so many.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy.engine import make_url

from ledger.errors import StoppedResumably
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases
from tests.proxy import proxied
from tests.sync.company import Company
from tests.sync.outcome import outcome

EVERY = int(os.environ.get("ADMSYNC_EVERY_POINT", "0"))
SYNC_ALL = ("sync", "all", "--no-prompt", "--page-size", "40")
# More of each than a sync has: at a point it never comes to, it ends undisturbed.
CALLS = range(1, 45, EVERY) if EVERY else (9, 24)
COMMITS = range(1, 150, EVERY) if EVERY else (1, 52, 112)
PATIENCE = 60.0


@pytest.fixture(scope="module")
def undisturbed(
    databases: Databases, company_template: str, company_sandbox: RunningSandbox
) -> Iterator[dict[str, list[Any]]]:
    """What a sync of everything comes to that nothing interrupts."""
    with databases.fresh(company_template) as url:
        company_sandbox.control.reset()
        company = Company(url, company_sandbox)
        company.sync(page_size=40)
        yield outcome(company)


def waited(reached: Callable[[], bool], process: subprocess.Popen[str]) -> bool:
    """Waits until the process has come to a point; False where it ended before."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if reached():
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.02)
    raise TimeoutError("the process neither came to the point nor to its end")


def resumed(company: Company) -> None:
    """Resumes the run as soon as the server knows that its process is gone."""
    waited_for = time.monotonic() + PATIENCE
    while company.values("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") != [0]:
        assert time.monotonic() < waited_for
        time.sleep(0.02)
    if company.values("SELECT state FROM ledger.runs") == ["running"]:
        company.sync(resume=True)
    else:
        # Killed before its first event stood: there is nothing to resume, and nothing was done.
        assert company.values("SELECT count(*) FROM ledger.runs") == [0]
        company.sync(page_size=40)


@pytest.mark.parametrize("number", CALLS)
def test_killed_at_any_call_and_resumed_it_ends_the_same(
    company: Company, undisturbed: dict[str, list[Any]], number: int
) -> None:
    company.control.set_faults(f"hang:*:{number}")
    process = company.started(*SYNC_ALL)
    reached = waited(lambda: any(call.faults for call in company.control.calls()), process)
    process.kill()
    process.communicate()
    company.control.clear_faults()
    if reached:
        resumed(company)
    assert outcome(company) == undisturbed


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", COMMITS)
def test_killed_at_any_commit_and_resumed_it_ends_the_same(
    company: Company, undisturbed: dict[str, list[Any]], number: int, done: bool
) -> None:
    with proxied(company.url) as faults:
        faults.stall_at, faults.stall_done = number, done
        process = company.started(*SYNC_ALL, url=faults.url)
        reached = waited(faults.stalled.is_set, process)
        process.kill()
        process.communicate()
    if reached and company.values("SELECT state FROM ledger.runs") != ["done"]:
        resumed(company)
    assert outcome(company) == undisturbed


@pytest.mark.parametrize(
    "fault",
    ["reset-before:Venues:*", "429:Venues:*", "not-json:Venues:*", "null:Venues:*:totalRecords"],
)
def test_a_call_that_fails_changes_no_row_and_can_be_resumed(synced: Company, fault: str) -> None:
    synced.control.remove(synced.venue("Clifton Lodge"))
    synced.control.edit(synced.venue("Waverley Hall"), name="Waverley House")
    before = synced.snapshot()
    synced.control.set_faults(fault)
    with pytest.raises(StoppedResumably, match="go on with: admsync resume"):
        synced.sync("venues")
    assert synced.snapshot() == before
    synced.control.clear_faults()
    [step] = synced.sync(resume=True).steps
    assert (step["counts"]["deleted"], step["counts"]["updated"]) == (1, 1)


def test_a_page_that_fails_after_others_came_changes_no_row(synced: Company) -> None:
    synced.control.edit(synced.venue("Waverley Hall"), name="Waverley House")
    before = synced.snapshot()
    synced.control.set_faults("not-json:Venues:3-")
    with pytest.raises(StoppedResumably):
        synced.sync("venues", page_size=5)
    assert synced.snapshot() == before
    synced.control.clear_faults()
    synced.control.forget()
    synced.sync(resume=True)
    # The pages that came are used again.
    asked = [call.variables for call in synced.control.calls() if call.operation == "Venues"]
    assert min(variables["offset"] for variables in asked) > 0


def test_refused_credentials_change_no_row_and_exit_3(synced: Company) -> None:
    before = synced.snapshot()
    done = synced.admsync(
        "sync", "all", code=3, settings={"ADMINISTRATE_API_SECRET": "not-the-secret-there-is"}
    )
    assert "the key or secret was refused" in done.stderr
    assert "not-the-secret" not in done.stdout + done.stderr
    assert synced.snapshot() == before
    told = done.stderr.splitlines()[-1]
    synced.admsync(*told.rpartition("admsync ")[2].split())
    assert synced.document("runs")[0]["state"] == "done"


def test_an_administrate_that_is_not_there_changes_no_row(synced: Company) -> None:
    before = synced.snapshot()
    gone = evolve(synced.sandbox, settings=dict(synced.sandbox.settings))
    gone.settings["ADMINISTRATE_API_URL"] = "http://127.0.0.1:9/graphql"
    with pytest.raises(StoppedResumably, match="no connection"):
        evolve(synced, sandbox=gone).sync()
    assert synced.snapshot() == before


def test_a_second_run_on_an_entity_is_told_who_holds_it_and_since_when(company: Company) -> None:
    company.control.set_faults("hang:Locations:1")
    process = company.started("sync", "locations")
    assert waited(lambda: any(call.faults for call in company.control.calls()), process)
    [run] = company.values("SELECT run_id::text FROM ledger.runs")
    refused = company.admsync("sync", "all", code=1)
    assert f"run {run} works on entity/locations since 2" in refused.stderr
    other = company.admsync("sync", "price-levels")
    assert "3 created" in other.stdout
    process.kill()
    process.communicate()


def test_the_first_interrupt_finishes_the_call_in_hand(company: Company) -> None:
    company.control.set_faults("latency:Contacts:*:1.5")
    process = company.started("sync", "instructors", "--page-size", "10")
    assert waited(lambda: company.control.count("Contacts") > 0, process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 3
    assert "stopping after the call in hand; Ctrl-C again stops at once\n" in said
    assert "stopped on request; go on with: admsync resume" in said.splitlines()[-1]
    # What was asked for has been answered, and the answer kept.
    assert len(company.events("PageFetched")) == 1
    company.control.clear_faults()
    assert company.document("resume")["steps"][0]["counts"]["created"] == 46


def test_the_second_interrupt_stops_at_once(company: Company) -> None:
    company.control.set_faults("hang:Contacts:1")
    process = company.started("sync", "instructors")
    assert waited(lambda: any(call.faults for call in company.control.calls()), process)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert any("Ctrl-C again stops at once" in line for line in process.stderr)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    # Well before the call that is never answered is given up.
    _, said = process.communicate(timeout=PATIENCE / 2)
    assert process.returncode == 3
    assert "admsync resume" in said.splitlines()[-1]
    company.control.clear_faults()
    assert company.document("resume")["steps"][0]["counts"]["created"] == 46


def test_the_first_interrupt_ends_the_wait_for_another_attempt(company: Company) -> None:
    company.control.set_faults("429:Contacts:*")
    process = company.started("sync", "instructors")
    assert waited(lambda: any(call.faults for call in company.control.calls()), process)
    process.send_signal(signal.SIGINT)
    # Well before the time for which a call is tried again is over.
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3
    assert "not sent: stopped on request; go on with: admsync resume" in said.splitlines()[-1]
    assert company.values("SELECT state FROM ledger.runs") == ["stopped"]


def test_a_stopped_sync_is_set_aside_by_a_person_or_by_a_later_one(synced: Company) -> None:
    synced.control.set_faults("not-json:Venues:*")
    for _ in range(2):
        with pytest.raises(StoppedResumably):
            synced.sync("venues")
    synced.control.clear_faults()
    assert "admsync resume" in synced.admsync("runs").stderr
    told = synced.admsync("set-aside", "last", "--reason", "the night does it", "--json").stdout
    assert '"state": "set aside"' in told
    synced.admsync("sync", "all", "--no-prompt")
    done = synced.admsync("runs")
    assert "unfinished" not in done.stderr
    assert len(re.findall(r"^\S+  set aside  sync", done.stdout, re.MULTILINE)) == 2
    assert "there is nothing to go on with" in synced.admsync("resume", code=2).stderr


@pytest.fixture
def stopped(synced: Company) -> Company:
    """A sync that stopped, by an Administrate that is well again."""
    synced.control.set_faults("not-json:Venues:*")
    with pytest.raises(StoppedResumably):
        synced.sync("venues")
    synced.control.clear_faults()
    return synced


def said_to_go_on(company: Company, url: str) -> str:
    """What a resume says on the database at a URL, which is not to be had there just now."""
    done = evolve(company, url=url).admsync("resume", code=3)
    assert done.stderr.endswith("; go on with: admsync resume\n")
    assert company.values("SELECT count(*) FROM ledger.runs WHERE state = 'stopped'") == [1]
    return done.stderr


def test_a_resume_without_its_database_is_to_be_resumed(stopped: Company) -> None:
    away = make_url(stopped.url).set(host="127.0.0.1", port=9, query={})
    told = said_to_go_on(stopped, away.render_as_string(hide_password=False))
    assert "the database cannot be reached" in told
    stopped.admsync("resume")


def test_a_resume_that_gets_no_connection_is_to_be_resumed(stopped: Company) -> None:
    stopped.change("CREATE ROLE crowded LOGIN PASSWORD 'crowded' CONNECTION LIMIT 0")
    try:
        crowded = make_url(stopped.url).set(username="crowded", password="crowded")
        told = said_to_go_on(stopped, crowded.render_as_string(hide_password=False))
        assert "too many connections" in told
    finally:
        stopped.change("DROP ROLE crowded")
    stopped.admsync("resume")


def test_a_resume_whose_statements_are_cut_short_is_to_be_resumed(stopped: Company) -> None:
    stopped.change(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'canceling statement' USING ERRCODE = '57014'; END $$"
    )
    stopped.change(
        "CREATE TRIGGER cut BEFORE INSERT ON ledger.events FOR EACH ROW EXECUTE FUNCTION cut()"
    )
    told = said_to_go_on(stopped, stopped.url)
    assert "the database could not do it now: canceling statement" in told
    stopped.change("DROP TRIGGER cut ON ledger.events")
    stopped.admsync("resume")
