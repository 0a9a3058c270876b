"""The kinds of fault: for each a description, and what it does to a call it strikes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from sync.sandbox.faults import answers
from sync.sandbox.faults.answers import Answer
from sync.sandbox.reply import Delivery, Reply, failing


@frozen
class Disturbance:
    """What happens to the records as a page is read: one comes or goes, or their order changes."""

    insert: bool = False
    remove: bool = False
    salt: int = 0


@frozen
class FaultKind:
    """What a kind of fault does to a call, in the order of its fields.

    ``instead``, or ``delivery`` with ``unexecuted``, ends the call before anything is changed;
    ``disturbance`` takes the call's number, ``answer`` the fault's VALUE.
    """

    description: str
    waits: bool = False
    revokes: bool = False
    instead: Reply | None = None
    unexecuted: bool = False
    disturbance: Callable[[int], Disturbance] | None = None
    answer: Callable[[Answer, str | None], Answer] | None = None
    reply: Callable[[Reply], Reply] | None = None
    delivery: Delivery | None = None

    @property
    def before(self) -> bool:
        """Whether the call is never executed."""
        return self.instead is not None or self.unexecuted


def _refused(status: int) -> FaultKind:
    return FaultKind(f"{status}, nothing changed", instead=failing(status))


def _lost(status: int) -> FaultKind:
    return FaultKind(f"{status} after the change was made", reply=lambda _: failing(status))


def _unsent(description: str, delivery: Delivery) -> FaultKind:
    """Ends a call before it is executed, without a reply."""
    return FaultKind(f"{description}, nothing changed", unexecuted=True, delivery=delivery)


KINDS: Mapping[str, FaultKind] = {
    "latency": FaultKind("the answer comes VALUE seconds (0.05) after the call", waits=True),
    "429": FaultKind("429 without Retry-After", instead=failing(429)),
    "429-retry-after": FaultKind(
        "429 with Retry-After: VALUE (1)", instead=failing(429, retry="1")
    ),
    "500-before": _refused(500),
    "500-after": _lost(500),
    "502": _refused(502),
    "502-after": _lost(502),
    "503": _refused(503),
    "503-after": _lost(503),
    "504": _refused(504),
    "504-after": _lost(504),
    "401": FaultKind("401, the token stays good", instead=failing(401)),
    "token-revoked": FaultKind(
        "401, no token given out so far is good again", instead=failing(401), revokes=True
    ),
    "reset-before": _unsent("the connection is reset", Delivery.RESET),
    "reset-unanswered": FaultKind(
        "the change is made, the connection reset before the answer", delivery=Delivery.RESET
    ),
    "reset-mid": FaultKind(
        "the connection is reset in the middle of the answer", delivery=Delivery.HALF_THEN_RESET
    ),
    "reset-after": FaultKind(
        "the connection is reset after the answer", delivery=Delivery.WHOLE_THEN_RESET
    ),
    "close-before": _unsent("the connection is closed as the call goes out", Delivery.CLOSE),
    "close-unanswered": FaultKind(
        "the change is made, the connection closed before the answer", delivery=Delivery.CLOSE
    ),
    "close-head": FaultKind(
        "the connection is closed in the middle of the answer's headers",
        delivery=Delivery.HEAD_THEN_CLOSE,
    ),
    "close-mid": FaultKind(
        "the connection is closed in the middle of the answer", delivery=Delivery.HALF_THEN_CLOSE
    ),
    "hang": _unsent("no answer at all", Delivery.SILENCE),
    "hang-after": FaultKind("the change is made, no answer at all", delivery=Delivery.SILENCE),
    "exit-before": _unsent("the process kills itself", Delivery.EXIT),
    "exit-after": FaultKind("the process kills itself after the change", delivery=Delivery.EXIT),
    "truncated": FaultKind("200 with the first half of the body", reply=answers.truncated),
    "not-json": FaultKind("200 with a page of HTML", reply=answers.not_json),
    "null": FaultKind("null in the first field named VALUE (id)", answer=answers.null),
    "wrong-type": FaultKind(
        "a list in the first field named VALUE (id)", answer=answers.wrong_type
    ),
    "endless-text": FaultKind(
        "ten million characters in the first field named VALUE (id)", answer=answers.endless_text
    ),
    "forbidden": FaultKind(
        "top-level errors: no permission, nothing changed", instead=answers.FORBIDDEN
    ),
    "403": _refused(403),
    "errors": FaultKind("top-level errors, nothing changed", instead=answers.ERRORS),
    "errors-after": FaultKind("top-level errors after the change", answer=answers.errors),
    "partial-errors": FaultKind("data and top-level errors", answer=answers.partial_errors),
    "created-with-errors": FaultKind("the entity and payload errors", answer=answers.warnings),
    "page-insert": FaultKind(
        "somebody inserts before the page", disturbance=lambda _: Disturbance(insert=True)
    ),
    "page-remove": FaultKind(
        "somebody removes the first record before the page",
        disturbance=lambda _: Disturbance(remove=True),
    ),
    "unordered": FaultKind(
        "records in an order of the call's own", disturbance=lambda number: Disturbance(salt=number)
    ),
}
