"""Primary keys of rows to come: counted up by the tables' own sequences, before the rows exist."""

from __future__ import annotations

from sqlalchemy import Connection, text

from ledger.errors import DatabaseError
from ledger.schema.declared import Table

# The sequence that the column owns, as an identity or serial column does, or that its default asks.
_SEQUENCE = """
SELECT coalesce(pg_get_serial_sequence(:table, 'id'), (
    SELECT r.refobjid::regclass::text
    FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    JOIN pg_depend r ON r.classid = 'pg_attrdef'::regclass AND r.objid = d.oid
    JOIN pg_class s ON s.oid = r.refobjid AND s.relkind = 'S'
    WHERE d.adrelid = cast(:table AS regclass) AND a.attname = 'id' LIMIT 1))
"""


def next_keys(connection: Connection, table: Table, count: int) -> list[int]:
    """So many primary keys that no row of the table has, nor will be given by anybody else.

    Raises ``DatabaseError`` where the table has no sequence for them.
    """
    sequence = connection.execute(text(_SEQUENCE), {"table": table.fullname}).scalar()
    if sequence is None:
        raise DatabaseError(
            f"{table.fullname}.id has no sequence to count up its keys; make it an identity column"
        )
    keys = connection.execute(
        text("SELECT nextval(cast(:sequence AS regclass)) FROM generate_series(1, :count)"),
        {"sequence": sequence, "count": count},
    )
    return list(keys.scalars())
