"""Bridge rows according to the ledger's events alone, to detect rows and edits of other writers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, select, text

from ledger.database.connection import driver
from ledger.events import MatchesReaffirmed, PersonErased, record_name
from ledger.projections import BRIDGE
from ledger.projections.projector import Row, stored
from ledger.store.read import Selection, read_recorded
from ledger.tables import adm, column_names

# Reaffirms an unchanged decision: sets only ``last_synced``, and is by far the most frequent event.
_TYPES = [kind.__name__ for kind in BRIDGE.handles if kind is not MatchesReaffirmed]


def ledger_rows(connection: Connection, table: Table) -> dict[int, Row]:
    """The rows of a bridge table according to the ledger, by primary key; ``last_synced`` only as
    changes and decisions set it."""
    name = table.fullname
    erasures = {PersonErased.__name__}
    rows: dict[Any, Row] = {}
    reader = driver(connection)
    events = [*read_recorded(reader, Selection(types=set(_TYPES) - erasures, table=name))]
    if any(column.info.get("personal") for column in table.columns):
        events += read_recorded(reader, Selection(types=erasures))
        events.sort(key=lambda recorded: recorded.position)
    for recorded in events:
        for step in BRIDGE.handles[type(recorded.event)](recorded):
            if step.table is table:
                after = stored(step.change(rows.get(step.key)))
                if after is None:
                    rows.pop(step.key, None)
                else:
                    rows[step.key] = after
    return rows


def current_rows(connection: Connection, table: Table) -> dict[int, Row]:
    """The current rows of a bridge table, by primary key."""
    names = column_names(table)
    found = connection.execute(select(*table.columns).execution_options(yield_per=1000))
    rows = (dict(zip(names, row, strict=True)) for row in found)
    return {row["id"]: row for row in rows}


def ids_with_events(connection: Connection, table: Table, keys: Mapping[int, str]) -> set[int]:
    """The ids of those bridge rows (primary key and ledger key) that have events in the ledger, now
    or earlier."""
    if not keys:
        return set()
    streams = [record_name(table.fullname, key) for key in keys.values()]
    found = connection.execute(
        text(
            "SELECT DISTINCT (payload ->> 'row_id')::bigint FROM ledger.events"
            " WHERE stream = ANY(:streams) AND (payload ->> 'row_id')::bigint = ANY(:ids)"
        ),
        {"streams": streams, "ids": list(keys)},
    )
    return set(found.scalars())


def others_ids(connection: Connection, table: Table, ids: Iterable[int] | None = None) -> set[int]:
    """The primary keys of the bridge rows, or of those of these ids, that have no event: another
    writer made them."""
    key = adm.key_expression(table, "r")
    given = None if ids is None else list(ids)
    found = connection.execute(
        text(
            f"SELECT r.id, {key} FROM {table.fullname} r"
            " WHERE :every OR r.id = ANY(CAST(:ids AS bigint[]))"
        ),
        {"every": given is None, "ids": given or []},
    )
    keys = {row_id: str(name) for row_id, name in found}
    return keys.keys() - ids_with_events(connection, table, keys)
