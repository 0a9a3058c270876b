"""People's decisions about pairs and records, and their effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property

from attrs import field, frozen

from sync.matching.keys import Id, Key, Link, Record, Side


class Verdict(StrEnum):
    """The content of a decision."""

    ACCEPT = "accept"
    REJECT = "reject"
    IGNORE = "ignore"


@frozen
class Decision:
    """A person's verdict on a pair, or, to ignore it, on a record of one side.

    ``reference`` is the position of its event in the ledger; later ones win. The keys are the raw
    fields it was made on: a rejection is bound to them, an acceptance only remembers them.
    ``lapsed``: the record was to be ignored until a day that has come.
    """

    reference: int
    verdict: Verdict
    administrate: Id | None
    tutorial: Id | None
    administrate_key: Key = ()
    tutorial_key: Key = ()
    lapsed: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse a verdict on the wrong number of records: a programming error, not a person's."""
        if len(self.named) != (1 if self.verdict is Verdict.IGNORE else 2):
            raise ValueError(f"{self.verdict} of {len(self.named)} records: {self.reference}")

    @property
    def named(self) -> set[tuple[Side, Id]]:
        """The records of the decision."""
        sides = ((Side.ADMINISTRATE, self.administrate), (Side.TUTORIAL, self.tutorial))
        return {(side, named) for side, named in sides if named is not None}

    @property
    def pair(self) -> Link | None:
        """The pair of the decision, None where it ignores one record."""
        if self.administrate is None or self.tutorial is None:
            return None
        return Link(self.administrate, self.tutorial)

    def binds(self, administrate: Record, tutorial: Record) -> bool:
        """Whether the two records still have the decision's fields, ignoring case, as every rule
        does."""
        made_on = (self.administrate_key, self.tutorial_key)
        return _folded(made_on) == _folded((administrate.key, tutorial.key))


@frozen
class Withdrawal:
    """A person withdrew the decision of that reference; the one before it applies again."""

    reference: int


@frozen
class Effect:
    """Decisions with their contradictions resolved: the input of matching and suggestions."""

    accepted: Mapping[Link, Decision]
    rejected: Mapping[Link, Decision]
    ignored: frozenset[tuple[Side, Id]]
    overruled: tuple[Decision, ...]

    @cached_property
    def partner(self) -> Mapping[tuple[Side, Id], Link]:
        """The accepted pair of a record."""
        return {(side, link.on(side)): link for link in self.accepted for side in Side}

    @cached_property
    def about(self) -> Mapping[tuple[Side, Id], list[Decision]]:
        """The acceptance and the rejections of a record."""
        found: dict[tuple[Side, Id], list[Decision]] = {}
        for link, decision in (*self.accepted.items(), *self.rejected.items()):
            for side in Side:
                found.setdefault((side, link.on(side)), []).append(decision)
        return found


@frozen
class Decisions:
    """The decisions not withdrawn, by reference. A value: ``after`` makes another."""

    by_reference: Mapping[int, Decision] = field(factory=dict)

    @classmethod
    def of(cls, *decisions: Decision) -> Decisions:
        """The decisions given, in any order."""
        return cls().after(decisions)

    def after(self, events: Iterable[Decision | Withdrawal]) -> Decisions:
        """With further events of the ledger, in its order, folded in."""
        folded = dict(self.by_reference)
        for event in events:
            if isinstance(event, Decision):
                folded[event.reference] = event
            else:
                folded.pop(event.reference, None)
        return Decisions(folded)

    @cached_property
    def effect(self) -> Effect:
        """The decisions that apply: the latest on a pair or an ignored record, and no id accepted
        twice (the latest again).

        Decisions contradicted by later ones have no effect and are listed as overruled.
        """
        accepted: dict[Link, Decision] = {}
        rejected: dict[Link, Decision] = {}
        ignored: dict[tuple[Side, Id], bool] = {}
        overruled: list[Decision] = []
        claimed: set[tuple[Side, Id]] = set()
        for reference in sorted(self.by_reference, reverse=True):
            decision = self.by_reference[reference]
            pair = decision.pair
            if pair is None:
                for named in decision.named:
                    ignored.setdefault(named, not decision.lapsed)
            elif decision.verdict is Verdict.REJECT:
                if pair in accepted:
                    overruled.append(decision)
                else:
                    rejected.setdefault(pair, decision)
            elif pair in rejected or (decision.named & claimed and pair not in accepted):
                overruled.append(decision)
            else:
                accepted.setdefault(pair, decision)
                claimed |= decision.named
        hidden = frozenset(named for named, holds in ignored.items() if holds)
        return Effect(accepted, rejected, hidden, tuple(reversed(overruled)))


def _folded(keys: tuple[Key, ...]) -> list[list[str]]:
    return [[text.casefold() for text in key] for key in keys]
