"""One HTTP request and its whole answer, or an error that says whether anything was sent."""

from __future__ import annotations

import queue
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import requests
from attrs import frozen
from requests.auth import AuthBase
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
)

from sync.administrate.errors import AnswerLost, Malformed, Operation, Unreachable
from sync.administrate.network import Network
from sync.administrate.settings import Timeouts

LARGEST_BODY = 64 * 2**20  # bytes; a hundred records of the widest operation are under two million
_CHUNK = 2**16


@frozen
class Reply:
    """What came back, whole: the status, the headers (found in any case) and the exact body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Posts to the API; shared by threads, each request on a connection of its own meanwhile."""

    def __init__(
        self,
        timeouts: Timeouts,
        network: Network | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeouts = timeouts
        self._network = network or Network()
        self._clock = clock
        # Last in, first out: a connection used a moment ago is the least likely to be closed.
        self._idle: queue.LifoQueue[requests.Session] = queue.LifoQueue()

    def post(
        self, operation: Operation, url: str, body: bytes, content_type: str, token: str | None
    ) -> Reply:
        """The answer, whatever its status; Unreachable or AnswerLost where there is none."""
        deadline = self._clock() + self._timeouts.whole
        with self._session() as session:
            try:
                with session.post(
                    url,
                    data=body,
                    headers={"Content-Type": content_type, "Accept": "application/json"},
                    auth=_Bearer(token),
                    timeout=(self._timeouts.connect, self._timeouts.read),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    answer = self._read(operation, response, deadline)
                    return Reply(response.status_code, response.headers, answer)
            except requests.RequestException as error:
                cause = _cause(error)
                failure = Unreachable if _nothing_sent(cause) else AnswerLost
                raise failure(operation, _in_words(cause)) from None

    def close(self) -> None:
        """Close the connections kept for reuse."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _read(self, operation: Operation, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > LARGEST_BODY:
                raise Malformed(operation, f"a body of over {LARGEST_BODY:,} bytes")
            # The read time-out starts anew with every piece; a trickle would hold us for ever.
            if self._clock() > deadline:
                raise AnswerLost(operation, f"not finished after {self._timeouts.whole:g} s")
        return bytes(body)

    @contextmanager
    def _session(self) -> Iterator[requests.Session]:
        # Two threads may not use one requests.Session at once, so each takes one from the pool.
        try:
            session = self._idle.get_nowait()
        except queue.Empty:
            session = self._network.session()
        try:
            yield session
        finally:
            self._idle.put(session)


@frozen
class _Bearer(AuthBase):
    """Sets the header itself: without an ``auth``, requests puts a .netrc entry in its place."""

    token: str | None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token is not None:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _cause(error: requests.RequestException) -> BaseException:
    """What requests and urllib3 wrapped, down to the failure that tells what was sent."""
    cause: BaseException = error
    while True:
        inner = cause.reason if isinstance(cause, MaxRetryError) else _wrapped(cause)
        if inner is None or isinstance(cause, NewConnectionError | ConnectTimeoutError):
            return cause
        cause = inner


def _wrapped(error: BaseException) -> BaseException | None:
    if isinstance(error, ProxyError):
        return error.original_error
    return next((part for part in reversed(error.args) if isinstance(part, BaseException)), None)


def _nothing_sent(cause: BaseException) -> bool:
    """True where it failed before the request could leave."""
    return isinstance(
        cause, NewConnectionError | ConnectTimeoutError | ssl.SSLCertVerificationError
    )


def _in_words(cause: BaseException) -> str:
    # urllib3 begins its messages with the connection's address in memory.
    return (str(cause) or type(cause).__name__).rpartition(">: ")[2][-200:]
