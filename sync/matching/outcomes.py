"""The outcome of a record: a stored word and a sentence for people."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from ledger.history.reasons import sentence_of
from sync.matching.keys import Id, Link, Side


class Kind(StrEnum):
    """The three kinds of outcome."""

    LINKED = "linked"
    UNMATCHED = "unmatched"
    AMBIGUOUS = "ambiguous"


class Cause(StrEnum):
    """The reason of an outcome."""

    RULE = "rule"
    ACCEPTED = "accepted"
    KEPT = "kept"
    LASTING = "lasting"
    PREFERRED = "preferred"
    ADOPTED = "adopted"
    ADOPTED_ALIKE = "adopted-alike"
    NONE_EQUAL = "none-equal"
    BLANK = "blank"
    UNPLACED = "unplaced"
    REJECTED = "rejected"
    REVIEW = "review"
    TAKEN = "taken"
    PARTNER_GONE = "partner-gone"
    SEVERAL = "several"
    DISPLACED = "displaced"
    CONTESTED = "contested"

    @property
    def sentence(self) -> str:
        """The cause in words, for a report."""
        return sentence_of(self.value)


# Links that a person should review.
_DOUBTFUL = frozenset({Cause.KEPT, Cause.PREFERRED, Cause.ADOPTED, Cause.ADOPTED_ALIKE})
_LINKED = frozenset({Cause.RULE, Cause.ACCEPTED, Cause.LASTING}) | _DOUBTFUL

NAMESAKES_TO_LOOK_AT = 2_000
"""Expected namesakes, in ten-thousandths, from which an automatic link of people is flagged:
sharing a name is then likely enough that equality alone is thin evidence."""


MOST_NAMED = 5
"""How many of the records of one key, on each side, are named with a decision; the rest are
counted. Else each of n namesakes would name n others."""


@frozen
class Outcome:
    """A cause with the ids it concerns on each side.

    Linked: the pair, and behind it whom an older tool had linked the first with. Ambiguous: every
    candidate of both sides. Unmatched: the pair that was kept apart, or the records of that key,
    all on one side. One outcome may stand for several records.
    ``namesakes`` (links of people by rule) are those expected by chance, in ten-thousandths.
    """

    cause: Cause
    administrate: tuple[Id, ...]
    tutorial: tuple[Id, ...]
    namesakes: int | None = None

    @classmethod
    def of_pair(cls, cause: Cause, pair: Link) -> Outcome:
        """The outcome of a pair."""
        return cls(cause, (pair.administrate,), (pair.tutorial,))

    def on(self, side: Side) -> tuple[Id, ...]:
        """The ids on that side."""
        return self.administrate if side is Side.ADMINISTRATE else self.tutorial

    def others(self, side: Side, named: Id) -> tuple[list[tuple[Side, Id]], int]:
        """The records it concerns beside one of them (of ``side``), Administrate's first: of each
        side no more than `MOST_NAMED`, and how many further ones there are."""
        found: list[tuple[Side, Id]] = []
        for each in Side:
            first = [(each, one) for one in self.on(each)[: MOST_NAMED + 1]]
            found += [one for one in first if one != (side, named)][:MOST_NAMED]
        return found, len(self.administrate) + len(self.tutorial) - 1 - len(found)

    @property
    def kind(self) -> Kind:
        """Linked; else unmatched for want of candidates, or ambiguous for too many."""
        if self.cause in _LINKED:
            return Kind.LINKED
        return Kind.AMBIGUOUS if self.cause is Cause.SEVERAL else Kind.UNMATCHED

    @property
    def link(self) -> Link | None:
        """The pair linked, None where none is."""
        if self.cause not in _LINKED:
            return None
        return Link(self.administrate[0], self.tutorial[0])

    @property
    def flagged(self) -> bool:
        """Whether a person should review the link."""
        return self.cause in _DOUBTFUL or (self.namesakes or 0) >= NAMESAKES_TO_LOOK_AT
