"""A fault that is set: which calls it strikes, and all that strike one call put together.

Written as text, a fault is ``KIND:OPERATION:WHEN:VALUE``. OPERATION is an operation's name, a
mutation's path (``event.createBlended``), a root field (``venues``), ``oauth.token``, ``mutation``
for any change, or ``*`` for any GraphQL call. WHEN counts the calls it concerns since it was set:
``3``, ``3-5``, ``3-``, ``*`` for every one, ``20%`` for that share of them. WHEN and VALUE may be
left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable

from attrs import frozen

from ledger.errors import UsageRefused
from sync.sandbox.faults.answers import Answer
from sync.sandbox.faults.kinds import KINDS, Disturbance, FaultKind
from sync.sandbox.reply import Delivery, Reply

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
            chance = random.Random(f"{self.seed}:{self.kind}:{self.operation}:{nth}")  # noqa: S311 - a test's chances
            return chance.random() < self.share
        return self.first <= nth and (self.last is None or nth <= self.last)


@frozen
class Strikes:
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

    def disturbance(self, number: int) -> Disturbance:
        """Of the call with that number."""
        every = [kind.disturbance(number) for _, kind in self._kinds if kind.disturbance]
        return Disturbance(
            insert=any(one.insert for one in every),
            remove=any(one.remove for one in every),
            salt=max((one.salt for one in every), default=0),
        )

    def alter_answer(self, answer: Answer) -> Answer:
        for fault, kind in self._kinds:
            if kind.answer is not None:
                answer = kind.answer(answer, fault.value)
        return answer

    def alter_reply(self, reply: Reply) -> Reply:
        for _, kind in self._kinds:
            if kind.reply is not None:
                reply = kind.reply(reply)
        return reply

    @property
    def delivery(self) -> Delivery:
        kinds = [self._ending[1]] if self._ending else [kind for _, kind in self._kinds]
        return next((kind.delivery for kind in kinds if kind.delivery), Delivery.WHOLE)
