"""Rows as the events made them up to a position: ``ledger.known_rows``, outside the chain.

What the ledger says of a table is read from here and from the later events, so that it takes no
longer as the ledger grows old. It follows from the events alone: where nothing is kept, or it was
kept of a table with other columns, all events are read, as they are after an erasure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from attrs import field, frozen

from ledger.projections.stored_rows import rows_as_json
from ledger.schema.column_values import Row

_BATCH = 1000
# By table: its columns.
Columns = Mapping[str, Sequence[str]]
Rows = dict[str, dict[Any, Row]]


@frozen
class KnownRows:
    """Rows by table and primary key, as all events up to ``position`` make them; 0: none is
    kept."""

    columns: Columns
    shape: str
    position: int = 0
    rows: Rows = field(factory=dict)

    def described(self, table: str) -> list[str]:
        """What the rows of a table were made for: the shape of the tables, and its columns."""
        return [self.shape, *self.columns[table]]


def read_known_rows(
    reader: psycopg.Connection[Any], columns: Columns, shape: str = ""
) -> KnownRows:
    """What is kept of these tables, of all of them up to the same position; ``shape``: the name of
    that which their columns are of."""
    nothing = KnownRows(columns, shape, rows={name: {} for name in columns})
    found = reader.execute(
        "SELECT table_name, position, columns FROM ledger.known_tables WHERE table_name = ANY(%s)",
        (list(columns),),
    ).fetchall()
    positions = {position for _, position, _ in found}
    held = {name: list(described) for name, _, described in found}
    if held != {name: nothing.described(name) for name in columns} or len(positions) != 1:
        return nothing
    rows = {name: _rows(reader, name, names) for name, names in columns.items()}
    return KnownRows(columns, shape, positions.pop(), rows)


def keep_rows(
    connection: psycopg.Connection[Any],
    known: KnownRows,
    rows: Rows,
    changed: Mapping[str, Collection[Any]],
    position: int,
) -> None:
    """Keeps ``rows``, which follow from the events up to ``position``; ``changed`` are the keys of
    those that differ from what was ``known``. Nothing where somebody else kept some meanwhile."""
    for name in known.columns:
        if not _moved(connection, name, known, position):
            return
        if not known.position:
            connection.execute("DELETE FROM ledger.known_rows WHERE table_name = %s", (name,))
        keys = sorted(changed[name] if known.position else rows[name])
        for start in range(0, len(keys), _BATCH):
            _keep(connection, name, keys[start : start + _BATCH], rows[name])


def forget_known_rows(connection: psycopg.Connection[Any]) -> None:
    """Nothing is kept any more: values that were erased may be in it."""
    connection.execute("DELETE FROM ledger.known_rows")
    connection.execute("DELETE FROM ledger.known_tables")


def _rows(reader: psycopg.Connection[Any], table: str, names: Sequence[str]) -> dict[Any, Row]:
    """The kept rows of a table, each value of its column's type in this database."""
    values = ", ".join(f"held.{name}" for name in names)
    with reader.cursor("known_rows") as cursor:
        cursor.itersize = _BATCH
        cursor.execute(
            f"SELECT {values}, CASE WHEN (SELECT count(*) FROM jsonb_object_keys(k.columns)) <> %s"
            " THEN ARRAY(SELECT jsonb_object_keys(k.columns)) END FROM ledger.known_rows k"
            f" CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, k.columns) AS held"
            " WHERE k.table_name = %s".encode(),
            (len(names), table),
        )
        rows = {}
        for *row, only in cursor:
            held = dict(zip(names, row, strict=True))
            rows[held["id"]] = held if only is None else {name: held[name] for name in only}
    return rows


def _moved(
    connection: psycopg.Connection[Any], table: str, known: KnownRows, position: int
) -> bool:
    """Whether the table's position was moved from the one that was known."""
    done = connection.execute(
        "INSERT INTO ledger.known_tables AS kept VALUES (%(table)s, %(position)s, %(columns)s)"
        " ON CONFLICT (table_name) DO UPDATE SET position = EXCLUDED.position,"
        " columns = EXCLUDED.columns WHERE %(before)s IN (0, kept.position)",
        {
            "table": table,
            "columns": known.described(table),
            "before": known.position,
            "position": position,
        },
    )
    return done.rowcount == 1


def _keep(
    connection: psycopg.Connection[Any], table: str, keys: Sequence[Any], rows: Mapping[Any, Row]
) -> None:
    there = [rows[key] for key in keys if key in rows]
    connection.execute(
        "DELETE FROM ledger.known_rows WHERE table_name = %s AND row_id = ANY(%s)",
        (table, list(keys)),
    )
    connection.execute(
        "INSERT INTO ledger.known_rows SELECT %s, (one ->> 'id')::bigint, one"
        " FROM jsonb_array_elements(%s::jsonb) AS one",
        (table, rows_as_json(table, there)),
    )
