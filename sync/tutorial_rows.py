"""Loading tutorial rows into the ``acted`` tables: for the demonstration, benchmarks and tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql

Row = Mapping[str, object]


def load_tutorial_rows(
    connection: psycopg.Connection, tables: Iterable[tuple[str, Iterable[Row]]]
) -> None:
    """Copies each table's rows, ids included, and lets the ids that follow count on from there."""
    for name, rows in tables:
        schema, _, table = name.partition(".")
        target = sql.Identifier(schema, table)
        waiting = iter(rows)
        first = next(waiting, None)
        if first is None:
            continue
        columns = list(first)
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
            target, sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with connection.cursor() as cursor, cursor.copy(copy) as into:
            into.write_row([first[column] for column in columns])
            for row in waiting:
                into.write_row([row[column] for column in columns])
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}").format(
                sql.Literal(f'{schema}."{table}"'), target
            )
        )
