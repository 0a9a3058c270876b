"""A process killed between a request and its answer: what it asked for is there once in the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.operations import Kind
from sync.administrate.writes.declaration import WriteRequest
from tests.sync.against_sandbox.connecting import Connections
from tests.sync.against_sandbox.valid_requests import PREPARED, Tenant
from tests.sync.against_sandbox.writing import open_writes, resume

PATIENCE = 30.0


@contextmanager
def writing(request: WriteRequest, connections: Connections, url: str) -> Iterator[None]:
    """Another process that writes, killed with SIGKILL where the block ends."""
    environment = {**os.environ, **connections.sandbox.settings, "DATABASE_URL": url}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.sync.against_sandbox.writing_child"],
        env=environment,
        stdin=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdin is not None
            asked = {"operation": request.operation, "variables": dict(request.variables)}
            child.stdin.write(json.dumps(asked))
            child.stdin.close()
            yield
            assert child.poll() is None, "the child ended before it was killed"
        finally:
            child.kill()


def wait_until_asked(connections: Connections, request: WriteRequest) -> None:
    """Waits for the sandbox to have received the request, and done with it what its fault says."""
    deadline = time.monotonic() + PATIENCE
    while not connections.sandbox.control.count(request.operation):
        assert time.monotonic() < deadline, "the request never came"
        time.sleep(0.02)


@pytest.mark.parametrize("operation", ["EventCreateBlended", "EventAddStaff", "EventDelete"])
@pytest.mark.parametrize("fault", ["hang", "hang-after"])
def test_the_change_is_made_once(
    connections: Connections,
    tenant: Tenant,
    client: Administrate,
    ledger: Ledger,
    database_url: str,
    fault: str,
    operation: str,
) -> None:
    request = PREPARED[operation](tenant)
    connections.strike(fault, operation, "1")
    with writing(request, connections, database_url):
        wait_until_asked(connections, request)
    assert [one["state"] for one in open_writes(ledger)] == ["requested"]
    settled = resume(ledger, client, request)
    assert settled.done
    made = connections.changes(request)
    assert len(made) == 1
    assert open_writes(ledger) == []
    if request.kind is Kind.CREATE:
        assert settled.id == made[0]
