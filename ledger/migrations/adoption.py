"""Adoption: bridge rows that an older tool made become the ledger's, as they stand."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from sqlalchemy import Connection, Table, select
from uuid_utils.compat import uuid7

from ledger.database.connection import driver
from ledger.entries import Entry
from ledger.events import BridgeRowAdopted, RunCompleted, RunStarted, record_name
from ledger.projections import PROJECTORS, project
from ledger.reading import CHUNK
from ledger.store import append
from ledger.tables import adm, column_names, is_personal
from ledger.values import Personal, Value


def adopt_bridge_rows(connection: Connection, *, actor: str) -> None:
    """Appends, in one run, an event for every row of every ``adm`` table, keys and links kept."""
    if not any(_rows(connection, table, 0, 1) for table in adm.TABLES):
        return
    run_id = uuid7()

    def record(*entries: Entry) -> None:
        appended = append(driver(connection), entries, actor=actor, run_id=run_id)
        project(connection, appended.events, PROJECTORS)

    record(Entry(RunStarted(command="migrate", software=metadata.version("admsync"))))
    counts: dict[str, Value] = {}
    for table in adm.TABLES:
        after, adopted = 0, 0
        while rows := _rows(connection, table, after, CHUNK):
            record(*(Entry(_adopted(table, row)) for row in rows))
            after, adopted = rows[-1]["id"], adopted + len(rows)
        counts[f"{table.name} adopted"] = adopted
    record(Entry(RunCompleted(counts=counts)))


def _rows(connection: Connection, table: Table, after: int, limit: int) -> list[dict[str, Any]]:
    query = select(*table.columns).where(table.c.id > after).order_by(table.c.id).limit(limit)
    rows = connection.execute(query)
    return [dict(zip(column_names(table), row, strict=True)) for row in rows]


def _adopted(table: Table, row: dict[str, Any]) -> BridgeRowAdopted:
    name = f"{adm.SCHEMA}.{table.name}"
    link = adm.link_column(table)
    target = row[link.name] if link is not None else None
    return BridgeRowAdopted(
        table=name,
        key=adm.bridge_key(table, row),
        row_id=row["id"],
        fields={
            column: Personal(value) if value is not None and is_personal(table, column) else value
            for column, value in row.items()
            if column != "id"
        },
        linked=None if target is None else record_name(str(adm.linked_table(table)), target),
    )
