"""Every value of a database, to compare before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from tests.deployed.facts import facts_of

# Table, then row by its key, then column: the value as PostgreSQL writes it in UTC.
Values: TypeAlias = dict[str, dict[str, dict[str, str | None]]]


def values_of(connection: psycopg.Connection[Any], *schemas: str) -> Values:
    """Every row of every table of the schemas, by ``id`` or, where it has none, as it stands."""
    connection.execute("SET timezone = 'UTC'")
    values: Values = {}
    for table, facts in facts_of(connection, *schemas, constraints=False).items():
        columns = facts["columns"]
        schema, _, name = table.partition(".")
        listed = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns)
        rows = connection.execute(
            sql.SQL("SELECT {} FROM {}").format(listed, sql.Identifier(schema, name))
        ).fetchall()
        values[table] = {}
        for row in rows:
            said = dict(zip(columns, row, strict=True))
            values[table][said.get("id") or str(row)] = said
    return values


def lost(before: Values, after: Values) -> Iterator[tuple[str, str, str, str | None, str | None]]:
    """Each value of before that is another one after: table, key, column, before and after."""
    for table, rows in before.items():
        for key, row in rows.items():
            now = after.get(table, {}).get(key, {})
            for column, value in row.items():
                if column not in now:
                    yield table, key, column, value, "no longer there"
                elif now[column] != value:
                    yield table, key, column, value, now[column]
