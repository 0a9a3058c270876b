"""Foreign keys to a row, from the catalogue: tables unknown to this program included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import psycopg
from attrs import frozen
from psycopg import sql

from ledger.schema import acted, adm
from ledger.store.bridge_rows import others_ids

REFERRING = """
    SELECT format('%%I.%%I', n.nspname, r.relname) AS referring,
        array(SELECT attname FROM unnest(c.conkey) WITH ORDINALITY AS k (number, n)
            JOIN pg_attribute ON attrelid = c.conrelid AND attnum = number ORDER BY k.n),
        array(SELECT attname FROM unnest(c.confkey) WITH ORDINALITY AS k (number, n)
            JOIN pg_attribute ON attrelid = c.confrelid AND attnum = number ORDER BY k.n)
    FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
        JOIN pg_namespace n ON n.oid = r.relnamespace
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = %s::regclass
    ORDER BY 1
"""
_OURS = {table.fullname for table in (*acted.TABLES, *adm.TABLES)}
# What is made in both systems: a row of these is no copy, and what it refers to is not let go of.
_MADE = {adm.EVENTS.fullname, adm.SESSIONS.fullname}


@frozen
class Referrer:
    """Rows of a table that reference a row by a column; ``ids`` for a table of this program."""

    table: str
    column: str
    count: int
    ids: tuple[int, ...] = ()


def referrers(
    connection: psycopg.Connection[Any], table: str, ids: Iterable[Any]
) -> Iterator[tuple[Any, Referrer]]:
    """The rows that reference these rows of a table, whatever their ON DELETE action."""
    keys = list(ids)
    if not keys:
        return
    for referring, columns, referred in connection.execute(REFERRING, (table,)).fetchall():
        known = referring in _OURS
        on = sql.SQL(" AND ").join(
            sql.SQL("r.{} = t.{}").format(sql.Identifier(a), sql.Identifier(b))
            for a, b in zip(columns, referred, strict=True)
        )
        query = sql.SQL(
            "SELECT t.id, count(*), {ids} FROM {referring} r JOIN {table} t ON {on}"
            " WHERE t.id = ANY(%s) GROUP BY t.id ORDER BY t.id"
        ).format(
            ids=sql.SQL("array_agg(r.id)" if known else "'{}'::bigint[]"),
            referring=sql.SQL(referring),
            table=sql.SQL(table),
            on=on,
        )
        for row_id, count, found in connection.execute(query, (keys,)).fetchall():
            yield row_id, Referrer(referring, ", ".join(columns), count, tuple(found))


def held(
    connection: psycopg.Connection[Any], table: str, ids: Iterable[int]
) -> Mapping[int, dict[str, int]]:
    """The bridge rows that must stay because they are referenced: the number of referencing rows,
    by table and column. Rows copied from Administrate do not count."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row_id, one in referrers(connection, table, ids):
        count = one.count
        if one.table in adm.BY_NAME and one.table not in _MADE:
            count = len(others_ids(connection, one.table, one.ids))
        if count:
            found[row_id][f"{one.table}.{one.column}"] = count
    return found
