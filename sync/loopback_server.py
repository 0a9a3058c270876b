"""An HTTP server in the foreground, on an address of this machine, until SIGINT or SIGTERM."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from ledger.errors import AdmsyncError

LOOPBACK = "127.0.0.1"


class PortTaken(AdmsyncError):
    """The address cannot be listened on; most often another process does."""


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on an address; port 0 is any free one. Raises ``PortTaken``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends without delay only on what it knows to be TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A server that was killed can be started again on its port at once.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Port {port} cannot be listened on ({error.strerror}); give another with --port,"
            " or 0 for any free one."
        ) from None
    listener.listen(128)
    return listener


class _AnnouncingServer(uvicorn.Server):
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


def serve_until_interrupted(
    application: Any, listener: socket.socket, serves: Callable[[], None], **options: Any
) -> None:
    """Serves an ASGI application; ``serves`` is called once connections are accepted, ``options``
    are more of uvicorn's."""
    config = uvicorn.Config(
        application,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # a client's address is the one that it connects from
        **options,
    )
    # Uvicorn ends on Ctrl-C, then raises it again.
    with contextlib.suppress(KeyboardInterrupt):
        _AnnouncingServer(config, serves).run(sockets=[listener])
