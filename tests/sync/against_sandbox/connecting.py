"""Clients of a sandbox whose waits take no time, and which bring it back where a fault kills it."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, evolve, field

from ledger.errors import StoppedResumably
from sync.administrate.client import Administrate
from sync.administrate.pace.retry import RetryBudget
from sync.administrate.recorder import Attempt
from sync.administrate.settings import AdministrateSettings
from sync.administrate.transport.connections import Timeouts
from sync.administrate.writes.declaration import WriteRequest
from sync.sandbox.faults.kinds import KINDS
from sync.sandbox.process import RunningSandbox
from sync.sandbox.reply import Delivery
from tests.sync.administrate.fake_time import FakeTime

# Seconds without an answer after which a client gives up: where a fault hangs, and where none
# does, but the machine may be busy.
IMPATIENT, PATIENT = 0.4, 20.0
# The faults after which a read is not asked for again: the same would come.
TRIED_ONCE = ("not-json", "forbidden", "403", "wrong-type", "endless-text")


@define
class Connections:
    """Makes clients of one sandbox; ``attempts`` are those of all since the last fault was set.

    A wait of ``stop_after`` seconds ends with a stop that was asked for. ``after`` an attempt, more
    may happen.
    """

    sandbox: RunningSandbox
    time: FakeTime = field(factory=FakeTime)
    attempts: list[Attempt] = field(factory=list)
    stop_after: float | None = None
    after: Callable[[Attempt], object] = field(default=lambda _attempt: None)
    _clients: list[Administrate] = field(factory=list)
    _delivery: Delivery | None = None

    def client(self, tries: int = 3) -> Administrate:
        """A client for the fault that is set: it tries each call so often at most, whatever time
        its waits would take."""
        hangs = self._delivery is Delivery.SILENCE
        settings = evolve(
            AdministrateSettings.from_environment(self.sandbox.settings),
            timeouts=Timeouts(read=IMPATIENT if hangs else PATIENT),
            # Every thread that waits moves the one clock, so time says nothing here; tries do.
            retries=RetryBudget(attempts=tries, seconds=1e9),
        )
        client = Administrate(
            settings,
            recorder=self.record,
            clock=self.time.clock,
            sleep=self.sleep,
            chance=lambda: 0.5,
        )
        self._clients.append(client)
        return client

    def record(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self.after(attempt)

    def strike(self, kind: str, operation: str = "*", when: str = "*") -> None:
        """Sets a fault of that kind; from here on everything is counted."""
        self.sandbox.control.forget()
        self.sandbox.control.set_faults(f"{kind}:{operation}:{when}")
        self.attempts.clear()
        self._delivery = KINDS[kind].delivery

    def sent(self, operation: str) -> int:
        """How often the operation was sent since the fault was set."""
        return sum(attempt.operation == operation for attempt in self.attempts)

    def changes(self, request: WriteRequest) -> list[str]:
        """The id of what was changed, for each time the sandbox made this kind of change."""
        self.revive()
        made = self.sandbox.control.changes(".".join(request.change.payload))
        return [change.node for change in made]

    def revive(self) -> None:
        """Brings the sandbox back where the fault killed it, which takes it a moment."""
        if self._delivery is Delivery.EXIT and self.sandbox.died(within=0.5):
            self.sandbox.restart()

    def sleep(self, seconds: float) -> None:
        self.revive()
        self.time.sleep(seconds)
        if seconds == self.stop_after:
            raise StoppedResumably("stopped on request")

    def close(self) -> None:
        self.revive()
        for client in self._clients:
            client.close()
