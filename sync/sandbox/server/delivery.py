"""Sending a reply, or failing to, down to the TCP connection that ASGI does not show."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from sync.sandbox.reply import Delivery, Reply

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TRANSPORT = "sandbox.transport"
#: Time for what was sent to reach the client's socket, so that a reset comes after it.
ARRIVAL = 0.02


class TransportProtocol(H11Protocol):
    """Uvicorn's protocol, which also hands the application its connection's transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the parent narrows it
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope[TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


def _reset(transport: asyncio.Transport) -> None:
    """Closes with RST: a socket that lingers for no time does not say goodbye."""
    if transport.is_closing():  # the client was first
        return
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _send(send: Send, reply: Reply, body: bytes) -> None:
    headers = [(name.encode(), value.encode()) for name, value in reply.headers]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    more = len(body) < len(reply.body)
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _gone(receive: Receive) -> None:
    """Returns when the connection is: until then the server would answer in our place."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def deliver(reply: Reply, how: Delivery, scope: Scope, receive: Receive, send: Send) -> None:
    transport: asyncio.Transport = scope[TRANSPORT]
    match how:
        case Delivery.WHOLE:
            await _send(send, reply, reply.body)
            return
        case Delivery.EXIT:
            os.kill(os.getpid(), signal.SIGKILL)
        case Delivery.RESET:
            _reset(transport)
        case Delivery.CLOSE:
            transport.abort()
        case Delivery.HEAD_THEN_CLOSE:
            transport.write(b"HTTP/1.1 200 OK\r\nconten")
            await asyncio.sleep(ARRIVAL)
            transport.abort()
        case Delivery.HALF_THEN_RESET | Delivery.HALF_THEN_CLOSE:
            await _send(send, reply, reply.body[: len(reply.body) // 2])
            await asyncio.sleep(ARRIVAL)
            if how is Delivery.HALF_THEN_CLOSE:
                transport.abort()
            else:
                _reset(transport)
        case Delivery.WHOLE_THEN_RESET:
            await _send(send, reply, reply.body)
            await asyncio.sleep(ARRIVAL)
            _reset(transport)
    await _gone(receive)
