"""Bridge rows as they are, and which of them have no event: another writer made those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from ledger.events import record_name
from ledger.schema import adm
from ledger.schema.column_values import Row
from ledger.schema.declared import Table
from ledger.zones import set_midnights


def current_rows(
    connection: psycopg.Connection[Any], table: Table, named: str = ""
) -> dict[int, Row]:
    """The current rows of a bridge table, or of a copy of it ``named`` otherwise, by primary key;
    days as the ledger's rows have them."""
    with connection.cursor("bridge_rows") as cursor:
        cursor.itersize = 1000
        cursor.execute(f"SELECT {table.selected} FROM {named or table.fullname}")
        rows = {row[0]: dict(zip(table.names, row, strict=True)) for row in cursor}
    for one in rows.values() if table.days else ():
        set_midnights(one, table.days)
    return rows


def others_ids(
    connection: psycopg.Connection[Any], table: str, ids: Iterable[int] | None = None
) -> set[int]:
    """The primary keys of a bridge table's rows, or of those of these ids, that have no event:
    another writer made them."""
    given = None if ids is None else list(ids)
    found = connection.execute(
        f"SELECT r.id, {adm.key_expression(table, 'r')} FROM {table} r"
        " WHERE %(ids)s::bigint[] IS NULL OR r.id = ANY(%(ids)s)",
        {"ids": given},
    )
    keys = {row_id: str(name) for row_id, name in found.fetchall()}
    return keys.keys() - _ids_with_events(connection, table, keys)


def _ids_with_events(
    connection: psycopg.Connection[Any], table: str, keys: Mapping[int, str]
) -> set[int]:
    """The ids of those rows (primary key and ledger key) that have events, now or earlier."""
    if not keys:
        return set()
    found = connection.execute(
        "SELECT DISTINCT (payload ->> 'row_id')::bigint FROM ledger.events"
        " WHERE stream = ANY(%s) AND (payload ->> 'row_id')::bigint = ANY(%s)",
        ([record_name(table, key) for key in keys.values()], list(keys)),
    )
    return {row_id for (row_id,) in found.fetchall()}
