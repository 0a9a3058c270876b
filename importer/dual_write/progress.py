"""The progress of an import: a bar on a terminal, regular lines elsewhere."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Any

from attrs import define, field

from importer.dual_write.event import EventOutcome, State
from ledger.output.streams import tell

_LINES = 20
"""How many lines an import tells of its progress, at most, where there is no terminal."""


@define
class PrintedProgress:
    """Events done, of how many, failures, time left; problems as they occur."""

    of: int = 0
    done: int = 0
    failed: int = 0
    began_at: float = field(factory=monotonic)
    bar: Any = None
    task: Any = None

    def began(self, events: int) -> None:
        self.of, self.began_at = events, monotonic()
        if events and sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
            from rich.progress import (  # noqa: PLC0415 - only where there is a terminal
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            self.bar = Progress(
                TextColumn("  {task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[failed]} failed"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self.task = self.bar.add_task("events", total=events, failed=0)
            self.bar.start()

    def finished(self, outcome: EventOutcome) -> None:
        self.done += 1
        if outcome.state is State.UNTRIED:
            return
        self.failed += outcome.state is not State.DONE
        if self.bar is not None:
            self.bar.update(self.task, completed=self.done, failed=self.failed)
        elif self.done == self.of or self.done % max(1, self.of // _LINES) == 0:
            tell(f"  {self.done} of {self.of} events, {self.failed} failed{self._left()}")

    def ended(self) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def _left(self) -> str:
        left = (monotonic() - self.began_at) / self.done * (self.of - self.done)
        return f", {left:.0f} s left" if left >= 1 else ""


@define
class SilentProgress:
    """Prints nothing: for JSON, where standard output is one document."""

    def began(self, events: int) -> None:
        pass

    def finished(self, outcome: EventOutcome) -> None:
        pass

    def ended(self) -> None:
        pass
