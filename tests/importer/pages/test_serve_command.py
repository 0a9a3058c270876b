"""``admsync serve``: it says where, ends when told, and says plainly why it cannot begin."""

from __future__ import annotations

import signal
import socket
from subprocess import PIPE, Popen

import pytest
import requests

from tests.program import ADMSYNC, admsync, environment


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_and_ends_cleanly(database_url: str, number: signal.Signals) -> None:
    command = [str(ADMSYNC), "serve"]
    given = environment(database_url)
    with Popen(command, env=given, stdout=PIPE, stderr=PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        server.stdout.readline()
        address = server.stdout.readline().strip()
        answer = requests.get(address, timeout=20, headers={"accept": "text/html"})
        assert "admsync" in answer.text
        server.send_signal(number)
        assert server.wait(20) == 0
        assert server.stderr.read() == ""


def test_a_port_in_use(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = admsync("serve", "--port", str(port), url=database_url)
    assert done.returncode == 1
    assert f"Port {port} cannot be listened on (Address already in use)" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])  # noqa: S104 - it is refused
def test_an_address_that_others_reach(database_url: str, host: str) -> None:
    done = admsync("serve", "--host", host, url=database_url)
    assert done.returncode == 2
    assert "is reached from other machines" in done.stderr


def test_an_address_that_is_none(database_url: str) -> None:
    done = admsync("serve", "--host", "example.com", url=database_url)
    assert done.returncode == 2
    assert "'example.com' is no address" in done.stderr
