"""Serves a state directory on the loopback interface until SIGINT or SIGTERM."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from ledger.database.builtin.directory import touch
from ledger.errors import AdmsyncError
from sync.sandbox.company.generate import Size
from sync.sandbox.control.endpoint import Control, seed
from sync.sandbox.control.journal import Journal
from sync.sandbox.faults.fault import Fault
from sync.sandbox.records.store import Store
from sync.sandbox.server.app import Sandbox
from sync.sandbox.server.delivery import TransportProtocol
from sync.sandbox.server.tokens import Tokens

FILE = "sandbox.sqlite"


class PortTaken(AdmsyncError):
    """Another process listens on the port."""


def settings(port: int, tokens: Tokens) -> dict[str, str]:
    """What a client needs to use the sandbox, by the names of the program's settings."""
    base = f"http://127.0.0.1:{port}"
    return {
        "ADMINISTRATE_API_URL": f"{base}/graphql",
        "ADMINISTRATE_AUTH_URL": f"{base}/oauth/token",
        "ADMINISTRATE_INSTANCE_URL": base,
        "ADMINISTRATE_API_KEY": tokens.api_key,
        "ADMINISTRATE_API_SECRET": tokens.api_secret,
    }


def _listening(port: int) -> socket.socket:
    # The protocol is named because asyncio sends without delay only on what it knows to be TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A sandbox that was killed can be started again on its port at once.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Port {port} cannot be listened on ({error.strerror}); give another with --port,"
            " or 0 for any free one."
        ) from None
    listener.listen(128)
    return listener


class StateUnusable(AdmsyncError):
    """The records cannot be kept, or read, in the state directory."""


def opened(state: Path, size: Size) -> Sandbox:
    """The application over a state directory, filled where it is new.

    Raises ``StateUnusable`` where it cannot be.
    """
    try:
        return _opened(state, size)
    except (OSError, sqlite3.Error) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise StateUnusable(
            f"the sandbox's records cannot be kept in {state.absolute()}: {why}; name another"
            " directory with --state"
        ) from problem


def _opened(state: Path, size: Size) -> Sandbox:
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    touch(state / FILE)  # for its owner alone: credentials are in it; SQLite's others are as it is
    store = Store.open(state / FILE)
    journal = Journal.open(store)
    if journal.setting("size") is None:
        seed(store, journal, size)
    tokens = Tokens.open(journal)
    return Sandbox(store, journal, tokens, Control(store, journal, tokens.revoke))


class AnnouncingServer(uvicorn.Server):
    """Calls ``serves`` once it does; on a signal ends at once, whoever is waiting for an answer."""

    def __init__(self, config: uvicorn.Config, serves: Callable[[], None]) -> None:
        super().__init__(config)
        self._serves = serves

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._serves()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in self.server_state.connections:
            if connection.transport is not None:
                connection.transport.abort()
        for call in self.server_state.tasks:
            call.cancel()
        await super().shutdown(sockets)


def serve(
    state: Path,
    port: int,
    size: Size,
    faults: Sequence[Fault] | None,
    ready: Callable[[dict[str, str]], None],
) -> None:
    """Serves until SIGINT or SIGTERM; ``faults`` None keeps those the state has.

    ``ready`` gets the settings once connections are accepted. PortTaken where the port is in use.
    """
    listener = _listening(port)
    application = opened(state, size)
    if faults is not None:
        application.journal.set_faults(faults)
    config = uvicorn.Config(
        application,
        http=TransportProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    # Uvicorn ends on Ctrl-C, then raises it again.
    with contextlib.suppress(KeyboardInterrupt):
        own = settings(listener.getsockname()[1], application.tokens)
        AnnouncingServer(config, lambda: ready(own)).run(sockets=[listener])
