"""A proxy between the program and PostgreSQL that loses connections where a test wants it to."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread

from attrs import define, field
from sqlalchemy.engine import URL, make_url


@define
class Faults:
    """What goes wrong from now on."""

    lost_commits: int = 0  # how many COMMITs are cut off before they reach the server
    lost_answers: int = 0  # how many are cut off after it has done them
    commits: int = 0  # how many there were
    stall_at: int | None = None  # the COMMIT at which nothing more comes of its connection,
    stall_done: bool = False  # after the server has done it instead of before
    stalled: Event = field(factory=Event, repr=False)
    version: int | None = None  # which major version the server says it is
    url: str = field(default="", repr=False)  # the proxy's own


@contextmanager
def proxied(url: str) -> Iterator[Faults]:
    """A proxy on loopback before the database at a URL."""
    target = make_url(url)
    faults = Faults()

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with _connected(target) as server:
                _carry(self.request, server, faults)

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as listening:
        host, port = listening.server_address[:2]
        through = target.set(host=str(host), port=port, query={"sslmode": "disable"})
        faults.url = through.render_as_string(hide_password=False)
        Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield faults
        listening.shutdown()


def _connected(target: URL) -> socket.socket:
    directory = target.query.get("host", "")
    port = target.port or 5432
    if directory:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{directory}/.s.PGSQL.{port}")
        return connection
    return socket.create_connection((target.host or "127.0.0.1", port))


def _carry(client: socket.socket, server: socket.socket, faults: Faults) -> None:
    while True:
        ready, _, _ = select([client, server], [], [])
        if client in ready:
            data = client.recv(65536)
            commits = b"COMMIT" in data
            if not data or (commits and faults.lost_commits):
                faults.lost_commits -= bool(data)
                return
            faults.commits += commits
            if commits and faults.commits == faults.stall_at:
                _stall(client, server, data, faults)
                return
            server.sendall(data)
            if commits and faults.lost_answers:
                server.recv(65536)
                faults.lost_answers -= 1
                return
        if server in ready:
            data = server.recv(65536)
            if not data:
                return
            if faults.version is not None:
                said = b"server_version\x00%d" % faults.version
                data = re.sub(rb"server_version\x00\d\d", said, data)
            client.sendall(data)


def _stall(client: socket.socket, server: socket.socket, commit: bytes, faults: Faults) -> None:
    """Holds a COMMIT, or its answer, for as long as the client lives."""
    if faults.stall_done:
        server.sendall(commit)
        server.recv(65536)
    faults.stalled.set()
    while client.recv(65536):
        pass
