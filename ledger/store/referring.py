"""Foreign keys to a row, from the catalogue: tables unknown to this program included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import psycopg
from attrs import frozen
from psycopg import sql

from ledger.errors import DatabaseError
from ledger.schema import acted, adm
from ledger.store.bridge_rows import others_ids

REFERRING = """
    SELECT format('%%I.%%I', n.nspname, r.relname) AS referring,
        array(SELECT attname FROM unnest(c.conkey) WITH ORDINALITY AS k (number, n)
            JOIN pg_attribute ON attrelid = c.conrelid AND attnum = number ORDER BY k.n),
        array(SELECT attname FROM unnest(c.confkey) WITH ORDINALITY AS k (number, n)
            JOIN pg_attribute ON attrelid = c.confrelid AND attnum = number ORDER BY k.n),
        quote_ident(current_user), quote_ident(n.nspname),
        has_schema_privilege(n.oid, 'USAGE'),
        (SELECT bool_and(has_column_privilege(c.conrelid, number, 'SELECT'))
            FROM unnest(c.conkey) AS k (number)),
        row_security_active(c.conrelid)
    FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
        JOIN pg_namespace n ON n.oid = r.relnamespace
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = %s::regclass
    ORDER BY 1
"""
_OURS = {table.fullname for table in (*acted.TABLES, *adm.TABLES)}
# What is made in both systems: a row of these is no copy, and what it refers to is not let go of.
_MADE = {adm.EVENTS.fullname, adm.SESSIONS.fullname}


class Unreadable(DatabaseError):
    """The role may not read all rows of a table that refers to rows in question; the message names
    it and what to grant."""


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
    """The rows that reference these rows of a table, whatever their ON DELETE action.

    Raises ``Unreadable`` where the role may not read all rows of a table that refers to this one.
    """
    keys = list(ids)
    if not keys:
        return
    found_keys = connection.execute(REFERRING, (table,)).fetchall()
    _refuse_unreadable(table, found_keys)
    for referring, columns, referred, *_ in found_keys:
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


def _refuse_unreadable(table: str, foreign_keys: Iterable[Sequence[Any]]) -> None:
    grants: dict[str, list[str]] = {}
    for referring, _, _, role, schema, may_enter, may_read, sees_some in foreign_keys:
        needed = []
        if not may_enter:
            needed.append(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        if not may_read:
            needed.append(f"GRANT SELECT ON {referring} TO {role}")
        if sees_some:
            needed.append(f"ALTER ROLE {role} BYPASSRLS")
        if needed:
            grants[referring] = needed
    if grants:
        statements = dict.fromkeys(one for needed in grants.values() for one in needed)
        raise Unreadable(
            f"{' and '.join(grants)}, which may refer to rows of {table}, cannot be read whole by"
            " this role, so none of those rows is removed; let the owner run:"
            f" {'; '.join(statements)}"
        )


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
