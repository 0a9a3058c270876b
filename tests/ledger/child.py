"""A process of its own that runs in the ledger until it is told, or made, to stop."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Begins a run that holds "adm.venues", says which run it is, and waits, all in the program's own
# way of running a command; where it may stop, it asks whether it should.
_CHILD = """
import sys
from select import select

import click

from ledger.cli.command import command, opened_ledger
from ledger.cli.running import run_program
from ledger.runs.run import new_run


@command("work")
def work():
    with opened_ledger() as ledger, new_run(ledger, "sync venues", holds=("adm.venues",)) as run:
        run.step = "venues"
        run.counts["venues created"] = 12
        print(run.run_id, flush=True)
        while not select([sys.stdin], [], [], 0.05)[0]:
            run.stop.check()


run_program(click.Group(commands={"work": work}))
"""


@contextmanager
def working_child(url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, in its run, and the run's id. The run ends well where standard input does; the
    process is gone when the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, "work"],
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            run_id = child.stdout.readline().strip()
            assert run_id, child.communicate()[1]
            yield child, run_id
        finally:
            child.kill()
            child.communicate()
