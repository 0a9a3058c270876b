"""A time at which an answer must be whole, in force at each piece of it that is read.

A time-out between two pieces starts anew with every piece, so a byte now and then would hold us for
ever, be it of the headers, which are read before anybody can look at the clock.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Callable
from typing import Any

from attrs import define, field
from requests.adapters import HTTPAdapter


@define
class Deadline:
    """The end of the time for the answer under way, by ``clock``; ``patience`` is the time, in
    seconds, between two pieces of it."""

    clock: Callable[[], float]
    patience: float
    end: float = field(default=float("inf"))

    @property
    def left(self) -> float:
        """The seconds left."""
        return self.end - self.clock()


class PunctualAdapter(HTTPAdapter):
    """Opens connections on which a read past a deadline times out."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def get_connection_with_tls_context(self, *args: Any, **given: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **given)
        if "response_class" not in vars(pool.ConnectionCls):
            pool.ConnectionCls = _punctual(pool.ConnectionCls, self._deadline)
        return pool


def _punctual(connection: type[Any], deadline: Deadline) -> type[Any]:
    """A class of connections whose answers are read so; a proxy's answers, too."""

    def answer(sock: socket.socket, *args: Any, **given: Any) -> http.client.HTTPResponse:
        made = http.client.HTTPResponse(sock, *args, **given)
        made.fp = io.BufferedReader(_Reader(made.fp.detach(), sock, deadline))
        return made

    return type(connection.__name__, (connection,), {"response_class": staticmethod(answer)})


class _Reader(io.RawIOBase):
    """Reads a socket for no longer than its deadline allows. Raises ``TimeoutError``."""

    def __init__(self, pieces: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self._pieces = pieces
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int | None:
        left = self._deadline.left
        if left <= 0:
            raise TimeoutError("the time for the answer is over")
        self._sock.settimeout(min(left, self._deadline.patience))
        return self._pieces.readinto(into)

    def close(self) -> None:
        self._pieces.close()
        super().close()
