"""What can go wrong on demand: a table of kinds of fault, and when one set by a test strikes.

Written as text, a fault is ``KIND:OPERATION:WHEN:VALUE``. OPERATION is an operation's name, a
mutation's path (``event.createBlended``), a root field (``venues``), ``oauth.token``, ``mutation``
for any change, or ``*`` for any GraphQL call. WHEN counts the calls it concerns since it was set:
``3``, ``3-5``, ``3-``, ``*`` for every one, ``20%`` for that share of them. WHEN and VALUE may be
left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from attrs import frozen

from ledger.errors import UsageRefused
from sync.sandbox.faults import answers as spoiling
from sync.sandbox.graphql.call import Mischief
from sync.sandbox.reply import Delivery, Reply, failing

Answer = dict[str, Any]


@frozen
class FaultKind:
    """What a kind of fault does to a call, in the order of its fields.

    ``instead``, or ``delivery`` with ``unmade``, ends the call before anything is changed.
    """

    says: str
    waits: bool = False
    revokes: bool = False
    instead: Reply | None = None
    unmade: bool = False
    mischief: Callable[[int], Mischief] | None = None
    answer: Callable[[Answer, str | None], Answer] | None = None
    reply: Callable[[Reply], Reply] | None = None
    delivery: Delivery | None = None

    @property
    def before(self) -> bool:
        """Whether the call is never executed."""
        return self.instead is not None or self.unmade


def _lost(status: int) -> FaultKind:
    return FaultKind(f"{status} after the change was made", reply=lambda _: failing(status))


KINDS: Mapping[str, FaultKind] = {
    "latency": FaultKind("the answer comes VALUE seconds (0.05) after the call", waits=True),
    "429": FaultKind("429 without Retry-After", instead=failing(429)),
    "429-retry-after": FaultKind(
        "429 with Retry-After: VALUE (1)", instead=failing(429, retry="1")
    ),
    "500-before": FaultKind("500, nothing changed", instead=failing(500)),
    "500-after": _lost(500),
    "502": FaultKind("502, nothing changed", instead=failing(502)),
    "502-after": _lost(502),
    "503": FaultKind("503, nothing changed", instead=failing(503)),
    "503-after": _lost(503),
    "504": FaultKind("504, nothing changed", instead=failing(504)),
    "504-after": _lost(504),
    "401": FaultKind("401, the token stays good", instead=failing(401)),
    "token-revoked": FaultKind(
        "401, no token given out so far is good again", instead=failing(401), revokes=True
    ),
    "reset-before": FaultKind(
        "the connection is reset, nothing changed", unmade=True, delivery=Delivery.RESET
    ),
    "reset-unanswered": FaultKind(
        "the change is made, the connection reset before the answer", delivery=Delivery.RESET
    ),
    "reset-mid": FaultKind(
        "the connection is reset in the middle of the answer", delivery=Delivery.HALF_THEN_RESET
    ),
    "reset-after": FaultKind(
        "the connection is reset after the answer", delivery=Delivery.WHOLE_THEN_RESET
    ),
    "close-before": FaultKind(
        "the connection is closed as the call goes out, nothing changed",
        unmade=True,
        delivery=Delivery.CLOSE,
    ),
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
    "hang": FaultKind("no answer at all, nothing changed", unmade=True, delivery=Delivery.SILENCE),
    "hang-after": FaultKind("the change is made, no answer at all", delivery=Delivery.SILENCE),
    "exit-before": FaultKind(
        "the process kills itself, nothing changed", unmade=True, delivery=Delivery.EXIT
    ),
    "exit-after": FaultKind("the process kills itself after the change", delivery=Delivery.EXIT),
    "truncated": FaultKind("200 with the first half of the body", reply=spoiling.truncated),
    "not-json": FaultKind("200 with a page of HTML", reply=spoiling.not_json),
    "null": FaultKind("null in the first field named VALUE (id)", answer=spoiling.null),
    "wrong-type": FaultKind(
        "a list in the first field named VALUE (id)", answer=spoiling.wrong_type
    ),
    "endless-text": FaultKind(
        "ten million characters in the first field named VALUE (id)", answer=spoiling.endless_text
    ),
    "forbidden": FaultKind(
        "top-level errors: no permission, nothing changed", instead=spoiling.FORBIDDEN
    ),
    "403": FaultKind("403, nothing changed", instead=failing(403)),
    "errors": FaultKind("top-level errors, nothing changed", instead=spoiling.ERRORS),
    "errors-after": FaultKind("top-level errors after the change", answer=spoiling.errors),
    "partial-errors": FaultKind("data and top-level errors", answer=spoiling.partial_errors),
    "created-with-errors": FaultKind("the entity and payload errors", answer=spoiling.complaints),
    "page-insert": FaultKind(
        "somebody inserts before the page", mischief=lambda _: Mischief(insert=True)
    ),
    "page-remove": FaultKind(
        "somebody removes the first record before the page",
        mischief=lambda _: Mischief(remove=True),
    ),
    "unordered": FaultKind(
        "records in an order of the call's own", mischief=lambda number: Mischief(salt=number)
    ),
}

WHEN = re.compile(r"(?P<every>\*)|(?P<first>\d+)(?P<to>-(?P<last>\d*))?|(?P<share>\d+(\.\d+)?)%")
SECONDS = re.compile(r"\d+(\.\d+)?")


@frozen
class Fault:
    """A kind of fault for the calls ``first`` to ``last`` of an operation, or a share of them."""

    kind: str
    operation: str = "*"
    first: int = 1
    last: int | None = None
    share: float | None = None
    value: str | None = None
    seed: int = 0

    @classmethod
    def parse(cls, text: str, seed: int = 0) -> Fault:
        """UsageRefused where the text names no kind there is, or no calls."""
        kind, operation, when, value = (*text.split(":", 3), *[""] * 4)[:4]
        if kind not in KINDS:
            raise UsageRefused(
                f"There is no fault {kind!r} (in {text!r}); there are: {', '.join(KINDS)}."
            )
        match = WHEN.fullmatch(when or "*")
        if match is None:
            raise UsageRefused(f"{when!r} (in {text!r}) names no calls: give 3, 3-5, 3-, * or 20%.")
        first = int(match["first"] or 1)
        last = int(match["last"]) if match["last"] else None
        if KINDS[kind].waits and value and not SECONDS.fullmatch(value):
            raise UsageRefused(f"{value!r} (in {text!r}) is no number of seconds.")
        return cls(
            kind,
            operation or "*",
            first,
            first if match["first"] and not match["to"] else last,
            float(match["share"]) / 100 if match["share"] else None,
            value or None,
            seed,
        )

    def concerns(self, names: Collection[str]) -> bool:
        graphql = "oauth.token" not in names
        # A mutation goes by its path, too.
        mutation = graphql and any("." in name for name in names)
        every = (self.operation == "*" and graphql) or (self.operation == "mutation" and mutation)
        return self.operation in names or every

    def strikes(self, nth: int) -> bool:
        """Whether it strikes the n-th call that it concerns, from 1."""
        if self.share is not None:
            lot = random.Random(f"{self.seed}:{self.kind}:{self.operation}:{nth}")  # noqa: S311 - a test's lots
            return lot.random() < self.share
        return self.first <= nth and (self.last is None or nth <= self.last)


@frozen
class Plan:
    """All the faults that strike one call, put together."""

    faults: tuple[Fault, ...] = ()

    @property
    def _kinds(self) -> Iterable[tuple[Fault, FaultKind]]:
        return ((fault, KINDS[fault.kind]) for fault in self.faults)

    @property
    def wait(self) -> float:
        return sum(float(fault.value or 0.05) for fault, kind in self._kinds if kind.waits)

    @property
    def revokes(self) -> bool:
        return any(kind.revokes for _, kind in self._kinds)

    @property
    def _ending(self) -> tuple[Fault, FaultKind] | None:
        """The first fault, if any, that ends the call before it is executed."""
        return next((one for one in self._kinds if one[1].before), None)

    @property
    def instead(self) -> Reply | None:
        """The reply of a call that is not executed; None where it is."""
        if self._ending is None:
            return None
        fault, kind = self._ending
        return kind.instead.with_retry(fault.value) if kind.instead else Reply(200)

    def mischief(self, number: int) -> Mischief:
        made = [kind.mischief(number) for _, kind in self._kinds if kind.mischief]
        return Mischief(
            insert=any(one.insert for one in made),
            remove=any(one.remove for one in made),
            salt=max((one.salt for one in made), default=0),
        )

    def spoil_answer(self, answer: Answer) -> Answer:
        for fault, kind in self._kinds:
            if kind.answer is not None:
                answer = kind.answer(answer, fault.value)
        return answer

    def spoil_reply(self, reply: Reply) -> Reply:
        for _, kind in self._kinds:
            if kind.reply is not None:
                reply = kind.reply(reply)
        return reply

    @property
    def delivery(self) -> Delivery:
        kinds = [self._ending[1]] if self._ending else [kind for _, kind in self._kinds]
        return next((kind.delivery for kind in kinds if kind.delivery), Delivery.WHOLE)
