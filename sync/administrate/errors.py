"""The errors between this program and Administrate: one class a cause.

Each class declares two facts: the outcome of the write (``leaves``), and the kinds of operation
worth sending again (``retried``). An error never holds a token or the secret, and quotes the server
at bounded length.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar, Self

from ledger.errors import AdmsyncError, StoppedResumably
from sync.administrate.operations import Kind, Operation


class Done(Enum):
    """Whether Administrate made the requested change."""

    NO = "certainly not done"
    YES = "certainly done"
    UNKNOWN = "perhaps done"


ALL_KINDS = frozenset(Kind)
REPEATABLE = frozenset({Kind.READ, Kind.UPDATE})
NEVER: frozenset[Kind] = frozenset()


class AdministrateError(StoppedResumably):
    """A failed call, with the outcome of its write and the server's words.

    ``done`` is of the whole call: once an attempt has left it unknown, no later attempt decides it.
    """

    leaves: ClassVar[Done] = Done.UNKNOWN
    retried: ClassVar[frozenset[Kind]] = NEVER
    # In a run that stops for it, the exit code is the run's; elsewhere there is nothing to resume.
    exit_code = AdmsyncError.exit_code
    happened: ClassVar[str] = "the call failed"
    advice: ClassVar[str] = ""

    def __init__(
        self,
        operation: Operation,
        said: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        done: Done | None = None,
    ) -> None:
        super().__init__(said)
        self.operation = operation.name
        self.kind = operation.kind
        self.said = said
        self.status = status
        self.retry_after = retry_after  # seconds, where the server asked for them
        self.attempts = 1
        # A read changes nothing, however it ends.
        self.done = Done.NO if operation.kind is Kind.READ else (done or self.leaves)

    @property
    def retryable(self) -> bool:
        """Whether the call may be sent again without a search for its result."""
        return self.kind in self.retried

    def ended(self, attempts: int, *, in_doubt: bool) -> Self:
        """This error of a last attempt as the error of the whole call."""
        self.attempts = attempts
        if in_doubt and self.done is Done.NO and self.kind is not Kind.READ:
            self.done = Done.UNKNOWN
        return self

    def words(self) -> str:
        parts = [f"Administrate, {self.operation}: {self.happened}"]
        if self.attempts > 1:
            parts.append(f" ({self.attempts} attempts)")
        if self.said:
            parts.append(f": {self.said}")
        if self.kind is not Kind.READ:
            parts.append(f"; the change is {self.done.value}")
        if self.advice:
            parts.append(f". {self.advice}")
        return "".join(parts)


class Unreachable(AdministrateError):
    """No connection came about (refused, no such host, TLS, connect time-out): nothing was sent."""

    leaves = Done.NO
    retried = ALL_KINDS
    happened = "no connection"
    advice = "Check ADMINISTRATE_API_URL and the network"


class NotSent(AdministrateError):
    """A requested stop ended the wait before an attempt."""

    leaves = Done.NO
    happened = "not sent"


class AnswerLost(AdministrateError):
    """The request went out, or part of it, and no whole answer came back."""

    retried = REPEATABLE
    happened = "the answer did not arrive whole"
    advice = "Try again when the connection is better"


class ConnectionClosed(AnswerLost):
    """The connection ended before the whole answer: before the work was begun, or after it."""

    happened = "the connection was closed before the whole answer"


class TimedOut(AnswerLost):
    """No answer in time. The server may still be at work, so no change is sent again."""

    retried = frozenset({Kind.READ})
    happened = "no answer in time"


class TooSlow(TimedOut):
    """An answer came, but so slowly that its time was over before it was whole: once is enough."""

    retried = NEVER
    happened = "the answer came too slowly"


class Throttled(AdministrateError):
    """HTTP 429: over the limit of calls; the request was turned away."""

    leaves = Done.NO
    retried = ALL_KINDS
    happened = "too many calls (429)"
    advice = "Wait five minutes"


class ServerFault(AdministrateError):
    """HTTP 5xx or 408: the server, or something before it, failed before or after the change."""

    retried = REPEATABLE
    happened = "a fault at the server"
    advice = "Try again later"


class TokenUnavailable(AdministrateError):
    """The token endpoint gave no token for a passing reason, so the call itself was not sent."""

    leaves = Done.NO
    retried = ALL_KINDS
    happened = "no access token"
    advice = "Check ADMINISTRATE_AUTH_URL and the network"


class TokenMissing(AdministrateError):
    """The token endpoint answered with no token, or without end: it is none, or stands behind a
    page of somebody else's. Nothing was sent."""

    leaves = Done.NO
    happened = "no access token"
    advice = "Check ADMINISTRATE_AUTH_URL, and whether a proxy stands in between"


class CredentialsRefused(AdministrateError):
    """The token endpoint refused the key and secret; nothing was sent."""

    leaves = Done.NO
    happened = "the key or secret was refused"
    advice = "Check ADMINISTRATE_API_KEY and ADMINISTRATE_API_SECRET"


class TokenRefused(AdministrateError):
    """HTTP 401: the API did not take the token; once renewed and repeated, then for good."""

    leaves = Done.NO
    happened = "the access token was refused (401)"
    advice = "Check that the key belongs to this instance and is not revoked"


class RequestRefused(AdministrateError):
    """Another 4xx, or a redirect (never followed: the token would go with it)."""

    leaves = Done.NO
    happened = "the request was refused"
    advice = "Check ADMINISTRATE_API_URL, ADMINISTRATE_AUTH_URL and what the key's user may do"


class Malformed(AdministrateError):
    """An answer that is not what the schema promises: no JSON, no data, a null out of place."""

    retried = REPEATABLE
    happened = "the answer makes no sense"
    advice = "Try again; where it stays so, 'admsync doctor' compares the schema"


class SchemaMismatch(Malformed):
    """An answer with a value of another type than the schema gives it; it would come again."""

    retried = NEVER
    happened = "the answer is not what the schema says"
    advice = "Run 'admsync doctor': the schema may have changed"


class WebPage(Malformed):
    """A page of HTML, with a status of success: nothing that understood the request answered."""

    retried = NEVER
    happened = "an HTML page came, probably of a login or a proxy"
    advice = "Check ADMINISTRATE_API_URL, and whether a proxy stands in between"


class NotFound(AdministrateError):
    """The record whose own list was asked for is not there, or no longer."""

    leaves = Done.NO
    happened = "not found"


class OperationRejected(AdministrateError):
    """Top-level errors and no data: refused before execution (syntax, unknown field, bad value)."""

    leaves = Done.NO
    happened = "the operation was rejected"
    advice = "Run 'admsync doctor': the schema may have changed"


class OperationFailed(AdministrateError):
    """Top-level errors from inside the execution: the change may have been made before them.

    ``data`` is what came beside the errors, which can still hold the entity that was made;
    ``body`` is the whole answer.
    """

    retried = frozenset({Kind.READ})
    happened = "the server failed at the operation"
    advice = "Try again later"

    data: Any = None
    body: bytes = b""


class NotPermitted(OperationFailed):
    """Top-level errors that say so: the user whom the key stands for may not do this."""

    retried = NEVER
    happened = "Administrate does not permit it"
    advice = "Have the user whom the key stands for permitted to, in Administrate"
