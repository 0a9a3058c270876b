"""The progress of an import: a bar on a terminal, regular lines elsewhere."""

from __future__ import annotations

from time import monotonic

from attrs import define, field

from importer.dual_write.event import EventOutcome, State
from ledger.output.lines import report
from ledger.output.terminal import Bar

_LINES = 20
"""The most lines of progress where there is no terminal."""


@define
class PrintedProgress:
    """Events done, of how many, failures, time left; problems as they occur."""

    of: int = 0
    done: int = 0
    failed: int = 0
    began_at: float = field(factory=monotonic)
    bar: Bar = field(factory=lambda: Bar(failing=True))
    shown: bool = False

    def began(self, events: int) -> None:
        self.of, self.began_at = events, monotonic()
        self.shown = events > 0 and self.bar.start("events", events)

    def finished(self, outcome: EventOutcome) -> None:
        self.done += 1
        if outcome.state is State.UNTRIED:
            return
        self.failed += outcome.state is not State.DONE
        if self.shown:
            self.bar.update(self.done, self.of, self.failed)
        elif self.done == self.of or self.done % max(1, self.of // _LINES) == 0:
            report(f"  {self.done} of {self.of} events, {self.failed} failed{self._left()}")

    def ended(self) -> None:
        self.bar.stop()

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
