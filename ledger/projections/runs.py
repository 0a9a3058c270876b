"""Projects runs: ``ledger.runs``, from their start, stop and end events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from ledger.events import (
    RunCompleted,
    RunFailed,
    RunInterrupted,
    RunResumed,
    RunRolledBack,
    RunSetAside,
    RunStarted,
)
from ledger.events.recorded import Recorded
from ledger.events.runs import ENDED
from ledger.projections.projector import Projector, Step
from ledger.schema.column_values import Row
from ledger.schema.ledger import RUNS


def _started(recorded: Recorded) -> Iterable[Step]:
    event = cast("RunStarted", recorded.event)

    def begin(row: Row | None) -> Row:
        if row is not None:
            raise ValueError("the run has started already")
        return {
            "run_id": recorded.run_id,
            "command": event.command,
            "options": event.options,
            "software": event.software,
            "actor": recorded.actor,
            "state": "running",
            "reason": "",
            "counts": {},
            "refused": 0,
            "started_at": recorded.recorded_at,
            "ended_at": None,
            "first_position": recorded.position,
        }

    return [Step(RUNS, recorded.run_id, begin)]


def _interrupted(recorded: Recorded) -> Iterable[Step]:
    event = cast("RunInterrupted", recorded.event)
    return [_changed(recorded.run_id, state="stopped", reason=f"{event.step}: {event.reason}")]


def _resumed(recorded: Recorded) -> Iterable[Step]:
    def go_on(row: Row | None) -> Row:
        if row is None:
            raise ValueError("no such run has started")
        if row["state"] in ENDED:
            raise ValueError(f"the run is {row['state']}")
        return {**row, "state": "running", "reason": "", "ended_at": None}

    return [Step(RUNS, recorded.run_id, go_on)]


def _completed(recorded: Recorded) -> Iterable[Step]:
    event = cast("RunCompleted", recorded.event)
    ended = {"state": "done", "ended_at": recorded.recorded_at}
    return [_changed(recorded.run_id, **ended, counts=event.counts, refused=event.refused)]


def _failed(recorded: Recorded) -> Iterable[Step]:
    event = cast("RunFailed", recorded.event)
    at = recorded.recorded_at
    return [_changed(recorded.run_id, state="failed", reason=event.reason, ended_at=at)]


def _rolled_back(recorded: Recorded) -> Iterable[Step]:
    event = cast("RunRolledBack", recorded.event)
    return [_changed(UUID(event.rolled_back), state="undone", reason=event.reason)]


def _set_aside(recorded: Recorded) -> Iterable[Step]:
    event = cast("RunSetAside", recorded.event)
    ended = {"state": "set aside", "ended_at": recorded.recorded_at}
    return [_changed(UUID(event.set_aside), **ended, reason=event.reason)]


def _changed(run_id: UUID | None, **values: object) -> Step:
    def change(row: Row | None) -> Row:
        if row is None:
            raise ValueError("no such run has started")
        return {**row, **values}

    return Step(RUNS, run_id, change)


RUN_STATES = Projector(
    name="runs",
    tables=(RUNS,),
    handles={
        RunStarted: _started,
        RunInterrupted: _interrupted,
        RunResumed: _resumed,
        RunCompleted: _completed,
        RunFailed: _failed,
        RunRolledBack: _rolled_back,
        RunSetAside: _set_aside,
    },
)
