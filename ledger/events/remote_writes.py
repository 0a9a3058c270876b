"""Remote writes: what Administrate was asked to change, and what became of it.

A request is in the ledger before it is sent. Until an answer or an adoption follows from it, nobody
knows whether it was done; ``ledger.open_writes`` lists those that are still to be found out.
"""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import BLOB, PERSONAL, Event
from ledger.values import Fields


@frozen(kw_only=True)
class WriteEvent(Event):
    """A step of one write: the record it is for, and its slot, which names it within its run."""

    about: str
    slot: str
    operation: str

    def record(self) -> str:
        return self.about


@frozen(kw_only=True)
class WriteRequested(WriteEvent):
    """A write is about to be sent, with these variables; again, where a request is its cause."""

    variables: Fields = field(metadata=PERSONAL)


@frozen(kw_only=True)
class WriteAnswered(WriteEvent):
    """Administrate answered: *written*, with the id of what was made or changed, or *refused*, or
    *standing*: refused because what was asked for is so already.

    ``errors`` are what it said, warnings where it was written; ``digest`` is the answer's blob.
    ``in_doubt``: it was refused, and an earlier attempt without an answer may have done it.
    """

    outcome: str
    id: str | None
    errors: tuple[str, ...]
    digest: str = field(metadata=BLOB)
    in_doubt: bool = False


@frozen(kw_only=True)
class WriteUnanswered(WriteEvent):
    """No answer came. ``done`` is whether the change was made, if known."""

    kind: str
    done: str
    said: str


@frozen(kw_only=True)
class WriteAdopted(WriteEvent):
    """The record of an unanswered write was found by its natural key: it was done."""

    id: str


@frozen(kw_only=True)
class WriteDisputed(WriteEvent):
    """Several records have the natural key of an unanswered write: a person has to choose."""

    ids: tuple[str, ...] = field(default=())


@frozen(kw_only=True)
class WriteAbandoned(WriteEvent):
    """Nobody finds out any more whether an unanswered write was done, for a person's reason."""

    reason: str
