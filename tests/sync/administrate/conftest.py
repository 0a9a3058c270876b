"""A scripted server for each test, and clients of it whose waits take no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from attrs import define, evolve, field

from sync.administrate.client import Administrate
from sync.administrate.pace.retry import RetryBudget
from sync.administrate.recorder import Attempt
from sync.administrate.settings import AdministrateSettings
from sync.administrate.transport.connections import Timeouts
from tests.sync.administrate.fake_time import FakeTime
from tests.sync.administrate.scripted_server import Fault, ScriptedServer

# Seconds without an answer after which a client gives up: where the server hangs, and where it
# does not, but the machine may be busy.
IMPATIENT, PATIENT = 0.5, 20.0


@define
class Recording:
    """A recorder that keeps everything."""

    attempts: list[Attempt] = field(factory=list)

    def record(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)

    @property
    def outcomes(self) -> list[str]:
        return [attempt.outcome for attempt in self.attempts]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as started:
        yield started


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def recording() -> Recording:
    return Recording()


Connect = Callable[[AdministrateSettings], Administrate]


@pytest.fixture
def connect(
    time: FakeTime, recording: Recording, request: pytest.FixtureRequest
) -> Iterator[Connect]:
    """Clients of given settings, impatient in tests of a server that hangs."""
    clients: list[Administrate] = []
    case = getattr(request.node, "callspec", None)
    read = IMPATIENT if case and Fault.HANG in case.params.values() else PATIENT

    def connected(settings: AdministrateSettings) -> Administrate:
        client = Administrate(
            evolve(settings, timeouts=Timeouts(connect=PATIENT, read=read)),
            recorder=recording.record,
            clock=time.clock,
            sleep=time.sleep,
            chance=lambda: 0.5,
        )
        clients.append(client)
        return client

    yield connected
    for client in clients:
        client.close()


@pytest.fixture
def client(server: ScriptedServer, connect: Connect) -> Administrate:
    """A client of the server, which tries each call four times at most."""
    return connect(evolve(server.settings, retries=RetryBudget(attempts=4)))
