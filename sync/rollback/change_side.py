"""Administrate's side of the rollback of a change: the values before, by event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import cast
from uuid import UUID

from ledger.database.connection import Database
from ledger.events import ChangePlanned, FieldsAgreed
from ledger.rollback.changes import RowKey
from ledger.rollback.parts import HeldFields, KeptRow
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.store.tutorial_shape import present_tables
from ledger.values import Value
from sync.administrate.client import Administrate
from sync.changes.back import EventBack, RecordBack, record_back
from sync.changes.chosen import Chosen, read_linked_events
from sync.changes.event import slot_of
from sync.changes.plan import LinkedEvent
from sync.changes.reading import read_as_they_are
from sync.changes.run import planned_changes
from sync.events.fields import FIELDS, HeldField, held_fields
from sync.writing.slots import known_writes

_NOT_LINKED = "it is no longer linked, or gone from Administrate"


def changes_of(ledger: Ledger, run: UUID) -> list[ChangePlanned]:
    """What a run has set, or may have set: the writes that it planned and sent."""
    known = known_writes(ledger, run)
    found = []
    for planned in planned_changes(ledger, run):
        slot = known.get(slot_of(planned.record()))
        if slot is not None and (slot.in_doubt or (slot.outcome and slot.outcome.done)):
            found.append(planned)
    return found


def events_back(
    ledger: Ledger,
    client: Administrate,
    run: UUID,
    planned: Sequence[ChangePlanned],
    only: RowKey | None,
) -> list[EventBack]:
    """What is to be set again, by event, as both systems are now; of ``only`` one tutorial event
    where that is said."""
    by_event: dict[str, list[ChangePlanned]] = defaultdict(list)
    for one in planned:
        by_event[one.event].append(one)
    database = ledger.database
    linked = read_linked_events(database, Chosen(records=tuple(by_event)))
    there = {one.record: one for one in read_as_they_are(database, client, linked)}
    left = _left(ledger, run)
    found = []
    for record, changes in by_event.items():
        event = there.get(record) or _unlinked(changes[0])
        if only is None or event.tutorial == f"{only.table}/{only.id}":
            found.append(EventBack(event, [_record(one, event, left) for one in changes]))
    return found


def held_back(database: Database, events: Sequence[EventBack]) -> HeldFields:
    """The fields that stay as they are, since they are not set again in Administrate."""
    with database.driver_transaction() as connection:
        tables = present_tables(connection)
    columns: Mapping[str, Mapping[str, HeldField]] = {
        table: {one.field.name: one for one in held_fields(table, tables)} for table in FIELDS
    }
    held: dict[RowKey, dict[str, str]] = defaultdict(dict)
    names: set[tuple[str, str]] = set()
    for one in (record for event in events for record in event.records):
        names |= {(one.planned.record(), name) for name in one.held}
        for row, column, why in one.held_columns(columns):
            held[row][column] = why
    return HeldFields(dict(held), frozenset(names))


def kept_back(events: Sequence[EventBack]) -> Iterator[KeptRow]:
    """What is left out of the rollback, and why."""
    for event in events:
        for record in event.records:
            yield from record.kept()


def _record(
    planned: ChangePlanned, event: LinkedEvent, left: Mapping[str, Mapping[str, Value]]
) -> RecordBack:
    why = event.kept_back
    session = next((one for one in event.sessions if one.key == planned.key), None)
    linked = None if why else event if planned.record() == event.record else session
    tutorial = {name: pair.tutorial for name, pair in planned.before.items()}
    known = {**tutorial, **left.get(planned.record(), {})}
    return record_back(planned, linked, known, why or "it is gone from Administrate")


def _left(ledger: Ledger, run: UUID) -> Mapping[str, Mapping[str, Value]]:
    """What the run left in the tutorial rows, by bridge record and field."""
    found: dict[str, dict[str, Value]] = defaultdict(dict)
    for recorded in ledger.read(Selection(run_id=run, types=[FieldsAgreed.__name__])):
        event = cast("FieldsAgreed", recorded.event)
        for name, pair in event.pairs.items():
            found[event.record()][name] = pair.tutorial
    return found


def _unlinked(planned: ChangePlanned) -> LinkedEvent:
    """An event that is no longer linked: nothing of it is set again."""
    return LinkedEvent(
        key=planned.event.rpartition("/")[2],
        row_id=planned.row_id,
        tutorial="",
        name=planned.event,
        timezone=None,
        kept_back=_NOT_LINKED,
    )
