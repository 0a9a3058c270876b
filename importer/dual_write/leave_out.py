"""Leaves planned events out of a stopped import, for a person's reason.

Tutorial rows without an event in Administrate are removed again, so that the event can be imported
from corrected rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from importer.dual_write.administrate_requests import approval_record, create_event
from importer.dual_write.event import EventOutcome, ImportProgress, State, creation_slot
from importer.dual_write.tutorial_events import EVENTS
from importer.planning.event_in_progress import EventInProgress
from importer.planning.plan import approvals_of
from importer.planning.record import RecordedPlan
from ledger.database.connection import driver
from ledger.errors import StoppedResumably
from ledger.events import EventLeftOut
from ledger.events.recorded import Recorded
from ledger.rollback.changes import RowKey
from ledger.rollback.execute import append_compensation
from ledger.rollback.facts import lock_rows
from ledger.rollback.reading import prepare
from ledger.runs.run import Run
from ledger.schema import acted
from ledger.store.append import lock
from ledger.store.entries import Entry
from sync.administrate.client import Administrate
from sync.administrate.reads import lookups
from sync.administrate.writes.sending import find_again
from sync.writing.slots import abandoned, not_done, open_requests
from sync.writing.writer import Writer


class CannotLeaveOut(StoppedResumably):
    """What Administrate has of the event is not recorded yet; resuming records it."""


@frozen
class LeavingOut:
    """The events that a person leaves out, by what they are called, and why."""

    events: tuple[str, ...] = ()
    reason: str = ""


NOTHING = LeavingOut()


def leave_out(
    run: Run,
    client: Administrate,
    recorded: RecordedPlan,
    events: Sequence[EventInProgress],
    reason: str,
) -> None:
    """Records that events of the plan are not to be made, all at once, and removes the tutorial
    rows of those that Administrate does not have, or has no more. Nobody waits any longer for
    answers that no event left needs.

    Raises ``CannotLeaveOut`` where it has one whose id is not recorded, and ``AdministrateError``
    where it has to be asked and does not answer.
    """
    run.step = "leaving out"
    progress = ImportProgress.of(run.ledger, run.run_id)
    standing = _standing(client, Writer.of(run, client), progress, events)
    for event, there in standing:
        _check_recorded(event, there, progress)
    entries = [
        Entry(
            EventLeftOut(tutorial_id=event.keys.tutorial, reason=reason, gone=there.gone),
            event.position,
        )
        for event, there in standing
    ]
    without = [event for event, there in standing if not there.ids]
    left = [one for one in recorded.to_make if one not in events]
    with run.ledger.database.transaction() as connection:
        lock(driver(connection))
        entries += _closed_writes(open_requests(connection, [run.run_id]), without, left, reason)
        run.ledger.append_in(connection, entries, run_id=run.run_id)
        keys = {event.keys.tutorial for event in without} & progress.tutorial_events
        if not keys:
            return
        own = {RowKey(acted.EVENTS.fullname, key) for key in keys}
        prepared = prepare(connection, run.run_id)
        groups = prepared.facts.groups
        rows = frozenset(one.row for one in prepared.plan.rollbacks if groups.get(one.row) in own)
        lock_rows(connection, rows)
        append_compensation(run, connection, prepared, rows)


def left_out_outcomes(recorded: RecordedPlan, progress: ImportProgress) -> Iterator[EventOutcome]:
    """The outcomes of the events that were left out, each with the reason."""
    for event in recorded.events_in_progress:
        if (left_out := recorded.left_out.get(event.keys.tutorial)) is None:
            continue
        event_id = progress.ids.get((EVENTS, event.keys.bridge))
        notes = [left_out.reason]
        if left_out.gone is not None:
            event_id = None
            notes.append(f"Administrate has no event {left_out.gone} any more")
        if event_id is not None:
            notes.append("what was made of it stays in both systems")
        elif event.keys.tutorial in progress.tutorial_events:
            notes.append("its tutorial rows stay: something refers to them, or changed them")
        yield EventOutcome(event, State.LEFT_OUT, event_id, notes=tuple(notes))


def _closed_writes(
    requests: Iterable[Recorded],
    without: Iterable[EventInProgress],
    left: Sequence[EventInProgress],
    reason: str,
) -> Iterator[Entry]:
    """Closes the unanswered writes that no event ``left`` needs; those about events that are not in
    Administrate were not done, or that they were says nothing any more."""
    gone = {record for event in without for record in event.records}
    needed = {record for event in left for record in event.records}
    needed |= {approval_record(one) for one in approvals_of(event.plan for event in left)}
    for request in requests:
        record = request.event.record()
        if record in gone:
            yield not_done(request, "LeftOut", "what it was for was left out")
        elif record not in needed:
            yield abandoned(request, reason)


@frozen
class _Standing:
    """What Administrate has of an event: its ids, several where nobody knows which; and the id
    under which it had it, where it has it no more."""

    ids: tuple[str, ...] = ()
    gone: str | None = None


def _standing(
    client: Administrate,
    writer: Writer,
    progress: ImportProgress,
    events: Sequence[EventInProgress],
) -> list[tuple[EventInProgress, _Standing]]:
    """Asks Administrate about the events that may have been created there."""
    made = [
        progress.ids.get((EVENTS, event.keys.bridge)) or writer.id_of(creation_slot(event))
        for event in events
    ]
    known = [one for one in made if one is not None]
    there = {str(one["id"]) for one in lookups.events_by_id(client, known)} if known else set()
    standing: list[tuple[EventInProgress, _Standing]] = []
    for event, event_id in zip(events, made, strict=True):
        own = _Standing()
        if event_id is not None:
            own = _Standing((event_id,)) if event_id in there else _Standing(gone=event_id)
        elif writer.may_be_done(creation_slot(event)):
            found = find_again(client, create_event(event.plan))
            own = _Standing(tuple(str(one["id"]) for one in found))
        standing.append((event, own))
    return standing


def _check_recorded(event: EventInProgress, there: _Standing, progress: ImportProgress) -> None:
    if not there.ids or (EVENTS, event.keys.bridge) in progress.ids:
        return
    first = "resume the import without --leave-out first, which records it"
    if len(there.ids) > 1:
        first = "say which by deleting the others in Administrate"
    raise CannotLeaveOut(
        f"{event.plan.title}: Administrate has it, as {' or '.join(there.ids)}; {first}"
    )
