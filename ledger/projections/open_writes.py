"""Projects open writes: ``ledger.open_writes``, from requests and their outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ledger.events import (
    WriteAbandoned,
    WriteAdopted,
    WriteAnswered,
    WriteDisputed,
    WriteRequested,
    WriteUnanswered,
)
from ledger.events.recorded import Recorded
from ledger.projections.projector import Projector, Step
from ledger.schema.column_values import Row
from ledger.schema.ledger import OPEN_WRITES

# What the client says of a change that was certainly not made.
NOT_DONE = "certainly not done"


def _requested(recorded: Recorded) -> Iterable[Step]:
    event = cast("WriteRequested", recorded.event)
    row: Row = {
        "position": recorded.position,
        "run_id": recorded.run_id,
        "about": event.about,
        "slot": event.slot,
        "operation": event.operation,
        "state": "requested",
        "ids": [],
        "requested_at": recorded.recorded_at,
    }
    requested = Step(OPEN_WRITES, recorded.position, lambda _row: row)
    # A repeated write replaces its unanswered request.
    return [*(_settled(recorded) if recorded.cause else []), requested]


def _settled(recorded: Recorded) -> Iterable[Step]:
    return [Step(OPEN_WRITES, recorded.cause, lambda _row: None)]


def _unanswered(recorded: Recorded) -> Iterable[Step]:
    if cast("WriteUnanswered", recorded.event).done == NOT_DONE:
        return _settled(recorded)
    return [_known(recorded, state="unanswered")]


def _disputed(recorded: Recorded) -> Iterable[Step]:
    ids = list(cast("WriteDisputed", recorded.event).ids)
    return [_known(recorded, state="disputed", ids=ids)]


def _known(recorded: Recorded, **values: object) -> Step:
    def change(row: Row | None) -> Row:
        if row is None:
            raise ValueError("no such write was requested, or it is settled")
        return {**row, **values}

    return Step(OPEN_WRITES, recorded.cause, change)


OPEN = Projector(
    name="open writes",
    tables=(OPEN_WRITES,),
    handles={
        WriteRequested: _requested,
        WriteAnswered: _settled,
        WriteAdopted: _settled,
        WriteUnanswered: _unanswered,
        WriteDisputed: _disputed,
        WriteAbandoned: _settled,
    },
)
