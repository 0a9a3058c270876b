"""The program at a terminal, where a person reads and is asked."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import define

from tests.program import ADMSYNC, environment

PATIENCE = 60.0


@define
class Terminal:
    """What a person sees of a program, and types."""

    process: subprocess.Popen[str]
    screen: int
    seen: str = ""
    _looked: int = 0

    def shows(self, text: str) -> None:
        """Waits until the text is on the screen, below what was waited for before."""
        while (at := self.seen.find(text, self._looked)) < 0:
            assert self._read(), f"{text!r} is not in {self.seen[self._looked :]!r}"
        self._looked = at + len(text)

    def waits(self) -> None:
        """Waits until the program waits for what is typed, or for anything else."""
        deadline = time.monotonic() + PATIENCE
        while not _asleep(self.process.pid):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def types(self, line: str) -> None:
        """Types a line, and the key that ends it."""
        os.write(self.screen, f"{line}\n".encode())

    def answers(self, question: str, typed: str) -> None:
        """Waits for a question, and types the answer."""
        self.shows(question)
        self.types(typed)

    def ends(self) -> tuple[int, str]:
        """Waits for the program's end: its exit code, and what it printed elsewhere."""
        while self._read():
            pass
        printed, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, printed or ""

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def _read(self) -> bool:
        """Reads what has come; False where nothing does any more."""
        found = b""
        with suppress(OSError):  # nobody is left who writes
            if select.select([self.screen], [], [], PATIENCE)[0]:
                found = os.read(self.screen, 65536)
        self.seen += found.decode(errors="replace").replace("\r\n", "\n")
        return bool(found)


def _asleep(process: int) -> bool:
    """Whether the process neither runs nor is to be run next."""
    asked = ["ps", "-o", "stat=", "-p", str(process)]
    return subprocess.check_output(asked, text=True).startswith(("S", "I"))


@contextmanager
def at_terminal(
    *arguments: str,
    url: str | None,
    settings: Mapping[str, str] | None = None,
    elsewhere: str = "stdout",
    columns: int = 200,
    folder: Path | None = None,
) -> Iterator[Terminal]:
    """The program, started at a terminal on the database at a URL; killed if it goes on.

    ``elsewhere`` is what does not go to the terminal: ``stdout``, which is read through a pipe,
    ``stderr``, which nobody reads, or nothing. ``folder`` is where it is started.
    """
    screen, keyboard = pty.openpty()
    given = {"TERM": "dumb", "COLUMNS": str(columns), **(settings or {})}
    try:
        with subprocess.Popen(
            [ADMSYNC, *arguments],
            env=environment(url, given),
            stdin=keyboard,
            stdout=subprocess.PIPE if elsewhere == "stdout" else keyboard,
            stderr=subprocess.DEVNULL if elsewhere == "stderr" else keyboard,
            text=True,
            cwd=folder,
        ) as process:
            os.close(keyboard)
            try:
                yield Terminal(process, screen)
            finally:
                process.kill()
    finally:
        os.close(screen)
