"""Primary keys of rows to come: counted up by the tables' own sequences, before the rows exist."""

from __future__ import annotations

from sqlalchemy import Connection, Table, text


def next_keys(connection: Connection, table: Table, count: int) -> list[int]:
    """So many primary keys that no row of the table has, nor will be given by anybody else."""
    keys = connection.execute(
        text(
            "SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"
        ),
        {"table": table.fullname, "count": count},
    )
    return list(keys.scalars())
