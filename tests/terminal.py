"""The program at a terminal, where a person is asked; what it prints is read through a pipe."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define

from tests.program import ADMSYNC, environment

PATIENCE = 60.0


@define
class Terminal:
    """What a person sees of a program's standard error, and types."""

    process: subprocess.Popen[str]
    screen: int
    seen: str = ""

    def shows(self, text: str) -> None:
        """Waits until the text is on the screen."""
        while text not in self.seen:
            assert self._read(), f"{text!r} is not in {self.seen!r}"

    def types(self, line: str) -> None:
        """Types a line, and the key that ends it."""
        os.write(self.screen, f"{line}\n".encode())

    def ends(self) -> tuple[int, str]:
        """Waits for the program's end: its exit code, and what it has printed."""
        printed, _ = self.process.communicate(timeout=PATIENCE)
        while self._read():
            pass
        return self.process.returncode, printed

    def _read(self) -> bool:
        try:
            ready, _, _ = select.select([self.screen], [], [], PATIENCE)
            found = os.read(self.screen, 4096) if ready else b""
        except OSError:  # nobody is left who writes
            return False
        self.seen += found.decode()
        return bool(found)


@contextmanager
def at_terminal(*arguments: str, url: str) -> Iterator[Terminal]:
    """The program, started at a terminal on the database at a URL; killed if it goes on."""
    screen, keyboard = pty.openpty()
    try:
        with subprocess.Popen(
            [ADMSYNC, *arguments],
            env=environment(url, {"TERM": "dumb", "COLUMNS": "200"}),
            stdin=keyboard,
            stdout=subprocess.PIPE,
            stderr=keyboard,
            text=True,
        ) as process:
            os.close(keyboard)
            try:
                yield Terminal(process, screen)
            finally:
                process.kill()
    finally:
        os.close(screen)
