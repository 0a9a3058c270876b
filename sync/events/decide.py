"""Linked records to events: what is agreed, applied to tutorial rows, and listed. Pure.

One record at a time: its fields in Administrate, its tutorial row, its base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attrs import define, field, frozen

from ledger.events import (
    Event,
    FieldChange,
    FieldsAgreed,
    FieldsDiffer,
    SessionInstructor,
    SessionInstructorsChanged,
    TutorialRecordChanged,
    record_name,
)
from ledger.events.agreement import Disparity, Pair
from ledger.schema.declared import DATE, MOMENT
from ledger.tables.shapes.shape import TutorialTables
from ledger.values import Value
from sync.events.base import Base
from sync.events.comparison import Action, Listed, Values, judge
from sync.events.fields import TUTORIAL_TABLES, HeldField
from sync.events.kinds import Translation, Untranslatable
from sync.events.tutorial_rows import TutorialRow


@frozen
class LinkedRecord:
    """A record of Administrate with a bridge row that is linked; ``values`` are its fields as its
    answer of page ``page`` holds them."""

    table: str
    key: str
    row_id: int
    tutorial_id: int
    values: Mapping[str, Value]
    page: int | None = None

    @property
    def name(self) -> str:
        return record_name(self.table, self.key)

    @property
    def tutorial(self) -> str:
        return record_name(TUTORIAL_TABLES[self.table], self.tutorial_id)


@define
class Decisions:
    """What was decided about a record's fields.

    ``ask_again``: its tutorial row seems changed in a field of Administrate's, which may hold the
    same by now; nothing was decided about that field.
    """

    record: LinkedRecord
    row: TutorialRow
    agreed: dict[str, Pair] = field(factory=dict)
    applied: dict[str, Pair] = field(factory=dict)
    changes: dict[str, FieldChange] = field(factory=dict)
    instructors: SessionInstructorsChanged | None = None
    differ: dict[str, Disparity] = field(factory=dict)
    listed: dict[str, Disparity] = field(factory=dict)
    ask_again: bool = False

    def events(self, applied_as: str = "applied", agreed_as: str = "read") -> Iterator[Event]:
        """The events to append, in order; how a base is set that was applied here, and one where
        both sides were equal."""
        record = self.record
        about: dict[str, Any] = {
            "table": record.table,
            "key": record.key,
            "row_id": record.row_id,
            "tutorial": record.tutorial,
        }
        if self.changes:
            yield TutorialRecordChanged(
                table=TUTORIAL_TABLES[record.table],
                row_id=record.tutorial_id,
                changes=self.changes,
                why=_WHY.get(applied_as, applied_as),
            )
        if self.instructors is not None:
            yield self.instructors
        for by, pairs in ((agreed_as, self.agreed), (applied_as, self.applied)):
            if pairs:
                yield FieldsAgreed(**about, pairs=pairs, by=by)
        if self.differ:
            yield FieldsDiffer(**about, fields=self.differ)


# Why a tutorial row is changed, by how the base is set with it.
_WHY = {"applied": "administrate"}


@frozen
class Comparing:
    """What records of one kind are compared with: the fields that the tutorial tables hold, and
    keys for new rows of instructors."""

    tables: TutorialTables
    held: Sequence[HeldField]
    new_keys: Iterator[int]

    def decide(
        self,
        record: LinkedRecord,
        row: TutorialRow,
        base: Base,
        by: Translation,
        *,
        last: bool = False,
    ) -> Decisions:
        """What to do about a record's fields; ``last``: it was asked for again already."""
        decided = Decisions(record, row)
        for held in self.held:
            if held.field.name in record.values:
                self._field(decided, held, base, by, last=last)
        return decided

    def _field(
        self, decided: Decisions, held: HeldField, base: Base, by: Translation, *, last: bool
    ) -> None:
        name = held.field.name
        values = _values(decided.record, decided.row, held, base, by)
        owner = held.field.owner(self.tables.shape)
        verdict = judge(values, owner, ours=decided.row.ours)
        was = base.listed.get(name)
        if verdict.listed is not None:
            disparity = Disparity(
                kind=verdict.listed.value,
                base=values.base,
                administrate=values.administrate,
                tutorial=values.tutorial,
            )
            new = disparity != was
            if new and not last and _may_be_newer(held, verdict.listed):
                decided.ask_again = True
                return
            decided.listed[name] = disparity
            if new:
                decided.differ[name] = disparity
        elif verdict.action is Action.APPLY:
            self._apply(decided, held, values)
        elif verdict.action is Action.AGREE or was is not None:
            # Unchanged, but listed: what was changed has been changed back.
            decided.agreed[name] = values.pair

    def _apply(self, decided: Decisions, held: HeldField, values: Values) -> None:
        row = decided.row
        decided.applied[held.field.name] = Pair(
            administrate=values.administrate, tutorial=values.meant
        )
        if not held.columns:
            decided.instructors = self._instructors(row, values.meant)
            return
        not_null = self.tables.present[TUTORIAL_TABLES[decided.record.table]]
        for column in held.columns:
            typed = _typed(values.meant, column.kind)
            after = column.value({column.field: typed}, not_null=not_null[column.name])
            before = row.columns[column.name]
            if before != after:
                decided.changes[column.name] = FieldChange(before=before, after=after)

    def _instructors(self, row: TutorialRow, wanted: Any) -> SessionInstructorsChanged:
        there = {one.instructor_id for one in row.instructors}
        return SessionInstructorsChanged(
            row_id=row.row_id,
            added=tuple(
                SessionInstructor(row_id=next(self.new_keys), instructor_id=one)
                for one in wanted
                if one not in there
            ),
            removed=tuple(one for one in row.instructors if one.instructor_id not in wanted),
        )


def _may_be_newer(held: HeldField, listed: Listed) -> bool:
    """Whether the tutorial row may hold what Administrate does since its answer."""
    if listed is Listed.OWNED_BY_ADMINISTRATE:
        return True
    taken_over = any(column.overwritten for column in held.columns)
    return taken_over and listed in (Listed.CONFLICT, Listed.NEVER_AGREED)


def _values(
    record: LinkedRecord, row: TutorialRow, held: HeldField, base: Base, by: Translation
) -> Values:
    name, administrate = held.field.name, record.values[held.field.name]
    meant, unknown = None, ""
    try:
        meant = held.field.kind.in_tutorial(administrate, by, day=held.day)
        unknown = held.refuses(meant)
    except Untranslatable as problem:
        unknown = str(problem)
    return Values(
        base=base.pairs.get(name),
        administrate=administrate,
        tutorial=row.value(held),
        meant=meant,
        unknown=unknown,
        taken_back=base.taken_back.get(name),
        was_taken_back=name in base.taken_back,
        decided=base.decided.get(name),
    )


def _typed(value: Value, kind: str) -> Value:
    """A compared value as the column's type has it."""
    if isinstance(value, str) and kind == MOMENT:
        return datetime.fromisoformat(value)
    if isinstance(value, str) and kind == DATE:
        return date.fromisoformat(value)
    return value
