"""One sandbox for each module, put back to its start before each test, and clients of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.administrate.client import Administrate
from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.sync.against_sandbox.connecting import Connections
from tests.sync.against_sandbox.valid_requests import Company


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def company(standing: RunningSandbox) -> Iterator[Company]:
    """What requests refer to; a reset leaves it as it is."""
    connections = Connections(standing)
    yield Company(connections.client())
    connections.close()


@pytest.fixture
def sandbox(standing: RunningSandbox) -> RunningSandbox:
    standing.control.reset()
    return standing


@pytest.fixture
def connections(sandbox: RunningSandbox) -> Iterator[Connections]:
    connections = Connections(sandbox)
    yield connections
    connections.close()


@pytest.fixture
def client(connections: Connections) -> Administrate:
    """A client that tries each call three times at most."""
    return connections.client()
