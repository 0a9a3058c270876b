"""A pager, at a terminal, for what is longer than it: what fits is printed as ever."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import click
from attrs import define, field

from ledger.output.streams import STDOUT

# less: quit where all fits, show colours, and leave the text on the screen.
_OF_LESS = {"LESS": "FRX"}


@contextmanager
def paging(*, wanted: bool = True) -> Iterator[None]:
    """Standard output through ``ADMSYNC_PAGER``, else ``PAGER``, else less, once it is longer than
    the terminal. Left before the end, the command ends there, well."""
    command = pager_of(os.environ) if wanted and STDOUT.is_terminal else None
    if command is None:
        yield
        return
    pager = _Pager(command, shutil.get_terminal_size().lines - 1)
    STDOUT.through = pager.write
    try:
        yield
    finally:
        STDOUT.through = None
        pager.end()


def pager_of(environ: Mapping[str, str]) -> list[str] | None:
    """The pager's command; None where there is none, or the terminal cannot have one."""
    if environ.get("TERM", "dumb") == "dumb":
        return None
    chosen = environ.get("ADMSYNC_PAGER", environ.get("PAGER", "less"))
    with suppress(ValueError):  # a quote that is not closed
        words = shlex.split(chosen)
        if words and words[0] != "cat" and shutil.which(words[0]):
            return words
    return None


@define
class _Pager:
    """What is printed, kept until it is longer than the terminal, and from then on the pager's."""

    command: list[str]
    lines: int
    _kept: bytes = b""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def write(self, content: bytes) -> None:
        if self._process is None:
            self._kept += content
            if self._kept.count(b"\n") <= self.lines:
                return
            environment = {**_OF_LESS, **os.environ}
            self._process = subprocess.Popen(  # noqa: S603 - the person's own
                self.command, stdin=subprocess.PIPE, env=environment
            )
            content = self._kept
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - asked for above
        try:
            stdin.write(content)
            stdin.flush()
        except BrokenPipeError:
            raise click.exceptions.Exit(0) from None  # it was left

    def end(self) -> None:
        """Prints what fits, or waits until the pager is left."""
        if self._process is None:
            STDOUT.write_bytes(self._kept, owed=True)
            return
        with suppress(OSError):
            self._process.communicate()
        while self._process.poll() is None:
            with suppress(KeyboardInterrupt):  # meant for the pager
                self._process.wait()
