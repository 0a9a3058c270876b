"""A run is the run's business: who reads what it says, and by what alphabet, does not change it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.program import ADMSYNC, environment
from tests.sync.company import SHIPPED, Company
from tests.terminal import at_terminal

SYNC_ALL = ("sync", "all", "--no-prompt", "--page-size", "40")


def states(company: Company) -> list[str]:
    return company.values("SELECT state FROM ledger.runs")


@pytest.mark.parametrize("stderr", [subprocess.PIPE, subprocess.STDOUT], ids=["output", "both"])
def test_a_reader_who_goes_away_leaves_the_run_to_its_end(company: Company, stderr: int) -> None:
    with subprocess.Popen(
        [ADMSYNC, *SYNC_ALL],
        env=environment(company.url, {**company.sandbox.settings, "ADMSYNC_LOG": "json"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read() if process.stderr is not None else ""
    assert process.returncode == 0
    assert all(json.loads(line)["level"] == "info" for line in said.splitlines())
    assert states(company) == ["done"]


def test_a_full_disk_under_the_output_leaves_the_run_to_its_end(company: Company) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [ADMSYNC, *SYNC_ALL],
            env=environment(company.url, company.sandbox.settings),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=full,
            check=False,
        )
    assert done.returncode == 0
    assert states(company) == ["done"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_of_few_letters_gets_those_it_has(company: Company, encoding: str) -> None:
    done = company.admsync("sync", "price-levels", settings={"PYTHONIOENCODING": encoding})
    assert f"Price levels: {SHIPPED['price-levels']} created" in done.stdout
    assert states(company) == ["done"]


def test_json_is_whole_whatever_the_terminal_can_show(company: Company) -> None:
    company.control.edit(company.location("London"), name="Łódź ✓")
    few = {"PYTHONIOENCODING": "latin-1"}
    synced = json.loads(company.admsync("sync", "locations", "--json", settings=few).stdout)
    shown = json.loads(company.admsync("show", "last", "--json", settings=few).stdout)
    assert synced["ok"]
    assert "Łódź ✓" in [event["payload"].get("fields", {}).get("name") for event in shown]


HOSTILE = "Lon\x1b[2J\x9b1m\u202edon\u200b\u2028"


def test_no_character_of_a_name_acts_on_the_terminal(company: Company) -> None:
    company.control.edit(company.location("London"), name=HOSTILE)
    commands = [("sync", "locations", "--no-prompt"), ("discrepancies",), ("show", "last")]
    for command in (*commands, ("runs",), ("show", "last", "--json")):
        given = {**company.sandbox.settings, "ADMSYNC_ACTOR": HOSTILE}
        with at_terminal(*command, url=company.url, settings=given, elsewhere="") as terminal:
            code, _ = terminal.ends()
        assert code == 0, terminal.seen
        assert not set(HOSTILE) & set("\x1b\x9b\u202e\u200b\u2028") & set(terminal.seen)
        shown = r"\u001b[2J" if "--json" in command else r"\x1b[2J\x9b1m\u202e"
        assert shown in terminal.seen
