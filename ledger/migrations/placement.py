"""Checks that every expected table is in its schema, with the SQL that moves a misplaced one.

An older tool did not quote the names of two of its tables, so that a table literally named
``adm.events`` could end up in schema ``public``.
"""

from __future__ import annotations

from attrs import frozen
from sqlalchemy import Connection, text

from ledger.schema import acted, adm, ledger
from ledger.schema.declared import Table


@frozen
class Placement:
    """The place of an expected table. ``mend`` is the SQL that moves it, where SQL can."""

    table: str
    state: str  # "in place", "misplaced", "missing", or "twice": in place and misplaced
    found: str | None
    mend: str | None


def table_placements(connection: Connection) -> list[Placement]:
    """Every table the program expects, in the order of their schemas and names."""
    present = {
        (schema, name)
        for schema, name in connection.execute(
            text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname <> 'pg_catalog'")
        )
    }
    return [_placement(table.schema, table.name, present) for table in _expected()]


def move_misplaced(connection: Connection) -> list[str]:
    """Moves misplaced tables of ``adm`` to their schema, with their rows; returns a sentence about
    each. One that is there twice is left."""
    sentences = []
    # A table with a key that is yet to be checked cannot be moved.
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for placement in table_placements(connection):
        if placement.state == "misplaced" and placement.mend:
            connection.exec_driver_sql(placement.mend)
            sentences.append(f"{placement.found} is {placement.table} now.")
        elif placement.state == "twice":
            sentences.append(f"{placement.found} is left beside {placement.table}, unread.")
    return sentences


def _expected() -> list[Table]:
    tables = (*acted.TABLES, *adm.TABLES, *ledger.TABLES)
    return sorted(tables, key=lambda table: (table.schema, table.name))


def _placement(schema: str, name: str, present: set[tuple[str, str]]) -> Placement:
    full = f"{schema}.{name}"
    in_place = (schema, name) in present
    # Unquoted in the older tool's sources, the whole name became the table's.
    elsewhere = ("public", full) in present
    if not elsewhere:
        return Placement(full, "in place" if in_place else "missing", None, None)
    found = f'public."{full}"'
    if in_place:
        return Placement(full, "twice", found, None)
    if schema != adm.SCHEMA:
        # Not ours to move.
        return Placement(full, "misplaced", found, None)
    # Moved first: another table may have the short name in public.
    mend = (
        f"CREATE SCHEMA IF NOT EXISTS {schema};\n"
        f'ALTER TABLE public."{full}" SET SCHEMA {schema};\n'
        f'ALTER TABLE {schema}."{full}" RENAME TO "{name}";'
    )
    return Placement(full, "misplaced", found, mend)
