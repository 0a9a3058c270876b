"""Projects bridge rows: schema ``adm``, from observations, decisions and deletions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import cast

from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    BridgeRowMerged,
    BridgeRowRestored,
    MatchDecided,
    MatchesReaffirmed,
    PersonErased,
    RecordChanged,
    RecordGone,
    RecordIdentified,
    RecordObserved,
    RecordReturned,
    RecordVanished,
    tutorial_key,
)
from ledger.events.recorded import Recorded
from ledger.projections.projector import Projector, Step
from ledger.schema import adm
from ledger.schema.adm import link_name
from ledger.schema.column_values import Row
from ledger.schema.declared import Table
from ledger.values import Fields
from ledger.zones import set_midnights


def _observed(recorded: Recorded) -> Iterable[Step]:
    event = cast("RecordObserved", recorded.event)
    stamps = dict.fromkeys(("created_at", "updated_at", "last_synced"), recorded.recorded_at)
    return [_new_row(event.table, event.row_id, event.fields, stamps)]


def _adopted(recorded: Recorded) -> Iterable[Step]:
    event = cast("BridgeRowAdopted", recorded.event)
    table = adm.BY_NAME[event.table]

    def take_over(row: Row | None) -> Row:
        # The row exists already, except where the tables are rebuilt from the ledger.
        return _complete(table, {**(row or {}), "id": event.row_id, **event.fields})

    taken_over = Step(table, event.row_id, take_over)
    if event.replaces is None:
        return [taken_over]
    return [Step(table, event.replaces, lambda _row: None), taken_over]


def _edited(recorded: Recorded) -> Iterable[Step]:
    event = cast("BridgeRowEdited", recorded.event)
    after = {name: change.after for name, change in event.changes.items()}
    # As the other writer left it, its time of change included.
    return [_altered(event.table, event.row_id, after)]


def _restored(recorded: Recorded) -> Iterable[Step]:
    event = cast("BridgeRowRestored", recorded.event)
    table = adm.BY_NAME[event.table]

    def make_again(row: Row | None) -> Row:
        # Of a rebuilt table it never was missing.
        return _complete(table, {**(row or {}), "id": event.row_id, **event.fields})

    return [Step(table, event.row_id, make_again)]


def _gone(recorded: Recorded) -> Iterable[Step]:
    event = cast("RecordGone", recorded.event)
    return [_changed_row(recorded, event.table, event.row_id, {"gone_at": recorded.recorded_at})]


def _returned(recorded: Recorded) -> Iterable[Step]:
    event = cast("RecordReturned", recorded.event)
    return [_changed_row(recorded, event.table, event.row_id, {"gone_at": None})]


def _changed(recorded: Recorded) -> Iterable[Step]:
    event = cast("RecordChanged", recorded.event)
    after = {name: change.after for name, change in event.changes.items()}
    return [_changed_row(recorded, event.table, event.row_id, after)]


def _identified(recorded: Recorded) -> Iterable[Step]:
    event = cast("RecordIdentified", recorded.event)
    return [_changed_row(recorded, event.table, event.row_id, event.fields)]


def _merged(recorded: Recorded) -> Iterable[Step]:
    event = cast("BridgeRowMerged", recorded.event)
    # Of a rebuilt table the other row never was one.
    return [Step(adm.BY_NAME[event.table], event.merged, lambda _row: None)]


def _vanished(recorded: Recorded) -> Iterable[Step]:
    event = cast("RecordVanished", recorded.event)
    return [Step(adm.BY_NAME[event.table], event.row_id, lambda _row: None)]


def _decided(recorded: Recorded) -> Iterable[Step]:
    event = cast("MatchDecided", recorded.event)
    if event.linked == event.before:
        return [_seen_row(recorded, event.table, event.row_id)]
    column = link_name(event.table)
    if column is None:
        raise ValueError(f"{event.table} has no tutorial side")
    linked = tutorial_key(event.linked) if event.linked else None
    return [_changed_row(recorded, event.table, event.row_id, {column: linked})]


def _reaffirmed(recorded: Recorded) -> Iterable[Step]:
    event = cast("MatchesReaffirmed", recorded.event)
    return [_seen_row(recorded, event.table, row_id) for row_id in event.row_ids]


def _erased(recorded: Recorded) -> Iterable[Step]:
    event = cast("PersonErased", recorded.event)
    for name, row_ids in event.rows.items():
        table = adm.BY_NAME[name]
        emptied: Fields = {c.name: None for c in table.columns if c.personal}
        for row_id in row_ids:
            yield _changed_row(recorded, name, row_id, emptied)


def _new_row(name: str, row_id: int, fields: Fields, stamps: Row) -> Step:
    table = adm.BY_NAME[name]

    def make(row: Row | None) -> Row:
        if row is not None:
            raise ValueError("the row is there already")
        return _complete(table, {"id": row_id, **stamps, **fields})

    return Step(table, row_id, make)


def _changed_row(recorded: Recorded, name: str, row_id: int, after: Fields) -> Step:
    stamps = dict.fromkeys(("updated_at", "last_synced"), recorded.recorded_at)
    return _altered(name, row_id, {**stamps, **after})


def _seen_row(recorded: Recorded, name: str, row_id: int) -> Step:
    return _altered(name, row_id, {"last_synced": recorded.recorded_at})


def _altered(name: str, row_id: int, values: Row) -> Step:
    table = adm.BY_NAME[name]

    def alter(row: Row | None) -> Row:
        if row is None:
            raise ValueError("there is no such row")
        _check_columns(table, values)
        return with_midnights(table, {key: values.get(key, value) for key, value in row.items()})

    return Step(table, row_id, alter)


def _complete(table: Table, values: Row) -> Row:
    """The row with every column of its table."""
    _check_columns(table, values)
    return with_midnights(table, {name: values.get(name) for name in table.names})


def with_midnights(table: Table, row: Row) -> Row:
    """The row with its days as ``set_midnights`` writes them."""
    set_midnights(row, table.days)
    return row


def _check_columns(table: Table, values: Row) -> None:
    unknown = values.keys() - _known_columns(table)
    if unknown:
        raise ValueError(f"it has no column {', '.join(sorted(unknown))}")


@cache
def _known_columns(table: Table) -> frozenset[str]:
    # Rows that Administrate never answers for, events and sessions, have no time of last sync.
    return frozenset((*table.names, "last_synced"))


BRIDGE = Projector(
    name="bridge",
    tables=adm.TABLES,
    handles={
        RecordObserved: _observed,
        BridgeRowAdopted: _adopted,
        BridgeRowEdited: _edited,
        BridgeRowRestored: _restored,
        BridgeRowMerged: _merged,
        RecordChanged: _changed,
        RecordGone: _gone,
        RecordReturned: _returned,
        RecordIdentified: _identified,
        RecordVanished: _vanished,
        MatchDecided: _decided,
        MatchesReaffirmed: _reaffirmed,
        PersonErased: _erased,
    },
)
