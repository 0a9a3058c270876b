"""What a change set, to be set again as it was before: by field, where neither side has moved on.

Pure. A field that is left out has the reason, and holds its columns and what was agreed on of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field, frozen

from ledger.events import ChangePlanned, FieldChange
from ledger.output.words import shown
from ledger.rollback.changes import COUNTED, RowKey
from ledger.rollback.parts import KeptRow, ValuesBack
from ledger.schema import adm
from ledger.values import Value
from sync.changes.plan import STATE, FieldsToSet, LinkedEvent, LinkedSession, values_set
from sync.changes.requests import why_not_sent
from sync.events.fields import FIELDS, HeldField

# Seats follow places.
_PLACES = "max_places"


@define
class RecordBack:
    """A record that a change set: what is to be set again, and which fields stay, and why."""

    planned: ChangePlanned
    wanted: dict[str, Value] = field(factory=dict)
    now: dict[str, Value] = field(factory=dict)
    held: dict[str, str] = field(factory=dict)

    @property
    def rows(self) -> list[RowKey]:
        """Its bridge row, and the tutorial row that it is linked with."""
        one = self.planned
        tutorial = [RowKey.of(one.tutorial)] if one.tutorial else []
        return [RowKey(one.table, one.row_id), *tutorial]

    @property
    def to_set(self) -> FieldsToSet | None:
        """What Administrate is to hold again; nothing where it holds it."""
        if not self.wanted:
            return None
        one, state = self.planned, self.wanted.get(STATE)
        compared = {each.name for each in FIELDS[one.table]}
        return FieldsToSet(
            table=one.table,
            key=one.key,
            row_id=one.row_id,
            tutorial=one.tutorial,
            wanted={name: value for name, value in self.wanted.items() if name in compared},
            before={},
            administrate=self.now,
            state=None if state is None else str(state),
        )

    @property
    def values(self) -> ValuesBack | None:
        """The same, for the plan of a rollback."""
        if not self.wanted:
            return None
        changes = {
            name: FieldChange(before=self.now[name], after=value)
            for name, value in self.wanted.items()
        }
        return ValuesBack(self.planned.record(), changes)

    def kept(self) -> Iterator[KeptRow]:
        for name, why in self.held.items():
            yield KeptRow(self.planned.record(), name, why)

    def held_columns(
        self, columns: Mapping[str, Mapping[str, HeldField]]
    ) -> Iterator[tuple[RowKey, str, str]]:
        """The columns that stay: the row, the column, why. ``columns`` are those of the tutorial
        tables, by bridge table and field."""
        table = self.planned.table
        bridge, *tutorial = self.rows
        declared = {one.name: one for one in FIELDS[table]}
        for name, why in self.held.items():
            column = (declared[name].bridge if name in declared else "") or name
            if column in adm.BY_NAME[table].by_name:
                yield bridge, column, why
            held = columns[table].get(name)
            names = [one.name for one in held.columns] if held else []
            for row in tutorial:
                for one in (*names, *(COUNTED if name == _PLACES else ())):
                    yield row, one, why


@frozen
class EventBack:
    """An event that a change set, and its sessions; ``linked`` is the event as both systems have
    it."""

    linked: LinkedEvent
    records: Sequence[RecordBack]


def record_back(
    planned: ChangePlanned,
    linked: LinkedEvent | LinkedSession | None,
    left: Mapping[str, Value],
    why: str,
) -> RecordBack:
    """What of a record is to be set again. ``left`` is what the change left in the tutorial row, by
    field; ``why`` is why nothing can be, where the record is not to be had."""
    back = RecordBack(planned)
    before = _before(planned)
    set_to = values_set(planned)
    for name, value in set_to.items():
        if linked is None:
            back.held[name] = why
            continue
        now = linked.state if name == STATE else linked.values.get(name)
        here = planned.before.get(name)
        if here is not None and (now, linked.held.get(name)) == (here.administrate, here.tutorial):
            continue  # as it was on both sides
        if stays := _why_held(name, value, now, before, linked, left):
            back.held[name] = stays
        elif now != before[name]:
            back.wanted[name], back.now[name] = before[name], now
    if STATE in back.held and "cancelled" in planned.wanted:
        back.held["cancelled"] = back.held[STATE]
    return back


def _why_held(
    name: str,
    value: Value,
    now: Value,
    before: Mapping[str, Value],
    linked: LinkedEvent | LinkedSession,
    left: Mapping[str, Value],
) -> str:
    """Why a field is not set again; empty where it can be, or where it is as it was."""
    if name not in before:
        return "the ledger does not say what it was before"
    if now not in (value, before[name]):
        return f"Administrate holds {shown(now)} by now"
    if name in linked.held and name in left and linked.held[name] != left[name]:
        return f"the tutorial row holds {shown(linked.held[name])} by now"
    declared = next((one for one in FIELDS[linked.table] if one.name == name), None)
    if declared is not None and name != STATE and now != before[name]:
        return why_not_sent(declared, before[name])
    return ""


def _before(planned: ChangePlanned) -> dict[str, Value]:
    """What Administrate held of each field that was set, as far as the ledger says."""
    before = {name: pair.administrate for name, pair in planned.before.items()}
    return {**before, **planned.administrate}
