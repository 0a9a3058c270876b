"""One HTTP request and its whole answer, or an error that says whether anything was sent."""

from __future__ import annotations

import http.client
import queue
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from attrs import define, frozen
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from ledger.masking import kept_secrets, masked, masked_text, masked_where_plain
from sync.administrate.errors import (
    AnswerLost,
    ConnectionClosed,
    SchemaMismatch,
    TimedOut,
    TooSlow,
    Unreachable,
)
from sync.administrate.operations import Kind, Operation
from sync.administrate.transport.deadline import Deadline
from sync.administrate.transport.network import Network

LARGEST_BODY = 64 * 2**20  # bytes; a hundred records of the widest operation are under two million
LARGEST_REFUSAL = 2**20  # bytes of a page of error that are kept; the rest is not waited for
_CHUNK = 2**16
# Seconds a connection may have been idle for a change to be sent on it. A server that closes it as
# the request goes out leaves us not knowing whether the change was made.
LONGEST_IDLE = 1.0
# How it shows that the other side closed the connection. A status line that was cut short is as bad
# as none.
_CLOSED = (
    ConnectionError,
    http.client.IncompleteRead,
    http.client.BadStatusLine,
    urllib3.exceptions.IncompleteRead,
    urllib3.exceptions.InvalidChunkLength,
    urllib3.exceptions.ProtocolError,  # itself: the body ended before its last chunk
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)


@frozen
class Timeouts:
    """Seconds: for a connection, between two pieces of an answer, and for the whole answer."""

    connect: float = 10.0
    read: float = 60.0
    whole: float = 120.0


@frozen
class Reply:
    """The whole reply: the status, the headers (found in any case) and the exact body.

    Where ``ends_with_connection``, nothing but the connection's end says that the body is whole.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    ends_with_connection: bool = False

    @property
    def retry_after(self) -> float | None:
        """The seconds that ``Retry-After`` (a number or a date) says; None where it is unreadable.

        A date is taken against the reply's own ``Date``, so a wrong clock here does no harm.
        """
        wanted = self.headers.get("Retry-After", "").strip()
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
            return float(wanted)
        try:
            until = parsedate_to_datetime(wanted)
            sent = parsedate_to_datetime(self.headers["Date"])
            return max(0.0, (until - sent).total_seconds())
        except (KeyError, TypeError, ValueError):
            return None


@define
class _Idle:
    """A session with an idle connection to one server, and since when; the deadline is that of its
    answers."""

    session: requests.Session
    deadline: Deadline
    since: float


class Transport:
    """Posts to the API; shared by threads, each request on a connection of its own meanwhile."""

    def __init__(
        self,
        timeouts: Timeouts,
        network: Network | None = None,
        *,
        secrets: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeouts = timeouts
        self._network = network or Network()
        self._secrets = secrets
        self._clock = clock
        # By server; last in, first out: a connection used a moment ago is the least likely to be
        # closed.
        self._idle: dict[str, queue.LifoQueue[_Idle]] = {}

    def post(
        self,
        operation: Operation,
        url: str,
        body: bytes,
        content_type: str,
        token: str | None,
        *,
        largest: int = LARGEST_BODY,
    ) -> Reply:
        """The answer, whatever its status; Unreachable or AnswerLost where there is none, and
        SchemaMismatch for one of more than ``largest`` bytes.

        Neither an answer nor an error holds the token or one of the secrets. A change goes out on
        no connection that was idle for more than ``LONGEST_IDLE``.
        """
        secrets = [*self._secrets, *([token] if token else [])]
        with self._session(operation, url) as (session, deadline):
            deadline.end = self._clock() + self._timeouts.whole
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
                    answer = _read(operation, response, largest)
                    return _masked(response, answer, secrets)
            except requests.RequestException as error:
                cause = _cause(error)
                failure = _failure(cause)
                if failure is TimedOut and deadline.left <= 0:
                    said = f"not finished after {self._timeouts.whole:g} s"
                    raise TooSlow(operation, said) from None
                if failure is TimedOut:
                    raise TimedOut(
                        operation, f"nothing came for {self._timeouts.read:g} s"
                    ) from None
                raise failure(operation, _in_words(cause, secrets)) from None

    def close(self) -> None:
        """Close the connections kept for reuse."""
        for idle in self._idle.values():
            while not idle.empty():
                idle.get_nowait().session.close()

    @contextmanager
    def _session(
        self, operation: Operation, url: str
    ) -> Iterator[tuple[requests.Session, Deadline]]:
        # Two threads may not use one requests.Session at once, so each takes one from the pool.
        idle = self._idle.setdefault(urlsplit(url).netloc, queue.LifoQueue())
        try:
            last = idle.get_nowait()
        except queue.Empty:
            deadline = Deadline(self._clock, self._timeouts.read)
            session = self._network.session(deadline)
        else:
            session, deadline = last.session, last.deadline
            idle_for = self._clock() - last.since
            if operation.kind is not Kind.READ and idle_for > LONGEST_IDLE:
                session.close()  # the connection; the session opens another
        try:
            yield session, deadline
        finally:
            idle.put(_Idle(session, deadline, self._clock()))


@frozen
class _Bearer(AuthBase):
    """Sets the header itself: without an ``auth``, requests puts a .netrc entry in its place."""

    token: str | None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token is not None:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _read(operation: Operation, response: requests.Response, largest: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if not response.ok and len(body) > LARGEST_REFUSAL:
            return bytes(body[:LARGEST_REFUSAL])
        if len(body) > largest:
            raise SchemaMismatch(operation, f"a body of over {largest:,} bytes")
    return bytes(body)


def _masked(response: requests.Response, body: bytes, secrets: Collection[str]) -> Reply:
    """The reply without our secrets, which a page of error may quote in any form."""
    status, headers = response.status_code, response.headers
    good = response.ok and body.lstrip()[:1] == b"{" and b'"errors"' not in body
    every = [*secrets, *kept_secrets()]
    if not good:
        headers = CaseInsensitiveDict(
            {name: masked_text(value, every) for name, value in headers.items()}
        )
    body = masked_where_plain(body, secrets)
    if not good:
        # What is quoted of it stands in the beginning.
        body = masked(body[:LARGEST_REFUSAL], every) + body[LARGEST_REFUSAL:]
    return Reply(status, headers, body, ends_with_connection=_is_unframed(response.headers))


def _cause(error: requests.RequestException) -> BaseException:
    """The failure inside those of requests and urllib3 that decides whether anything was sent."""
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


def _failure(cause: BaseException) -> type[AnswerLost | Unreachable]:
    """What the failure of a request leaves: nothing sent, or one that may have been obeyed."""
    if isinstance(cause, NewConnectionError | ConnectTimeoutError | ssl.SSLCertVerificationError):
        return Unreachable
    if isinstance(cause, TimeoutError | ReadTimeoutError):
        return TimedOut
    return ConnectionClosed if isinstance(cause, _CLOSED) else AnswerLost


def _is_unframed(headers: Mapping[str, str]) -> bool:
    return "Content-Length" not in headers and "Transfer-Encoding" not in headers


def _in_words(cause: BaseException, secrets: Collection[str]) -> str:
    # urllib3 begins its messages with the connection's address in memory.
    words = (str(cause) or type(cause).__name__).rpartition(">: ")[2]
    # Masked before it is cut: of a secret without its beginning, nothing would be found.
    return masked_text(words, [*secrets, *kept_secrets()])[-200:]
