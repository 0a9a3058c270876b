"""Clients of the sandbox, and what there is in it to refer to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.administrate.client import Administrate
from sync.sandbox.process import RunningSandbox
from tests.sync.against_sandbox.connecting import Connections
from tests.sync.against_sandbox.valid_requests import Tenant


@pytest.fixture(scope="module")
def tenant(company_sandbox: RunningSandbox) -> Iterator[Tenant]:
    """What requests refer to; a reset leaves it as it is."""
    connections = Connections(company_sandbox)
    yield Tenant(connections.client())
    connections.close()


@pytest.fixture
def connections(sandbox: RunningSandbox) -> Iterator[Connections]:
    connections = Connections(sandbox)
    yield connections
    connections.close()


@pytest.fixture
def client(connections: Connections) -> Administrate:
    """A client that tries each call three times at most."""
    return connections.client()
