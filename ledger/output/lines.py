"""Lines for people. A line is one line: a line break in it is a value's, shown as an escape."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.masking import without_secrets
from ledger.output.streams import STDERR, STDOUT
from ledger.output.visible import visible


def answer(line: str = "") -> None:
    """A line of what the command was asked for, on standard output.

    Raises ``OutputLost`` where it cannot be written.
    """
    STDOUT.write_line(visible(line), owed=True)
    STDOUT.check()


def report(line: str = "") -> None:
    """A line about what is done meanwhile, on standard output; lost where it cannot be written,
    since what is done matters more."""
    STDOUT.write_line(visible(line))


def notice(line: str) -> None:
    """A line beside the output, on standard error, without secrets; lost where it cannot be
    written."""
    STDERR.write_line(visible(without_secrets(line)))


def notices(text: str) -> None:
    """The lines of a text beside the output; a secret that is broken over lines is one, too."""
    for line in without_secrets(text).split("\n"):
        notice(line)


def complain(message: str) -> None:
    """A notice in the program's name: an error, or what to know beside the output."""
    notice(f"admsync: {message}")


def answer_lines(lines: Iterable[str]) -> None:
    """Lines as ``answer`` prints one."""
    for line in lines:
        answer(line)


def report_lines(lines: Iterable[str]) -> None:
    """Lines as ``report`` prints one."""
    for line in lines:
        report(line)
