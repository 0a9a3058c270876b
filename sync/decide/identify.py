"""Rows without an Administrate id that a fetched record turns out to be.

They are an older tool's, which kept no ids of sessions, or of an import that was set aside before
it knew the id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.events import BridgeRowAdopted, RecordIdentified, record_name
from ledger.runs.run import Run
from ledger.schema.column_values import column_value, field_value
from ledger.store.bridge_rows import others_ids
from ledger.store.entries import Entry
from sync import entities
from sync.decide.current_state import BridgeRow, CurrentState
from sync.decide.links import live_record
from sync.decide.other_writers import ANOTHER
from sync.entity import Entity
from sync.fetch.fetched import Fetch


def identify(
    run: Run, connection: Connection, entity: Entity, fetch: Fetch, current: CurrentState
) -> bool:
    """Records the Administrate ids of rows that have none; whether there were any.

    A session is a row's of its event and day; an event a row's that the rule holds for equal. One
    alone on each side.
    """
    found = dict(_pairs(entity, fetch, current)) if entity.windowed else {}
    if not found:
        return False
    unknown = others_ids(
        driver(connection), entity.table.fullname, [row.row_id for row in found.values()]
    )
    entries = [
        Entry(event, fetch.records[key].page)
        for key, row in found.items()
        for event in _events(entity, key, row, known=row.row_id not in unknown)
    ]
    run.ledger.append_in(connection, entries, run_id=run.run_id)
    return True


def _pairs(entity: Entity, fetch: Fetch, current: CurrentState) -> Iterator[tuple[str, BridgeRow]]:
    claims: dict[object, list[str]] = defaultdict(list)
    for key, one in fetch.records.items():
        if key not in current.rows:
            fields = {**one.observed.fields, **one.observed.beside}
            columns = {name: column_value(value) for name, value in fields.items()}
            claims[_claim(entity, key, columns, current)].append(key)
    rows: dict[object, list[BridgeRow]] = defaultdict(list)
    for key, row in current.without_id.items():
        rows[_claim(entity, key, row.columns, current)].append(row)
    for claim, keys in claims.items():
        if claim is not None and len(keys) == len(rows.get(claim, ())) == 1:
            yield keys[0], rows[claim][0]


def _claim(
    entity: Entity, key: str, columns: Mapping[str, object], current: CurrentState
) -> object | None:
    """What a record and a row that are one have in common."""
    if entity is entities.SESSIONS:
        claim = columns["event_id"], columns["day_number"]
        return None if None in claim else claim
    return entity.matched.rule.compared(live_record(entity, key, columns, current))


def _events(
    entity: Entity, key: str, row: BridgeRow, *, known: bool
) -> Iterable[BridgeRowAdopted | RecordIdentified]:
    table = entity.table.fullname
    if not known:
        yield BridgeRowAdopted(
            table=table,
            key=row.key,
            row_id=row.row_id,
            fields={
                name: field_value(entity.table, name, value)
                for name, value in row.columns.items()
                if name != "id"
            },
            linked=None if row.link is None else record_name(entity.matched.table, row.link),
            made_by=ANOTHER,
        )
    yield RecordIdentified(
        table=table, key=key, row_id=row.row_id, former=row.key, fields={"external_id": key}
    )
