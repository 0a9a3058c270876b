"""Standard output and error, whatever has become of them: closed, full, read by nobody, ASCII."""

from __future__ import annotations

import codecs
import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from ledger.errors import AdmsyncError
from ledger.output.layout import coloured

# Our own marks, for an encoding that lacks them.
_STAND_INS = str.maketrans(
    {"✓": "+", "✗": "x", "⚠": "!", "→": "->", "←": "<-", "·": "-", "…": "...", "“": '"', "”": '"'}
)
_PLAIN = "admsync.plain"
_CLEAR_LINE = "\r\x1b[2K"
_USUAL, _NARROWEST, _UNBOUNDED = 80, 20, sys.maxsize  # columns


class OutputLost(AdmsyncError):
    """What the command was asked to print could not be written."""


class StandardStream:
    """Standard output or error. Once a write failed, everything is discarded.

    ``used`` tells that something was written, ``owed`` that part of what was lost is what the
    command was asked for, ``painted`` that a bar stands on the terminal's last line.
    """

    painted = False

    def __init__(self, name: str) -> None:
        self._name = name
        # What takes the place of the stream itself: a pager.
        self.through: Callable[[bytes], None] | None = None
        self._asked: tuple[TextIO | None, bool] | None = None
        self.lost: OSError | None = None
        self.used = False
        self.owed = False

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads it."""
        if self.lost is not None:
            return False
        stream = self._stream()
        if self._asked is None or self._asked[0] is not stream:
            # Once for each stream: the system is slow to tell, and every line needs it.
            self._asked = stream, stream is not None and stream.isatty()
        return self._asked[1]

    @property
    def width(self) -> int:
        """How many columns a line may take: ``COLUMNS``, or those of the terminal. Elsewhere there
        is no end of them: programs search a line there, and cut it."""
        given = os.environ.get("COLUMNS", "")
        columns = int(given) if given.isascii() and given.isdigit() else 0
        if not columns and not self.is_terminal:
            return _UNBOUNDED
        stream = self._stream()
        if not columns and stream is not None:
            with suppress(OSError, ValueError):
                columns = os.get_terminal_size(stream.fileno()).columns
        return max(columns, _NARROWEST) if columns else _USUAL

    @property
    def is_coloured(self) -> bool:
        """Whether marks are in colour: at a terminal that has any, unless ``NO_COLOR`` is set."""
        if not self.is_terminal:
            return False
        return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"

    def write_line(self, line: str, *, owed: bool = False) -> None:
        """Writes a line, above a bar if there is one."""
        clear = _CLEAR_LINE if StandardStream.painted and self.is_terminal else ""
        shown = coloured(line) if self.is_coloured else line
        self.write(f"{clear}{shown}\n", owed=owed)

    def write(self, text: str, *, owed: bool = False) -> None:
        """Writes in the stream's encoding; what that lacks is replaced or escaped."""
        stream = self._stream()
        encoding = "utf-8" if stream is None else stream.encoding
        self.write_bytes(text.encode(encoding, _PLAIN), owed=owed)

    def write_bytes(self, content: bytes, *, owed: bool = False) -> None:
        """Writes, or discards from here on where that fails."""
        self.used = True
        if self.through is not None:
            self.through(content)
        elif self.lost is None:
            try:
                self._write(content)
            except OSError as problem:
                self.lost = problem
                self._discard()
        self.owed = self.owed or (owed and self.lost is not None)

    def check(self) -> None:
        """Raises ``OutputLost`` where something owed was lost."""
        if self.owed:
            raise OutputLost(f"the output cannot be written: {self.why_lost}")

    @property
    def why_lost(self) -> str:
        """What failed, in the words of the system."""
        return "" if self.lost is None else str(self.lost.strerror or self.lost)

    @property
    def reader_has_gone(self) -> bool:
        """Whether nobody reads it any longer, as with a pager that was left."""
        return self.lost is not None and self.lost.errno == errno.EPIPE

    def _stream(self) -> TextIO | None:
        # Looked up each time: tests capture it. None where it was closed when the program began.
        found: TextIO | None = getattr(sys, self._name)
        return found

    def _write(self, content: bytes) -> None:
        stream = self._stream()
        if stream is None or stream.closed:
            raise OSError(errno.EBADF, f"{self._name} is closed")
        stream.flush()
        stream.buffer.write(content)
        stream.buffer.flush()

    def _discard(self) -> None:
        """Has nothing be written at exit, where it would fail again."""
        stream = self._stream()
        with suppress(OSError, ValueError):
            if stream is not None:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


STDOUT, STDERR = StandardStream("stdout"), StandardStream("stderr")


def occupy_descriptors() -> None:
    """Has no file or socket take the number of a standard stream that was closed, and with it what
    is written there. Called before anything is opened."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one


def write_from_handler(message: bytes) -> None:
    """A line on standard error from within a signal handler: past the buffered stream, which the
    signal may have come in the midst of."""
    with suppress(OSError):
        os.write(2, message + b"\n")


def _plain(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    lacking = problem.object[problem.start : problem.end].translate(_STAND_INS)
    return lacking.encode("ascii", "backslashreplace").decode(), problem.end


codecs.register_error(_PLAIN, _plain)
