"""Keys and indexes of an adopted table; those of the older tool stay where they will do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, inspect, text

from ledger.errors import DatabaseError
from ledger.migrations.bridge_tables.alter import alter
from ledger.migrations.definitions import foreign_key, index, unique
from ledger.schema.declared import Column, Table, Unique

# Indexes over whole columns, those of constraints among them.
_INDEXES = """
SELECT array(SELECT attname::text FROM pg_attribute
        WHERE attrelid = i.indrelid AND attnum = ANY(i.indkey[0:i.indnkeyatts - 1])),
    (SELECT attname::text FROM pg_attribute
        WHERE attrelid = i.indrelid AND attnum = i.indkey[0]),
    i.indisunique, i.indisprimary
FROM pg_index i
WHERE i.indrelid = to_regclass(:table) AND i.indpred IS NULL AND i.indexprs IS NULL
    AND i.indisvalid
"""


@frozen
class _Index:
    columns: frozenset[str]
    leading: str
    unique: bool
    primary: bool


def mend_constraints(connection: Connection, table: Table) -> Iterator[str]:
    """Adds the keys and indexes that the program relies on; names the columns whose foreign key has
    another action on delete now.

    What another program made stays where it will do: it may name a constraint in ON CONFLICT.
    """
    indexes = [
        _Index(frozenset(columns), *facts)
        for columns, *facts in connection.execute(text(_INDEXES), {"table": table.fullname})
    ]
    has_primary = any(one.primary for one in indexes)
    _make_unique(connection, table, Unique((table.key,)), indexes, primary=not has_primary)
    for columns in table.every_unique:
        _make_unique(connection, table, columns, indexes)
    present = inspect(connection).get_foreign_keys(table.name, table.schema)
    for column in sorted(table.columns, key=lambda one: one.name):
        if column.refers_to:
            yield from _mend_foreign_key(connection, table, column, present)
        if column.index and column.name not in {one.leading for one in indexes}:
            connection.exec_driver_sql(index(table, column))


def _make_unique(
    connection: Connection,
    table: Table,
    columns: Unique,
    indexes: list[_Index],
    *,
    primary: bool = False,
) -> None:
    if any(one.unique and one.columns == frozenset(columns.columns) for one in indexes):
        return
    constraint = f"PRIMARY KEY ({table.key})" if primary else unique(columns)
    alter(connection, table, f"ADD {constraint}")


def _mend_foreign_key(
    connection: Connection, table: Table, column: Column, present: list[Any]
) -> Iterator[str]:
    name = f"{table.fullname}.{column.name}"
    action = column.on_delete or "NO ACTION"
    deferrable = deferred = not column.on_delete
    for one in present:
        if one["constrained_columns"] != [column.name]:
            continue
        [target_column] = one["referred_columns"]
        target = f"{one['referred_schema'] or 'public'}.{one['referred_table']}.{target_column}"
        if target != column.refers_to:
            raise DatabaseError(
                f"{name} refers to {target}, where admsync expects {column.refers_to}; it cannot"
                " be taken over as it stands"
            )
        options = one["options"]
        is_deferrable = bool(options.get("deferrable"))
        is_deferred = options.get("initially") == "DEFERRED"
        same_action = options.get("ondelete", "NO ACTION") == action
        if same_action and is_deferrable >= deferrable and is_deferred >= deferred:
            return
        # A program that inserts a reference before its row may go on to do so.
        deferrable, deferred = deferrable or is_deferrable, deferred or is_deferred
        alter(connection, table, f'DROP CONSTRAINT "{one["name"]}"')
        if not same_action:
            yield name
    constraint = foreign_key(column, deferrable=deferrable, deferred=deferred)
    alter(connection, table, f"ADD {constraint}", column=column.name)
