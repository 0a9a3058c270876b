"""The program killed with SIGKILL at moments that chance names, and resumed until it is done.

Chance begins with ADMSYNC_SEED, or with a number of its own, which is printed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path
from time import monotonic, sleep

from attrs import field, frozen

from ledger.database.connection import driver
from ledger.runs.states import run_states
from ledger.store.append import head
from tests.importer.company import Company
from tests.importer.end_state import wait_until_let_go
from tests.program import ADMSYNC, environment

# How long a process may take for its next event, in seconds.
_PATIENCE = 120.0


def height(company: Company) -> int:
    """The position of the ledger's newest event."""
    with company.database.transaction() as connection:
        return head(driver(connection))[0]


@frozen
class Killing:
    """A command under chance's hand: killed so many times while the ledger grows by ``events``."""

    company: Company
    url: str = field(repr=False)
    kills: int
    events: int
    directory: Path

    def carry_through(self, *command: str) -> subprocess.CompletedProcess[str]:
        """The command, killed and resumed again and again, and the last of its processes' end."""
        seed = int(os.environ.get("ADMSYNC_SEED") or random.randrange(10**6))  # noqa: S311 - nothing secret
        print(f"ADMSYNC_SEED={seed}")  # noqa: T201 - pytest shows it where the test fails
        chance = random.Random(seed)  # noqa: S311 - nothing secret
        start = height(self.company)
        for mark in sorted(chance.sample(range(start, start + self.events), self.kills)):
            self._killed(command, mark, chance.uniform(0, 0.05))
            command = ("resume", "--no-prompt") if self._stopped() else command
        return self._ended(self._started(command))

    def _killed(self, command: tuple[str, ...], mark: int, later: float) -> None:
        """A process killed so many seconds after the ledger has grown beyond the mark and by one
        event at least."""
        mark, deadline = max(mark, height(self.company)), monotonic() + _PATIENCE
        process = self._started(command)
        while height(self.company) <= mark and process.poll() is None:
            assert monotonic() < deadline, "the process does not come on"
            sleep(0.005)
        sleep(later)
        process.kill()
        done = self._ended(process)
        assert done.returncode == -signal.SIGKILL, done
        wait_until_let_go(self.company)

    def _stopped(self) -> bool:
        return any(one.state == "stopped" for one in run_states(self.company.database))

    def _started(self, command: tuple[str, ...]) -> subprocess.Popen[str]:
        # Into files: a pipe that nobody reads while the process is waited for fills up.
        with self._told.open("w") as told, self._said.open("w") as said:
            return subprocess.Popen(
                [ADMSYNC, *command],
                env=environment(self.url, self.company.sandbox.settings),
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=said,
                text=True,
            )

    def _ended(self, process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
        code = process.wait()
        told, said = self._told.read_text(), self._said.read_text()
        return subprocess.CompletedProcess(process.args, code, told, said)

    @property
    def _told(self) -> Path:
        return self.directory / "told.txt"

    @property
    def _said(self) -> Path:
        return self.directory / "said.txt"
