"""What there is only at a terminal: questions, and bars of progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO, cast

from attrs import define, field

from ledger.output.layout import wrapped
from ledger.output.lines import notice, report
from ledger.output.streams import STDERR, STDOUT, StandardStream
from ledger.output.visible import visible
from ledger.typed import typed_text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def somebody_is_there() -> bool:
    """Whether somebody can answer a question, having seen what came before it."""
    stdin = cast("TextIO | None", sys.stdin)
    unseen = STDOUT.lost or STDERR.lost or not (STDOUT.is_terminal or STDERR.is_terminal)
    return stdin is not None and not stdin.closed and stdin.isatty() and not unseen


def said_yes(question: str, *, on: StandardStream = STDERR) -> bool:
    """Asks until the answer is yes or no; Enter means no.

    Raises ``KeyboardInterrupt`` where nobody answers any longer.
    """
    while (typed := _ask(f"{question} [y/N]:", on).casefold()) not in ("y", "yes", "n", "no", ""):
        notice("Please type y or n.")
    return typed in ("y", "yes")


def chosen(question: str, offered: Sequence[str], default: int | None = None) -> int:
    """Lists what is offered and asks which; gives its index. Enter means the default, where there
    is one. Raises as ``said_yes`` does."""
    for number, name in enumerate(offered, 1):
        report(f"  {number}. {name}")
    asked = question if default is None else f"{question} [{default + 1} {offered[default]}]"
    while True:
        typed = _ask(asked, STDOUT)
        if not typed and default is not None:
            return default
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(offered):
            return int(typed) - 1
        notice(f"Please type a number from 1 to {len(offered)}.")


def key_typed(question: str, keys: Mapping[str, str]) -> str:
    """Asks until one of the keys is typed, or the word for one; gives the key. Raises as
    ``said_yes`` does."""
    while True:
        typed = _ask(question, STDOUT).casefold()
        if typed in keys:
            return keys[typed]
        if typed in keys.values():
            return typed
        notice(f"Please type one of {', '.join(word for word in keys if word)}.")


def typed_words(question: str, default: str) -> str:
    """Words that are typed; Enter means the default. Raises as ``said_yes`` does."""
    return _ask(f"{question} [{default}]:", STDOUT) or default


def _ask(question: str, on: StandardStream) -> str:
    """What is typed, of whatever bytes; asked where a person sees it, if anywhere."""
    on = next((stream for stream in (on, STDERR, STDOUT) if stream.is_terminal), on)
    on.write("\n".join(wrapped(visible(question), on.width)) + " ")
    typed = b""
    with suppress(OSError):  # the terminal is gone
        typed = sys.stdin.buffer.readline()
    if on.lost or not typed:
        raise KeyboardInterrupt
    return typed_text(typed, sys.stdin.encoding).strip()


@define
class Bar:
    """Progress on standard error where that is a terminal that can paint; nothing elsewhere.

    ``failing``: with the number of failures.
    """

    failing: bool = False
    _progress: Progress | None = field(default=None, init=False)
    _task: TaskID | None = field(default=None, init=False)

    def start(self, what: str, total: int | None = None) -> bool:
        """Shows it, and tells whether it is shown."""
        if not STDERR.is_terminal or os.environ.get("TERM", "dumb") == "dumb":
            return False
        from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
        from rich.progress import (  # noqa: PLC0415 - only where there is a terminal
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        failed = [TextColumn("{task.fields[failed]} failed")] if self.failing else []
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            *failed,
            TimeRemainingColumn(),
            console=Console(file=cast("TextIO", _Painted())),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task(visible(what), total=total, failed=0)
        StandardStream.painted = True
        self._progress.start()
        return True

    def update(self, done: int, total: int, failed: int = 0) -> None:
        """How far it is; nothing where it is not shown."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, total=total, failed=failed)

    def stop(self) -> None:
        """Takes it off the screen."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
            StandardStream.painted = False


class _Painted:
    """Where a bar is painted: standard error, which may be lost any time. It is all our own."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        STDERR.write(text)
        return len(text)

    def flush(self) -> None:
        """Every write is flushed."""

    def isatty(self) -> bool:
        return True
