"""The changes of each run to each row: a record's events folded over the projections, run by run.

The fold uses the projectors' own steps, so that a row's value before an event is the value its
table had. Changes that were rolled back are left out: a rollback's events remove the changes they
reversed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from attrs import define, evolve, field, frozen

from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    Event,
    FieldChange,
    MatchDecided,
    MatchesReaffirmed,
    SessionInstructorsChanged,
    TutorialRecordCarriedOver,
    TutorialRecordChanged,
    TutorialRecordDeleted,
    TutorialRecordEdited,
    TutorialRecordLeft,
    TutorialRecordUnmatched,
    tutorial_key,
)
from ledger.events.recorded import Recorded
from ledger.projections.projector import Projector, Step
from ledger.schema.adm import link_name
from ledger.schema.column_values import Row, stored

# Key of an insert or delete of the row itself, among its column names.
ROW = ""
# Key of the link decision among the column names; its value is the position of the deciding event.
DECISION = "link"
# Timestamps of the last change are not part of a row's content.
STAMPS = {"updated_at", "last_synced"}
# Columns that count down with each sale, which is no event: a change of one is a difference to what
# was there.
COUNTED = frozenset({"remain_space"})


class RowKey(NamedTuple):
    """(table, primary key). For a tutorial record, identifies its open discrepancy."""

    table: str
    id: Any

    @classmethod
    def of(cls, record: str) -> RowKey:
        """The row of a tutorial record."""
        return cls(record.partition("/")[0], tutorial_key(record))


@frozen
class ColumnChange:
    """The change of one column of a row by one event."""

    recorded: Recorded
    before: Any
    after: Any


@define
class RowHistory:
    """A row's columns with their effective changes, oldest first."""

    now: Row | None = None
    columns: dict[str, list[ColumnChange]] = field(factory=lambda: defaultdict(list))

    def last(self, column: str, run_id: UUID) -> list[ColumnChange]:
        """The run's changes of a column since any other run's, newest last."""
        found = self.columns.get(column, [])
        mine = len(found)
        while mine and found[mine - 1].recorded.run_id == run_id:
            mine -= 1
        return found[mine:]

    def later(self, run_id: UUID) -> Iterator[tuple[str, Recorded]]:
        """The columns changed by the run and again by a later event, with that event."""
        for column, found in self.columns.items():
            if found and found[-1].recorded.run_id != run_id and self._by(column, run_id):
                yield column, found[-1].recorded

    def _by(self, column: str, run_id: UUID) -> bool:
        return any(change.recorded.run_id == run_id for change in self.columns[column])


def fold(
    events: Iterable[Recorded],
    projectors: Sequence[Projector],
    rows: frozenset[RowKey],
    rolled_back: Mapping[UUID, UUID],
) -> dict[RowKey, RowHistory]:
    """The rows with their changes over their whole history. ``rolled_back`` maps the run of each
    rollback to the run it rolled back."""
    histories: dict[RowKey, RowHistory] = {row: RowHistory() for row in rows}
    for given in events:
        if isinstance(given.event, MatchesReaffirmed):
            continue
        # What the web application did is no run's, whichever recorded it.
        recorded = evolve(given, run_id=None) if _is_edit(given.event) else given
        for key, changes in _row_changes(recorded, projectors, histories):
            for column, change in changes.items():
                target = rolled_back.get(recorded.run_id) if recorded.run_id else None
                if target is None:
                    histories[key].columns[column].append(change)
                else:
                    _take_away(histories[key], column, target)
    return histories


def _is_edit(event: Event) -> bool:
    edited = isinstance(event, SessionInstructorsChanged) and event.edited
    return edited or isinstance(event, TutorialRecordEdited | TutorialRecordDeleted)


def _take_away(row: RowHistory, column: str, run_id: UUID) -> None:
    # An insert or delete covers all columns of the row.
    for name in list(row.columns) if column == ROW else [column]:
        for _ in row.last(name, run_id):
            row.columns[name].pop()


def _row_changes(
    recorded: Recorded, projectors: Sequence[Projector], histories: dict[RowKey, RowHistory]
) -> Iterator[tuple[RowKey, dict[str, ColumnChange]]]:
    for projector in projectors:
        for step in projector.handles.get(type(recorded.event), _nothing)(recorded):
            key = RowKey(step.table.fullname, step.key)
            if key in histories:
                before = histories[key].now
                after = histories[key].now = stored(step.change(before))
                # A change by the web application's migrations does not count as a later edit.
                if not isinstance(recorded.event, TutorialRecordCarriedOver):
                    yield key, dict(_differences(recorded, step, before, after))
    for record, decided in _decisions(recorded):
        key = _row_of(recorded, record)
        if key in histories:
            found = histories[key].columns[DECISION]
            before_position = found[-1].after if found else None
            if before_position != decided:
                yield key, {DECISION: ColumnChange(recorded, before_position, decided)}


def _nothing(_recorded: Recorded) -> list[Step]:
    return []


def _differences(
    recorded: Recorded, step: Step, before: Row | None, after: Row | None
) -> Iterator[tuple[str, ColumnChange]]:
    if before is None or after is None:
        if before is not after:
            yield ROW, ColumnChange(recorded, before, after)
        return
    link = link_name(step.table.fullname)
    counted = _counted(recorded.event)
    for name in step.table.names:
        if name in counted:
            yield name, ColumnChange(recorded, counted[name].before, counted[name].after)
            continue
        decided = name == link
        if not decided and name not in STAMPS and before[name] != after[name]:
            yield name, ColumnChange(recorded, before[name], after[name])


def _counted(event: Event) -> dict[str, FieldChange]:
    """The changes of counted columns as the event has them."""
    changes = event.changes if isinstance(event, TutorialRecordChanged) else {}
    return {name: one for name, one in changes.items() if name in COUNTED}


def _decisions(recorded: Recorded) -> Iterator[tuple[str, Recorded | None]]:
    """The decision per record; ``None`` where it has no open discrepancy any longer."""
    event = recorded.event
    match event:
        case BridgeRowEdited() if event.linked == event.before:
            pass
        case MatchDecided() | BridgeRowAdopted() | BridgeRowEdited():
            yield event.record(), recorded
            if event.linked is not None:
                yield event.linked, None
        case TutorialRecordUnmatched():
            yield event.tutorial, recorded
        case TutorialRecordLeft():
            yield event.tutorial, None


def _row_of(recorded: Recorded, record: str) -> RowKey:
    event = recorded.event
    if (
        isinstance(event, MatchDecided | BridgeRowAdopted | BridgeRowEdited)
        and event.record() == record
    ):
        return RowKey(event.table, event.row_id)
    return RowKey.of(record)
