"""Turns a rollback plan into compensating events; each has the event it reverses as its cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from attrs import evolve

from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    Event,
    FieldChange,
    MatchDecided,
    RecordChanged,
    RecordObserved,
    RecordVanished,
    SessionInstructor,
    SessionInstructorsChanged,
    TutorialRecordChanged,
    TutorialRecordLeft,
    TutorialRecordRemoved,
    TutorialRecordUnmatched,
    record_name,
)
from ledger.events.recorded import Recorded
from ledger.rollback.changes import DECISION, RowHistory, RowKey
from ledger.rollback.parts import Facts, RowRollback
from ledger.schema import acted, adm
from ledger.schema.adm import bridge_key, link_name, linked_table
from ledger.schema.column_values import Row, field_value
from ledger.store.entries import Entry
from ledger.values import Fields

_MADE = (acted.SESSIONS.fullname, acted.EVENTS.fullname)


def compensating(rollbacks: Iterable[RowRollback]) -> Iterator[Entry]:
    """The events that restore or delete rows, deletions last."""
    rows = sorted(rollbacks, key=lambda one: one.after is None)
    instructors = acted.SESSION_INSTRUCTORS.fullname
    assignments = [one.before for one in rows if one.row.table == instructors]
    for rollback in rows:
        if rollback.row.table in adm.BY_NAME:
            for event in _of_bridge_row(rollback):
                yield Entry(event, rollback.causes[-1])
        elif rollback.changed:
            yield Entry(_changed_back(rollback), rollback.causes[-1])
    yield from _instructors(rows)
    # Referencing rows are deleted before the rows they reference.
    for table in _MADE:
        for rollback in rows:
            if _goes(rollback, table) and rollback.before is not None:
                yield Entry(
                    _of_tutorial_row(rollback, rollback.before, assignments), rollback.causes[0]
                )


def _goes(rollback: RowRollback, table: str) -> bool:
    return rollback.row.table == table and rollback.after is None


def _changed_back(rollback: RowRollback) -> TutorialRecordChanged:
    before, after = rollback.before or {}, rollback.after or {}
    return TutorialRecordChanged(
        table=rollback.row.table,
        row_id=rollback.row.id,
        changes={c: FieldChange(before=before[c], after=after[c]) for c in rollback.changed},
        why="rollback",
    )


def _instructors(rows: Sequence[RowRollback]) -> Iterator[Entry]:
    """The instructors of sessions that stay, as they were; those of a session that goes, go with
    it."""
    going = {one.row.id for one in rows if _goes(one, acted.SESSIONS.fullname)}
    found: dict[int, list[RowRollback]] = defaultdict(list)
    for one in rows:
        if one.row.table == acted.SESSION_INSTRUCTORS.fullname:
            row = one.before or one.after or {}
            if row["tutorialsessions_id"] not in going:
                found[row["tutorialsessions_id"]].append(one)
    for session, changed in found.items():
        event = SessionInstructorsChanged(
            row_id=session,
            added=tuple(_assigned(one.after) for one in changed if one.after is not None),
            removed=tuple(_assigned(one.before) for one in changed if one.before is not None),
        )
        yield Entry(event, changed[-1].causes[-1])


def _assigned(row: Row) -> SessionInstructor:
    return SessionInstructor(row_id=row["id"], instructor_id=row["tutorialinstructor_id"])


def reopening(
    run_id: UUID,
    histories: Mapping[RowKey, RowHistory],
    rollbacks: Mapping[RowKey, RowRollback],
    facts: Facts,
) -> Iterator[Entry]:
    """Events that reopen or close discrepancies once these rows are rolled back."""
    after = {key: row for key, row in facts.current.items() if key not in rollbacks}
    after |= {key: one.after for key, one in rollbacks.items() if one.after is not None}
    linked = {
        RowKey(str(linked_table(key.table)), row[link])
        for key, row in after.items()
        if (link := link_name(key.table)) is not None
    }
    for key, row in histories.items():
        if key in facts.names or not (mine := row.last(DECISION, run_id)):
            continue
        before, now = mine[0].before, mine[-1].after
        cause = mine[-1].recorded
        if isinstance(before, Recorded) and key not in linked:
            if isinstance(before.event, TutorialRecordUnmatched):
                yield Entry(before.event, cause.position)
        elif before is None and isinstance(now, Recorded):
            left = TutorialRecordLeft(tutorial=record_name(*key), table=_table_of(now.event))
            yield Entry(left, cause.position)


def _of_bridge_row(rollback: RowRollback) -> Iterator[Event]:
    table = adm.BY_NAME[rollback.row.table]
    name, row_id, link = table.fullname, rollback.row.id, link_name(rollback.row.table)
    if rollback.after is None:
        row = rollback.before or {}
        fields = _fields(rollback.row.table, row)
        yield RecordVanished(table=name, key=bridge_key(name, row), row_id=row_id, fields=fields)
        return
    key = bridge_key(name, rollback.after)
    if rollback.before is None:
        given = {
            c: value for c, value in rollback.after.items() if c != link or not rollback.decided
        }
        yield RecordObserved(table=name, key=key, row_id=row_id, fields=_fields(name, given))
    elif rollback.changed:
        changes = {
            column: FieldChange(
                before=field_value(table, column, rollback.before[column]),
                after=field_value(table, column, rollback.after[column]),
            )
            for column in rollback.changed
        }
        yield RecordChanged(table=name, key=key, row_id=row_id, changes=changes)
    if rollback.decided and rollback.decision is not None and link is not None:
        former = rollback.before[link] if rollback.before is not None else None
        before = record_name(str(linked_table(name)), former) if former is not None else None
        yield _decision(rollback.decision, before)


def _decision(restored: Recorded, before: str | None) -> MatchDecided:
    event = restored.event
    if isinstance(event, MatchDecided):
        return evolve(event, before=before, restores=restored.position)
    if not isinstance(event, BridgeRowAdopted | BridgeRowEdited):
        raise TypeError(f"{type(event).__name__} decides no link")
    return MatchDecided(
        table=event.table,
        key=event.key,
        row_id=event.row_id,
        outcome="linked" if event.linked else "unmatched",
        reason="adopted",
        rule="",
        rule_version=0,
        linked=event.linked,
        before=before,
        restores=restored.position,
    )


def _of_tutorial_row(
    rollback: RowRollback, row: Row, assignments: Iterable[Row | None]
) -> TutorialRecordRemoved:
    instructors = tuple(
        SessionInstructor(row_id=one["id"], instructor_id=one["tutorialinstructor_id"])
        for one in assignments
        if one is not None
        and rollback.row == RowKey(acted.SESSIONS.fullname, one["tutorialsessions_id"])
    )
    return TutorialRecordRemoved(
        table=rollback.row.table,
        row_id=rollback.row.id,
        fields=_fields(rollback.row.table, row),
        instructors=instructors,
    )


def _fields(name: str, row: Row) -> Fields:
    table = adm.BY_NAME.get(name)
    if table is None:
        return {c: value for c, value in row.items() if c != "id"}
    return {c: field_value(table, c, value) for c, value in row.items() if c != "id"}


def _table_of(event: Event) -> str:
    if not isinstance(event, TutorialRecordUnmatched):
        raise TypeError(f"{type(event).__name__} opens nothing about a tutorial record")
    return event.table
