"""Leaves planned events out of a stopped import, for a person's reason.

Tutorial rows without an event in Administrate are removed again, so that the event can be imported
from corrected rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from importer.dual_write.event import EventOutcome, ImportProgress, State
from importer.dual_write.tutorial_events import EVENTS
from importer.planning.event_in_progress import EventInProgress
from importer.planning.record import RecordedPlan
from ledger.database.connection import driver
from ledger.errors import StoppedResumably
from ledger.events import EventLeftOut, WriteAdopted, WriteAnswered
from ledger.rollback.changes import RowKey
from ledger.rollback.execute import append_compensation
from ledger.rollback.reading import lock_rows, prepare
from ledger.runs.run import Run
from ledger.store.append import lock
from ledger.store.entries import Entry
from ledger.store.read import Selection
from ledger.tables import acted
from ledger.tables.open_writes import OPEN_WRITES


class CannotLeaveOut(StoppedResumably):
    """Nobody knows yet what Administrate has of the event; resuming finds out."""


@frozen
class LeavingOut:
    """The events that a person leaves out, by what they are called, and why."""

    events: tuple[str, ...] = ()
    reason: str = ""


NOTHING = LeavingOut()


def leave_out(run: Run, event: EventInProgress, reason: str) -> None:
    """Records that the event is not to be made, and removes its tutorial rows where Administrate
    has no event of them.

    Raises ``CannotLeaveOut`` where that is not known.
    """
    run.step = "leaving out"
    progress = ImportProgress.of(run.ledger, run.run_id)
    there = (EVENTS, event.keys.bridge) in progress.ids
    if _is_in_doubt(run, event, there=there):
        raise CannotLeaveOut(
            f"{event.plan.title}: what Administrate has of it is not known yet; resume the import"
            " without --leave-out first"
        )
    entry = Entry(EventLeftOut(tutorial_id=event.keys.tutorial, reason=reason), event.position)
    own = RowKey(acted.EVENTS.fullname, event.keys.tutorial)
    with run.ledger.database.transaction() as connection:
        lock(driver(connection))
        run.ledger.append_in(connection, [entry], run_id=run.run_id)
        if there or event.keys.tutorial not in progress.tutorial_events:
            return
        prepared = prepare(connection, run.run_id)
        groups = prepared.facts.groups
        rows = frozenset(one.row for one in prepared.plan.rollbacks if groups.get(one.row) == own)
        lock_rows(connection, rows)
        append_compensation(run, connection, prepared, rows)


def left_out_outcomes(recorded: RecordedPlan, progress: ImportProgress) -> Iterator[EventOutcome]:
    """The outcomes of the events that were left out, each with the reason."""
    for event in recorded.events_in_progress:
        if (reason := recorded.left_out.get(event.keys.tutorial)) is None:
            continue
        event_id = progress.ids.get((EVENTS, event.keys.bridge))
        notes = [reason]
        if event_id is not None:
            notes.append("what was made of it stays in both systems")
        elif event.keys.tutorial in progress.tutorial_events:
            notes.append("its tutorial rows stay: something refers to them, or changed them")
        yield EventOutcome(event, State.LEFT_OUT, event_id, notes=tuple(notes))


def _is_in_doubt(run: Run, event: EventInProgress, *, there: bool) -> bool:
    """Whether a write about the event has an unknown outcome, or an id that is not recorded yet."""
    records = event.records
    query = OPEN_WRITES.select().where(
        OPEN_WRITES.c.run_id == run.run_id, OPEN_WRITES.c.about.in_(records)
    )
    with run.ledger.database.transaction() as connection:
        if connection.execute(query).first() is not None:
            return True
    if there:
        return False
    kinds = [one.__name__ for one in (WriteAnswered, WriteAdopted)]
    written = run.ledger.read(Selection(run_id=run.run_id, subjects=[event.record], types=kinds))
    return any(getattr(one.event, "outcome", "written") != "refused" for one in written)
