"""A run's progress, and what resuming it would do next, from the ledger alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from attrs import frozen

from ledger.events import (
    EntitySynced,
    EventLeftOut,
    EventPlanned,
    RecordIdentified,
    TutorialEventCreated,
    WriteAnswered,
)
from ledger.events.runs import ENDED
from ledger.output.words import counted, counts_in_words
from ledger.runs.kinds import CHANGE, IMPORT, ROLLBACK, SYNC, RunKind
from ledger.runs.states import RunState
from ledger.schema import adm
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.values import Value
from sync.administrate.operations import Kind
from sync.administrate.writes.changes import CHANGES
from sync.changes.run import planned_changes
from sync.entities import BY_NAME
from sync.fetch.stored_pages import StoredPart, stored_parts
from sync.run import FRESH, SyncOptions


@frozen
class RunProgress:
    """What a run did, and what it would do next, line by line."""

    did: tuple[str, ...]
    would: tuple[str, ...]


def progress_of(ledger: Ledger, state: RunState) -> RunProgress:
    """The progress of a stopped run; an ended run has no next steps."""
    tell = PROGRESS.get(state.kind)
    did, would = ([], []) if tell is None else tell(ledger, state)
    would = [*_writes(ledger, state), *would]
    if state.state == "done":
        would = ["nothing: it is done"]
    elif state.state in ENDED or tell is None:
        ended = "rolled back" if state.state == "undone" else state.state
        would = [f"nothing: it is {ended} and cannot be resumed; run it again"]
    return RunProgress(tuple(did), tuple(would))


def _sync(ledger: Ledger, state: RunState) -> tuple[list[str], list[str]]:
    finished = ledger.read(Selection(run_id=state.run_id, types=[EntitySynced.__name__]))
    done = {e.event.entity: e.event.counts for e in finished if isinstance(e.event, EntitySynced)}
    did, would = [], []
    for name in SyncOptions.of(state.options).entities:
        entity = BY_NAME[name]
        if name in done:
            did.append(f"{entity.title}: {counts_in_words(done[name])}")
            continue
        kept = stored_parts(ledger, state.run_id, entity)
        did += [f"{entity.title}: fetched {_fetched(one)}" for one in kept.values() if one.pages]
        fresh = [one.is_fresh(datetime.now(UTC) - FRESH) for one in kept.values() if one.pages]
        if not fresh:
            would.append(f"fetch {entity.many}, then decide and link")
        elif all(fresh):
            would.append(f"use the pages of {entity.many}, fetch what is missing, decide and link")
        else:
            would.append(f"fetch {entity.many} anew: their pages are older than an hour")
    return did, would


def _fetched(kept: StoredPart) -> str:
    records = sum(len(page.ids) for _, page in kept.pages)
    total = kept.pages[-1][1].total
    return f"{counted(len(kept.pages), 'page')}, {records} of {counted(total, 'record')}"


def _import(ledger: Ledger, state: RunState) -> tuple[list[str], list[str]]:
    kinds = (EventPlanned, EventLeftOut, TutorialEventCreated, RecordIdentified)
    planned: dict[int, Value] = {}
    left_out: set[int] = set()
    made: set[int] = set()
    identified: set[Value] = set()
    selection = Selection(run_id=state.run_id, types=[kind.__name__ for kind in kinds])
    for recorded in ledger.read(selection):
        match recorded.event:
            case EventPlanned(tutorial_id=key, keys=keys):
                planned[key] = keys["bridge"]
            case EventLeftOut(tutorial_id=key):
                left_out.add(key)
            case TutorialEventCreated(row_id=key):
                made.add(key)
            case RecordIdentified(table=adm.EVENTS.fullname, row_id=row_id):
                identified.add(row_id)
    if not planned:
        return ["planned nothing yet"], ["read the workbook and plan again"]
    did = [
        f"planned {counted(len(planned), 'event')}",
        f"made {counted(len(made), 'tutorial event')} with sessions",
        f"created {counted(len(identified), 'event')} in Administrate",
    ]
    if left_out:
        did.append(f"left out {counted(len(left_out), 'event')}")
    would = []
    left = {key: bridge for key, bridge in planned.items() if key not in left_out}
    if to_make := len(left.keys() - made):
        would.append(f"make {counted(to_make, 'more tutorial event')}")
    if to_create := sum(bridge not in identified for bridge in left.values()):
        would.append(f"create {counted(to_create, 'more event')} in Administrate")
    would.append("set sessions and staff of those that lack them")
    return did, would


def _rollback(_ledger: Ledger, state: RunState) -> tuple[list[str], list[str]]:
    return [], [f"{state.command} compares the current state again, and does the rest"]


def _change(ledger: Ledger, state: RunState) -> tuple[list[str], list[str]]:
    planned = planned_changes(ledger, state.run_id)
    answered = ledger.read(Selection(run_id=state.run_id, types=[WriteAnswered.__name__]))
    done = len({one.event.record() for one in answered} & {one.record() for one in planned})
    did = [f"planned {counted(len(planned), 'change')}, {done} answered"]
    return did, ["look at each event's rows, and send what has no answer"]


# How far a run of each kind that can be resumed has come, and what it would do next.
PROGRESS: Mapping[RunKind, Callable[[Ledger, RunState], tuple[list[str], list[str]]]] = {
    SYNC: _sync,
    IMPORT: _import,
    ROLLBACK: _rollback,
    CHANGE: _change,
}


def _writes(ledger: Ledger, state: RunState) -> Iterator[str]:
    """The first steps of a resume: the writes with unknown outcome."""
    with ledger.database.driver_transaction() as connection:
        rows = connection.execute(
            "SELECT position, operation, about, state, ids FROM ledger.open_writes"
            " WHERE run_id = %s ORDER BY position",
            (state.run_id,),
        ).fetchall()
    for position, operation, about, known, ids in rows:
        what = f"{operation} for {about} (position {position})"
        change = CHANGES.get(operation)
        if known == "disputed":
            yield f"leave {what} to a person: it may be any of {', '.join(ids)}"
        elif change is not None and change.kind is Kind.CREATE:
            yield f"look in Administrate for what {what} may have made; send it again if nothing is"
        else:
            yield f"send {what} again: done twice is done once"
