"""Projects discrepancies: ``ledger.discrepancies``, from decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ledger.events import (
    MatchDecided,
    MatchesReaffirmed,
    RecordGone,
    RecordVanished,
    TutorialRecordLeft,
    TutorialRecordUnmatched,
)
from ledger.events.recorded import Recorded
from ledger.projections.projector import Projector, Step
from ledger.schema.column_values import Row, column_value
from ledger.schema.ledger import DISCREPANCIES


def _decided(recorded: Recorded) -> Iterable[Step]:
    event = cast("MatchDecided", recorded.event)
    if event.outcome != "linked" or event.flagged:
        yield _opened(recorded, event.record(), event)
    else:
        yield _closed(event.record())
    if event.linked is not None:
        yield _closed(event.linked)


def _unmatched(recorded: Recorded) -> Iterable[Step]:
    event = cast("TutorialRecordUnmatched", recorded.event)
    return [_opened(recorded, event.tutorial, event)]


def _left(recorded: Recorded) -> Iterable[Step]:
    return [_closed(cast("TutorialRecordLeft", recorded.event).tutorial)]


def _vanished(recorded: Recorded) -> Iterable[Step]:
    return [_closed(cast("RecordVanished | RecordGone", recorded.event).record())]


def _reaffirmed(recorded: Recorded) -> Iterable[Step]:
    def seen(row: Row | None) -> Row | None:
        if row is None:
            return None
        return {**row, "last_seen": recorded.recorded_at, "last_run": recorded.run_id}

    return [Step(DISCREPANCIES, record, seen) for record in recorded.event.others()]


def _opened(recorded: Recorded, record: str, event: MatchDecided | TutorialRecordUnmatched) -> Step:
    def open_(row: Row | None) -> Row:
        # Open already, for another reason: it has been open since then.
        first = row or {"first_seen": recorded.recorded_at, "first_run": recorded.run_id}
        return {
            "record": record,
            "bridge_table": event.table,
            "outcome": column_value(event.outcome),
            "reason": column_value(event.reason),
            "candidates": list(event.candidates),
            "first_seen": first["first_seen"],
            "first_run": first["first_run"],
            "last_seen": recorded.recorded_at,
            "last_run": recorded.run_id,
            "position": recorded.position,
        }

    return Step(DISCREPANCIES, record, open_)


def _closed(record: str) -> Step:
    return Step(DISCREPANCIES, record, lambda _row: None)


OPEN_DISCREPANCIES = Projector(
    name="discrepancies",
    tables=(DISCREPANCIES,),
    handles={
        MatchDecided: _decided,
        TutorialRecordUnmatched: _unmatched,
        TutorialRecordLeft: _left,
        RecordGone: _vanished,
        RecordVanished: _vanished,
        MatchesReaffirmed: _reaffirmed,
    },
)
