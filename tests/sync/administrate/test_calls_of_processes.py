"""All processes of a database keep one limit of calls, killed ones included."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress

from sync.administrate.pace import WINDOW
from sync.administrate.pace.rate import BATCH
from sync.administrate.pace.reservations import USABLE
from sync.sandbox.process import RunningSandbox
from tests.databases import opened
from tests.sync.administrate.test_rate import aged

MOST, CALLS = 6 * BATCH, 5 * BATCH


@contextmanager
def calling(settings: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that makes its calls, and asks before it waits for one."""
    command = [sys.executable, "-m", "tests.sync.administrate.calling", str(CALLS), str(MOST)]
    with subprocess.Popen(
        command,
        env={**os.environ, **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def until_full(process: subprocess.Popen[str]) -> int:
    """How often it called before it had to wait, or had made all its calls."""
    calls = 0
    while said(process) == "called":
        calls += 1
    return calls


def goes_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it has made all its calls
        # Past the buffer, which would be written again when it is closed.
        os.write(process.stdin.fileno(), b"\n")


def test_three_at_once_keep_one_limit_and_one_that_is_killed_keeps_its_share(
    database_url: str, sandbox: RunningSandbox
) -> None:
    settings = {**sandbox.settings, "DATABASE_URL": database_url}
    with ExitStack() as stack, opened(database_url) as database:
        killed, *others = [stack.enter_context(calling(settings)) for _ in range(3)]
        assert said(killed) == "called"
        killed.kill()
        made = [until_full(process) for process in others]
        calls = len(sandbox.control.calls())
        # What the killed one had reserved counts as made.
        assert MOST - BATCH < calls <= MOST
        while sum(made) < 2 * CALLS:
            aged(database, WINDOW + USABLE)
            sandbox.control.forget()
            for process in others:
                goes_on(process)
            made = [one + until_full(process) for one, process in zip(made, others, strict=True)]
            assert 0 < len(sandbox.control.calls()) <= MOST
        assert made == [CALLS, CALLS]
