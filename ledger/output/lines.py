"""Lines for people, as wide as there is room.

A line break in what is printed is a value's, shown as an escape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ledger.masking import without_secrets
from ledger.output.layout import wrapped
from ledger.output.streams import STDERR, STDOUT, write_from_handler
from ledger.output.visible import visible


class Notices:
    """Where notices go. ``entry`` takes each into the log, with its level, where there is one; on
    standard error they are shown unless that is the log's, with entries as ``bare`` writes them."""

    entry: Callable[[str, str], object] | None = None
    on_stderr: bool = True
    bare: Callable[[str], str] = str


NOTICES = Notices()


def answer(line: str = "", *, hang: int | None = None) -> None:
    """A line of what the command was asked for, on standard output. Where it is wrapped, the lines
    that continue it begin at ``hang``.

    Raises ``OutputLost`` where it cannot be written.
    """
    for part in wrapped(visible(line), STDOUT.width, hang):
        _write_answer(part)


def answer_verbatim(line: str) -> None:
    """As ``answer``, for what a program reads: never wrapped."""
    _write_answer(visible(line))


def _write_answer(shown: str) -> None:
    STDOUT.write_line(shown, owed=True)
    STDOUT.check()


def report(line: str = "") -> None:
    """A line about what is done meanwhile, on standard output; lost where it cannot be written,
    since what is done matters more."""
    for part in wrapped(visible(line), STDOUT.width):
        report_verbatim(part)


def report_verbatim(line: str) -> None:
    """As ``report``, for what a program reads: never wrapped."""
    STDOUT.write_line(visible(line))


def notice(line: str, level: str = "info") -> None:
    """A line beside the output, on standard error, without secrets; lost where it cannot be
    written. ``level`` is that of its entry in the log."""
    told = without_secrets(line)
    if NOTICES.entry is not None:
        NOTICES.entry(level, told)
    if NOTICES.on_stderr:
        for part in wrapped(visible(told), STDERR.width):
            STDERR.write_line(part)


def notices_verbatim(text: str) -> None:
    """The lines of a text beside the output, for a program or about one (a document, a traceback):
    never wrapped. A secret that is broken over lines is one, too."""
    told = without_secrets(text)
    if NOTICES.entry is not None:
        NOTICES.entry("debug", told)
    if NOTICES.on_stderr:
        for line in told.split("\n"):
            STDERR.write_line(visible(without_secrets(line)))


def complain(message: str, level: str = "warning") -> None:
    """A notice in the program's name: an error, or what to know beside the output."""
    notice(f"admsync: {message}", level)


def notice_from_handler(words: str) -> None:
    """A notice from within a signal handler: past the log, and past the buffered stream, which the
    signal may have come in the midst of."""
    write_from_handler((words if NOTICES.on_stderr else NOTICES.bare(words)).encode())


def answer_lines(lines: Iterable[str]) -> None:
    """Lines as ``answer`` prints one."""
    for line in lines:
        answer(line)


def report_lines(lines: Iterable[str]) -> None:
    """Lines as ``report`` prints one."""
    for line in lines:
        report(line)
