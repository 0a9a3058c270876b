"""Keys and indexes of an adopted table; those of the older tool stay where they will do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen
from sqlalchemy import (
    Connection,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    inspect,
    text,
)

from ledger.errors import DatabaseError
from ledger.migrations.bridge_tables.alter import alter

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
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    _make_unique(connection, table, table.primary_key, indexes)
    for constraint in sorted(unique, key=lambda one: str(one.name)):
        _make_unique(connection, table, constraint, indexes)
    present = inspect(connection).get_foreign_keys(table.name, table.schema)
    for key in sorted(table.foreign_key_constraints, key=lambda one: str(one.name)):
        yield from _mend_foreign_key(connection, table, key, present)
    for index in table.indexes:
        [column] = index.columns
        if column.name not in {one.leading for one in indexes}:
            connection.exec_driver_sql(f'CREATE INDEX ON {table.fullname} ("{column.name}")')


def _make_unique(
    connection: Connection,
    table: Table,
    constraint: PrimaryKeyConstraint | UniqueConstraint,
    indexes: list[_Index],
) -> None:
    columns = [str(column.name) for column in constraint.columns]
    if any(one.unique and one.columns == frozenset(columns) for one in indexes):
        return
    has_primary = any(one.primary for one in indexes)
    primary = isinstance(constraint, PrimaryKeyConstraint) and not has_primary
    deferrable = " DEFERRABLE INITIALLY DEFERRED" if constraint.deferrable else ""
    quoted = ", ".join(f'"{name}"' for name in columns)
    alter(connection, table, f"ADD {'PRIMARY KEY' if primary else 'UNIQUE'} ({quoted}){deferrable}")


def _mend_foreign_key(
    connection: Connection, table: Table, key: ForeignKeyConstraint, present: list[Any]
) -> Iterator[str]:
    [column] = (str(one.name) for one in key.columns)
    [element] = key.elements
    action = key.ondelete or "NO ACTION"
    deferrable = deferred = bool(key.deferrable)
    for one in present:
        if one["constrained_columns"] != [column]:
            continue
        [target_column] = one["referred_columns"]
        target = f"{one['referred_schema'] or 'public'}.{one['referred_table']}.{target_column}"
        if target != element.target_fullname:
            raise DatabaseError(
                f"{table.fullname}.{column} refers to {target}, where admsync expects"
                f" {element.target_fullname}; it cannot be taken over as it stands"
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
            yield f"{table.fullname}.{column}"
    schema, target_table, target_column = element.target_fullname.split(".")
    when = " DEFERRABLE" * deferrable + " INITIALLY DEFERRED" * deferred
    alter(
        connection,
        table,
        f'ADD FOREIGN KEY ("{column}") REFERENCES {schema}."{target_table}" ("{target_column}")'
        f" ON DELETE {action}{when}",
        column=column,
    )
