"""Reads the input of a rollback plan: the run's rows and all their events; plans it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import cast
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.events import (
    MatchDecided,
    MatchesReaffirmed,
    SessionInstructor,
    SessionInstructorsChanged,
    TutorialEventCreated,
    TutorialRecordChanged,
    TutorialRecordLeft,
    TutorialRecordUnmatched,
    TutorialSessionCreated,
    record_name,
)
from ledger.events.recorded import Recorded
from ledger.events.records import BridgeEvent
from ledger.projections import BRIDGE, TUTORIALS, in_shape
from ledger.rollback.bases import AGREEMENTS, FieldHistories, fields_back
from ledger.rollback.changes import RowHistory, RowKey, fold
from ledger.rollback.facts import event_of, read_facts
from ledger.rollback.parts import Facts, HeldFields, RollbackPlan, restored_rows
from ledger.rollback.plan import plan
from ledger.runs.kinds import ROLLBACK
from ledger.schema import acted, adm
from ledger.schema.adm import link_name, linked_table
from ledger.store.bridge_rows import others_ids
from ledger.store.read import Selection, read_recorded
from ledger.store.tutorial_shape import present_tables

_PROJECTORS = (BRIDGE, TUTORIALS)
_FOLDED = sorted(
    {kind.__name__ for projector in _PROJECTORS for kind in projector.handles}
    | {TutorialRecordUnmatched.__name__, TutorialRecordLeft.__name__} - {MatchesReaffirmed.__name__}
)


@frozen
class PlanWithFacts:
    """A plan with the facts it was computed from."""

    plan: RollbackPlan
    histories: Mapping[RowKey, RowHistory]
    facts: Facts
    fields: FieldHistories = field(factory=FieldHistories)
    only: RowKey | None = None

    @classmethod
    def of(
        cls,
        run_id: UUID,
        histories: Mapping[RowKey, RowHistory],
        facts: Facts,
        fields: FieldHistories,
        only: RowKey | None,
    ) -> PlanWithFacts:
        """The plan for these facts; fields go with their rows."""
        rows = plan(run_id, histories, facts)
        restored = restored_rows(rows.rollbacks)
        back, kept = fields_back(run_id, fields, facts.held_fields.fields)
        going = tuple(one for one in back if one.row is None or one.row in restored)
        if only is not None:
            # Decisions that changed no row are not of one event's rows.
            mine = set(facts.names.values())
            going = tuple(one for one in going if one.row is not None or one.record in mine)
            kept = [one for one in kept if one.record in mine]
        with_fields = evolve(rows, fields=going, kept=(*rows.kept, *kept))
        return cls(with_fields, histories, facts, fields, only)

    def holding(
        self, held: Mapping[RowKey, str], held_fields: HeldFields | None = None
    ) -> PlanWithFacts:
        """The same plan with these rows and fields kept, for the given reasons."""
        facts = evolve(self.facts, held=held, held_fields=held_fields or HeldFields())
        return self.of(self.plan.run_id, self.histories, facts, self.fields, self.only)


def prepare(connection: Connection, run_id: UUID, only: RowKey | None = None) -> PlanWithFacts:
    """The plan of a run's rollback, computed from the current state in this transaction; ``only``:
    of one tutorial event, with all that belongs to it."""
    names, others = _rows_of(connection, run_id)
    made = _made(connection, run_id)
    following = dict(_following(connection, names, made))
    names |= following
    records = {*names.values(), *(record_name(*key) for key in others)}
    events = _about(connection, records)
    tables = present_tables(driver(connection))
    projectors = in_shape(_PROJECTORS, tables)
    rolled_back = _rollbacks(connection)
    histories = fold(events, projectors, frozenset({*names, *others}), rolled_back)
    facts = evolve(read_facts(connection, names, made, tables), following=frozenset(following))
    if only is not None:
        facts, histories = _of_one_event(facts, histories, only)
    fields = FieldHistories(tuple(_agreements(connection, run_id)), rolled_back)
    return PlanWithFacts.of(run_id, histories, facts, fields, only)


def _of_one_event(
    facts: Facts, histories: Mapping[RowKey, RowHistory], only: RowKey
) -> tuple[Facts, dict[RowKey, RowHistory]]:
    """What concerns one tutorial event: the rows that belong to it, and what they are linked
    with."""
    current = facts.current
    names = {
        key: name
        for key, name in facts.names.items()
        if key in current and event_of(key, current[key], current) == only
    }
    linked = {
        RowKey(str(linked_table(key.table)), current[key][link])
        for key in names
        if (link := link_name(key.table)) is not None
    }
    mine = {key: row for key, row in histories.items() if key in names or key in linked}
    return evolve(facts, names=names), mine


def _agreements(connection: Connection, run_id: UUID) -> Iterator[Recorded]:
    """What was ever agreed on and decided about the records that the run said such of."""
    types = [kind.__name__ for kind in AGREEMENTS]
    of_run = _read(connection, Selection(run_id=run_id, types=types))
    records = {str(recorded.event.record()) for recorded in of_run}
    if records:
        yield from _read(connection, Selection(subjects=records, types=types))


def _rows_of(connection: Connection, run_id: UUID) -> tuple[dict[RowKey, str], set[RowKey]]:
    """The rows a run changed, by their names in the ledger, and the other records whose history
    tells of them: the tutorial records it decided about, the sessions whose instructors it
    changed."""
    names: dict[RowKey, str] = {}
    others: set[RowKey] = set()
    for recorded in _read(connection, Selection(run_id=run_id, types=_FOLDED)):
        event = recorded.event
        match event:
            case BridgeEvent():
                names[RowKey(event.table, event.row_id)] = event.record()
                if isinstance(event, MatchDecided):
                    others |= {RowKey.of(one) for one in (event.linked, event.before) if one}
            case TutorialRecordUnmatched() | TutorialRecordLeft():
                others.add(RowKey.of(event.tutorial))
            case TutorialEventCreated():
                names[RowKey(acted.EVENTS.fullname, event.row_id)] = event.record()
            case TutorialSessionCreated():
                names[RowKey(acted.SESSIONS.fullname, event.row_id)] = event.record()
                names |= _teaching(event.instructors)
            case TutorialRecordChanged():
                names[RowKey(event.table, event.row_id)] = event.record()
            case SessionInstructorsChanged(edited=False):
                names |= _teaching((*event.added, *event.removed))
                # Their changes are told of the session.
                others.add(RowKey(acted.SESSIONS.fullname, event.row_id))
    return names, others


def _teaching(instructors: Iterable[SessionInstructor]) -> dict[RowKey, str]:
    keys = (RowKey(acted.SESSION_INSTRUCTORS.fullname, one.row_id) for one in instructors)
    return {key: record_name(*key) for key in keys}


def _made(connection: Connection, run_id: UUID) -> frozenset[RowKey]:
    """The tutorial events that the run made."""
    types = [TutorialEventCreated.__name__]
    made = _read(connection, Selection(run_id=run_id, types=types))
    rows = (cast("TutorialEventCreated", recorded.event).row_id for recorded in made)
    return frozenset(RowKey(acted.EVENTS.fullname, row_id) for row_id in rows)


def _following(
    connection: Connection, names: Mapping[RowKey, str], made: Collection[RowKey]
) -> Iterator[tuple[RowKey, str]]:
    """The sessions that a sync found in Administrate, of the events that the run made."""
    if not made:
        return
    reader = driver(connection)
    rows = reader.execute(
        "SELECT id, external_id FROM adm.sessions WHERE external_id IS NOT NULL"
        " AND event_id IN (SELECT id FROM adm.events WHERE tutorial_event_id = ANY(%s))",
        ([key.id for key in made],),
    )
    found = dict(rows.fetchall())
    foreign = others_ids(reader, adm.SESSIONS.fullname, found)
    for row_id, external_id in found.items():
        key = RowKey(adm.SESSIONS.fullname, row_id)
        if key not in names and row_id not in foreign:
            yield key, record_name(adm.SESSIONS.fullname, external_id)


def _about(connection: Connection, records: set[str]) -> Iterator[Recorded]:
    """Every event of the history of the records, under all their names."""
    identified = Selection(subjects=records, types=["RecordIdentified"])
    for recorded in _read(connection, identified):
        records |= {str(recorded.event.record()), *recorded.event.others()}
    yield from _read(connection, Selection(subjects=records, types=_FOLDED))


def _rollbacks(connection: Connection) -> dict[UUID, UUID]:
    """The run rolled back by each rollback, by its own."""
    found = driver(connection).execute(
        "SELECT run_id, (options ->> 'run')::uuid FROM ledger.runs WHERE command = %s",
        (ROLLBACK.name,),
    )
    return dict(found.fetchall())


def _read(connection: Connection, selection: Selection) -> Iterator[Recorded]:
    return read_recorded(driver(connection), selection)
