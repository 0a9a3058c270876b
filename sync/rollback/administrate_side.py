"""Administrate's side of a rollback, by its current state there: events to delete, events to
keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import Connection

from ledger.errors import UsageRefused
from ledger.events import (
    ChangePlanned,
    EventPlanned,
    WriteAbandoned,
    WriteAdopted,
    WriteAnswered,
    WriteRequested,
    record_name,
)
from ledger.events.recorded import Recorded
from ledger.rollback.changes import RowKey
from ledger.rollback.parts import KeptRow, RollbackPlan
from ledger.rollback.reading import PlanWithFacts, prepare
from ledger.schema import adm
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from sync.administrate.client import Administrate
from sync.administrate.reads import lookups
from sync.administrate.reads.listings import Record, nodes
from sync.administrate.writes.changes import CHANGES
from sync.administrate.writes.declaration import WriteRequest
from sync.administrate.writes.sending import find_again
from sync.changes.back import EventBack
from sync.rollback.change_side import changes_of, events_back, held_back, kept_back
from sync.writing.slots import known_writes, open_requests

# Changes that stay in Administrate after a rollback, by operation. Every other change
# belongs to an event and is deleted with it.
_STAYS = {
    "CourseTemplateUpdate": "the instructors it approved stay approved",
    "CourseTemplateCreate": "the course template it created stays in Administrate",
    "ContactCreate": "the contact it created stays in Administrate",
    "LocationCreate": "the location it created stays in Administrate",
}


@frozen
class PlannedRollback:
    """A rollback's plan, with what is done in Administrate: the ids of the events to delete, by
    tutorial event, and the events whose values before are set again."""

    prepared: PlanWithFacts
    plan: RollbackPlan
    remote: Mapping[RowKey, tuple[str, ...]] = field(factory=dict)
    events: Sequence[EventBack] = ()


def plan_rollback(
    ledger: Ledger, client: Administrate | None, run: UUID, only: RowKey | None = None
) -> PlannedRollback:
    """The plan of a run's rollback, or of ``only`` one tutorial event of it.

    Administrate is asked where the run created or changed events there.

    Raises ``UsageRefused`` where that is needed and there is no client.
    """
    if changed := changes_of(ledger, run):
        return _plan_of_change(ledger, _asked(client), run, changed, only)
    with ledger.database.transaction() as connection:
        prepared = prepare(connection, run, only)
        written = list(ledger.read(Selection(run_id=run, types=_types(WriteRequested))))
        unknown = _unknown_writes(ledger, connection, run, written)
    done = list(_done_writes(ledger, run))
    created = dict(_created_in_administrate(prepared, done))
    creations = [
        one
        for one in unknown.values()
        if one.operation.startswith("EventCreate") and only in (None, RowKey.of(one.about))
    ]
    # What stays is no one event's.
    stays = () if only else (*_staying(done), *_may_stay(unknown))
    if not created and not creations:
        return PlannedRollback(
            prepared, evolve(prepared.plan, impossible=(*prepared.plan.impossible, *stays))
        )
    client = _asked(client)
    held: dict[RowKey, str] = {}
    for request in creations:
        _look_up(client, request, created, held)
    there = {
        str(one["id"]): one
        for one in lookups.events_by_id(client, [i for ids in created.values() for i in ids])
    }
    staff = _staff_given(written, prepared.facts.groups)
    for row, ids in created.items():
        for event in (there[one] for one in ids if one in there):
            if why := _why_kept(event, staff.get(row, set())):
                held.setdefault(row, why)
    prepared = prepared.holding(held)
    remote = {row: tuple(one for one in ids if one in there) for row, ids in created.items()}
    impossible = (*prepared.plan.impossible, *stays)
    return PlannedRollback(prepared, evolve(prepared.plan, impossible=impossible), remote)


def approvals_of(ledger: Ledger, run: UUID) -> Mapping[str, Sequence[str]]:
    """The instructors whom an import was to approve, by course template; both by record."""
    approved: dict[str, dict[str, None]] = {}
    for recorded in ledger.read(Selection(run_id=run, types=_types(EventPlanned))):
        plan: Any = cast("EventPlanned", recorded.event).plan
        template = record_name(adm.COURSE_TEMPLATES.fullname, plan["template"]["external_id"])
        people = (record_name(adm.INSTRUCTORS.fullname, one) for one in plan["approve"])
        approved.setdefault(template, {}).update(dict.fromkeys(people))
    return {template: tuple(people) for template, people in approved.items()}


def _plan_of_change(
    ledger: Ledger,
    client: Administrate,
    run: UUID,
    changed: Sequence[ChangePlanned],
    only: RowKey | None,
) -> PlannedRollback:
    """The plan of setting again what a change has set."""
    events = events_back(ledger, client, run, changed, only)
    with ledger.database.transaction() as connection:
        prepared = prepare(connection, run, only)
    prepared = prepared.holding({}, held_back(ledger.database, events))
    values = (one.values for event in events for one in event.records)
    plan = evolve(
        prepared.plan,
        kept=(*prepared.plan.kept, *kept_back(events)),
        values=tuple(one for one in values if one is not None),
    )
    return PlannedRollback(prepared, plan, events=events)


def _asked(client: Administrate | None) -> Administrate:
    if client is None:
        raise UsageRefused("this run wrote to Administrate, which has to be asked about it")
    return client


def _done_writes(ledger: Ledger, run: UUID) -> Iterator[tuple[int, WriteAnswered | WriteAdopted]]:
    """The confirmed writes of the run, with the positions of their answers."""
    for recorded in ledger.read(Selection(run_id=run, types=_types(WriteAnswered, WriteAdopted))):
        match recorded.event:
            case WriteAdopted() | WriteAnswered(outcome="written") as event:
                yield recorded.position, event


def _created_in_administrate(
    prepared: PlanWithFacts, done: Iterable[tuple[int, WriteAnswered | WriteAdopted]]
) -> Iterator[tuple[RowKey, tuple[str, ...]]]:
    """The ids of the events to delete, by the tutorial event they belong to.

    Read from Administrate's answers: the bridge row gets the id only a moment later.
    """
    going = {rollback.row for rollback in prepared.plan.rollbacks}
    for _, event in done:
        if (
            event.operation.startswith("EventCreate")
            and event.id is not None
            and (row := RowKey.of(event.about)) in going
        ):
            yield row, (event.id,)


def _unknown_writes(
    ledger: Ledger, connection: Connection, run: UUID, written: Sequence[Recorded]
) -> dict[int, WriteRequested]:
    """The requests with unknown outcome, by position; those that nobody finds out any more, too."""
    waiting: set[int | None] = {one.position for one in open_requests(connection, [run])}
    for recorded in ledger.read(Selection(run_id=run, types=_types(WriteAbandoned, WriteAnswered))):
        match recorded.event:
            case WriteAbandoned() | WriteAnswered(in_doubt=True):
                waiting.add(recorded.cause)
    # What was sent again may have told more since.
    waiting &= {slot.request for slot in known_writes(ledger, run).values() if slot.in_doubt}
    return {
        recorded.position: recorded.event
        for recorded in written
        if recorded.position in waiting and isinstance(recorded.event, WriteRequested)
    }


def _look_up(
    client: Administrate,
    request: WriteRequested,
    created: dict[RowKey, tuple[str, ...]],
    held: dict[RowKey, str],
) -> None:
    """Searches the event of an unanswered request; several candidates hold its row."""
    row = RowKey.of(request.about)
    asked = WriteRequest(CHANGES[request.operation], request.variables)
    found = find_again(client, asked)
    ids = tuple(str(one["id"]) for one in found)
    if len(ids) > 1:
        held[row] = f"its event in Administrate may be any of {', '.join(ids)}"
    elif ids:
        created[row] = ids


def _why_kept(event: Record, given: set[str]) -> str:
    """The reason not to delete an event in Administrate: published, booked or staffed since."""
    if event["lifecycleState"] != "draft":
        return f"its event in Administrate is {event['lifecycleState']} by now ({event['id']})"
    if booked := event.get("bookedPlaces"):
        return f"{booked} places of its event in Administrate are booked ({event['id']})"
    staff = [*nodes(event, "staff")]
    staff += [one for session in nodes(event, "sessions") for one in nodes(session, "staff")]
    added = {str((one["contact"] or {}).get("id")) for one in staff} - given
    if added:
        return f"staff was added to its event in Administrate ({event['id']}): {', '.join(added)}"
    return ""


def _staff_given(
    written: Sequence[Recorded], groups: Mapping[RowKey, RowKey]
) -> dict[RowKey, set[str]]:
    """The contacts whom the run made staff, by tutorial event."""
    given: dict[RowKey, set[str]] = {}
    for recorded in written:
        event = recorded.event
        if isinstance(event, WriteRequested) and event.operation.endswith("AddStaff"):
            staff = event.variables.get("input")
            if isinstance(staff, Mapping):
                several = staff.get("contactIds") or [staff.get("contactId")]
                people = several if isinstance(several, Sequence) else []
                row = RowKey.of(event.about)
                given.setdefault(groups.get(row, row), set()).update(map(str, people))
    return given


def _staying(done: Iterable[tuple[int, WriteAnswered | WriteAdopted]]) -> Iterator[KeptRow]:
    for position, event in done:
        if why := _STAYS.get(event.operation):
            yield KeptRow(event.about, event.operation, why, position)


def _may_stay(unknown: Mapping[int, WriteRequested]) -> Iterator[KeptRow]:
    for position, request in unknown.items():
        if why := _STAYS.get(request.operation):
            why = f"no answer said whether it was done; if it was, {why}"
            yield KeptRow(request.about, request.operation, why, position)


def _types(*kinds: type) -> list[str]:
    return [kind.__name__ for kind in kinds]
