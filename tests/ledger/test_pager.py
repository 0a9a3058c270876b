"""What is longer than the terminal goes through a pager, and what fits does not."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ledger.output.pager import pager_of
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.forked_program import run_at_terminal
from tests.ledger.record_events import observed
from tests.program import ADMSYNC, admsync, environment


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({"TERM": "xterm", "PAGER": "sh -c 'cat -n'"}, ["sh", "-c", "cat -n"]),
        ({"TERM": "xterm", "PAGER": "sort", "ADMSYNC_PAGER": "sh"}, ["sh"]),
        ({"TERM": "xterm", "PAGER": "sort", "ADMSYNC_PAGER": ""}, None),
        ({"TERM": "xterm", "PAGER": "cat"}, None),
        ({"TERM": "xterm", "PAGER": "no-such-program"}, None),
        ({"TERM": "xterm", "PAGER": "sh 'x"}, None),
        ({"TERM": "dumb", "PAGER": "sh"}, None),
        ({"PAGER": "sh"}, None),
    ],
)
def test_a_pager_is_named(environ: dict[str, str], command: list[str] | None) -> None:
    assert pager_of(environ) == command


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    with new_run(ledger, "sync venues") as run:
        run.append(*(observed("adm.venues", f"V{n}", n, name=f"Room {n}") for n in range(1, 40)))
    return ledger


def shown(url: str, pager: str, *arguments: str) -> str:
    given = environment(url, {"TERM": "xterm", "COLUMNS": "", "ADMSYNC_PAGER": pager})
    code, seen = run_at_terminal([str(ADMSYNC), *arguments], given, "/", columns=100)
    assert code == 0, seen
    return seen.decode().replace("\r\n", "\n")


def test_what_is_longer_than_the_terminal_goes_through_it(
    told: Ledger, database_url: str, tmp_path: Path
) -> None:
    assert told
    pager, left = tmp_path / "pager", tmp_path / "left"
    pager.write_text("#!/bin/sh\nsed 's/^/| /'\n")
    left.write_text("#!/bin/sh\nhead -n 3\n")
    for program in (pager, left):
        program.chmod(stat.S_IRWXU)
    lines = shown(database_url, str(pager), "show", "last").splitlines()
    assert len(lines) > 100
    assert all(line.startswith("| ") for line in lines)
    whole = admsync("show", "last", url=database_url, settings={"COLUMNS": "100"}).stdout
    assert [line.removeprefix("| ") for line in lines] == whole.splitlines()
    assert len(shown(database_url, str(left), "show", "last").splitlines()) == 3
    for arguments in (("show", "last", "--no-pager"), ("show", "last", "--limit", "1"), ("runs",)):
        assert "\n| " not in shown(database_url, str(pager), *arguments)
