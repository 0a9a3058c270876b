"""The state of each write of a run, by its slot, from the ledger; and the end of those that nobody
sends again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.events import (
    WriteAbandoned,
    WriteAdopted,
    WriteAnswered,
    WriteDisputed,
    WriteRequested,
    WriteUnanswered,
)
from ledger.events.recorded import Recorded
from ledger.history.record_history import events_at
from ledger.projections.open_writes import NOT_DONE
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from sync.administrate.errors import Done
from sync.administrate.reads.listings import Record

_WRITE_EVENTS = (WriteRequested, WriteAnswered, WriteUnanswered, WriteAdopted, WriteDisputed)


@frozen
class WriteOutcome:
    """The outcome of a write.

    ``id`` is that of the record made or changed; ``None`` where the write was refused or is
    disputed, and for a change whose answer has none. ``errors`` are the reasons of a refusal, or
    Administrate's warnings. ``disputed`` are the ids a person has to choose from. ``record`` is the
    answered or found record, empty where the write was done before an interruption. ``in_doubt``:
    it was refused, and an earlier attempt without an answer may have done it all the same.
    """

    done: bool
    id: str | None = None
    errors: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    record: Record = field(factory=dict, eq=False, repr=False)
    in_doubt: bool = False

    @property
    def said(self) -> str:
        """Administrate's reasons or warnings, in a line."""
        doubt = ["an earlier attempt, which had no answer, may have done it all the same"]
        return "; ".join((*self.errors, *(doubt if self.in_doubt else ())))


@frozen
class Slot:
    """The ledger's state of a slot: the position of its last request, and its outcome.

    ``in_doubt``: whether it was done is not known.
    """

    request: int
    in_doubt: bool
    outcome: WriteOutcome | None


def known_writes(ledger: Ledger, run_id: UUID) -> dict[str, Slot]:
    known: dict[str, Slot] = {}
    types = [kind.__name__ for kind in _WRITE_EVENTS]
    for recorded in ledger.read(Selection(run_id=run_id, types=types)):
        event, request = recorded.event, recorded.cause or 0
        match event:
            case WriteRequested(slot=slot):
                known[slot] = Slot(recorded.position, in_doubt=True, outcome=None)
            case WriteAnswered(slot=slot):
                done = event.outcome != "refused"
                outcome = WriteOutcome(done, event.id, event.errors, in_doubt=event.in_doubt)
                known[slot] = Slot(request, event.in_doubt, outcome)
            case WriteUnanswered(slot=slot):
                unknown = event.done != Done.NO.value
                known[slot] = Slot(request, in_doubt=unknown, outcome=None)
            case WriteAdopted(slot=slot):
                outcome = WriteOutcome(done=True, id=event.id)
                known[slot] = Slot(request, in_doubt=False, outcome=outcome)
            case WriteDisputed(slot=slot):
                outcome = WriteOutcome(done=False, disputed=event.ids)
                known[slot] = Slot(request, in_doubt=True, outcome=outcome)
    return known


def open_requests(connection: Connection, runs: Sequence[UUID]) -> list[Recorded]:
    """The runs' requests of which nobody knows whether they were done."""
    reader = driver(connection)
    found = reader.execute(
        "SELECT position FROM ledger.open_writes WHERE run_id = ANY(%s)", (list(runs),)
    )
    return list(events_at(reader, [position for (position,) in found]).values())


def not_done(request: Recorded, kind: str, said: str) -> Entry:
    """What closes a request about a record that is gone, or was never made."""
    return Entry(
        WriteUnanswered(**_named(request), kind=kind, done=NOT_DONE, said=said), request.position
    )


def abandoned(request: Recorded, reason: str) -> Entry:
    """What ends the search for a request's outcome, for a person's reason."""
    return Entry(WriteAbandoned(**_named(request), reason=reason), request.position)


def _named(request: Recorded) -> dict[str, str]:
    event = cast("WriteRequested", request.event)
    return {"about": event.about, "slot": event.slot, "operation": event.operation}
