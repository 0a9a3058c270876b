"""Keys and indexes of an adopted table: those of the older tool's that will do stay as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from attrs import frozen
from sqlalchemy import (
    Connection,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from ledger.errors import DatabaseError
from ledger.migrations.shapes.change import alter

_FOUND = """
SELECT c.conname, c.contype::text, c.condeferrable, c.condeferred, c.confdeltype::text,
    CASE WHEN c.confrelid <> 0 THEN n.nspname || '.' || t.relname END,
    array(SELECT attname::text FROM pg_attribute
        WHERE attrelid = c.conrelid AND attnum = ANY(c.conkey)),
    array(SELECT attname::text FROM pg_attribute
        WHERE attrelid = c.confrelid AND attnum = ANY(c.confkey))
FROM pg_constraint c
LEFT JOIN pg_class t ON t.oid = c.confrelid LEFT JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE c.conrelid = to_regclass(:table) AND c.contype IN ('p', 'u', 'f')
"""
# Indexes over whole columns: the columns, the leading one, and whether it makes them unique.
_INDEXES = """
SELECT array(SELECT attname::text FROM pg_attribute
        WHERE attrelid = i.indrelid AND attnum = ANY(i.indkey[0:i.indnkeyatts - 1])),
    (SELECT attname::text FROM pg_attribute
        WHERE attrelid = i.indrelid AND attnum = i.indkey[0]),
    i.indisunique AND i.indimmediate
FROM pg_index i
WHERE i.indrelid = to_regclass(:table) AND i.indpred IS NULL AND i.indexprs IS NULL
    AND i.indisvalid
"""
_ACTIONS = {"a": "NO ACTION", "n": "SET NULL"}


@frozen
class _ForeignKey:
    name: str
    deferrable: bool
    deferred: bool
    action: str
    target: str
    target_column: str


@frozen
class _Found:
    """What there is, by the columns concerned."""

    primary: frozenset[str]
    unique: frozenset[frozenset[str]]
    leading: frozenset[str]
    foreign: dict[str, list[_ForeignKey]]


def mend_constraints(connection: Connection, table: Table) -> Iterator[str]:
    """Makes the table's rows unique and its references hold as the program relies on it.

    Names the columns whose references do something else on delete now. What another program made
    stays where it will do: it may name a constraint in ON CONFLICT.
    """
    found = _found(connection, table)
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    _make_unique(connection, table, table.primary_key, found)
    for constraint in sorted(unique, key=lambda one: str(one.name)):
        _make_unique(connection, table, constraint, found)
    for key in sorted(table.foreign_key_constraints, key=lambda one: str(one.name)):
        yield from _mend_reference(connection, table, key, found)
    for index in table.indexes:
        [column] = index.columns
        if column.name not in found.leading:
            connection.exec_driver_sql(f'CREATE INDEX ON {table.fullname} ("{column.name}")')


def _found(connection: Connection, table: Table) -> _Found:
    named = {"table": table.fullname}
    primary: frozenset[str] = frozenset()
    unique, foreign = set(), defaultdict(list)
    for (
        name,
        kind,
        deferrable,
        deferred,
        action,
        target,
        columns,
        target_columns,
    ) in connection.execute(text(_FOUND), named):
        if kind == "f" and len(columns) == 1:
            key = _ForeignKey(name, deferrable, deferred, action, target, target_columns[0])
            foreign[columns[0]].append(key)
        elif kind == "p":
            primary = frozenset(columns)
        elif kind == "u":
            unique.add(frozenset(columns))
    leading = set()
    for columns, first, makes_unique in connection.execute(text(_INDEXES), named):
        leading.add(first)
        if makes_unique:
            unique.add(frozenset(columns))
    return _Found(primary, frozenset(unique), frozenset(leading), dict(foreign))


def _make_unique(
    connection: Connection,
    table: Table,
    constraint: PrimaryKeyConstraint | UniqueConstraint,
    found: _Found,
) -> None:
    columns = [str(column.name) for column in constraint.columns]
    if frozenset(columns) in (*found.unique, found.primary):
        return
    primary = isinstance(constraint, PrimaryKeyConstraint) and not found.primary
    deferrable = " DEFERRABLE INITIALLY DEFERRED" if constraint.deferrable else ""
    named = ", ".join(f'"{name}"' for name in columns)
    alter(connection, table, f"ADD {'PRIMARY KEY' if primary else 'UNIQUE'} ({named}){deferrable}")


def _mend_reference(
    connection: Connection, table: Table, key: ForeignKeyConstraint, found: _Found
) -> Iterator[str]:
    [column] = (str(one.name) for one in key.columns)
    [element] = key.elements
    schema, target, target_column = element.target_fullname.split(".")
    action = "n" if key.ondelete == "SET NULL" else "a"
    deferrable, deferred = bool(key.deferrable), bool(key.deferrable)
    for one in found.foreign.get(column, ()):
        if (one.target, one.target_column) != (f"{schema}.{target}", target_column):
            raise DatabaseError(
                f"{table.fullname}.{column} refers to {one.target}.{one.target_column}, where"
                f" admsync expects {element.target_fullname}; it cannot be taken over as it stands"
            )
        if one.action == action and one.deferrable >= deferrable and one.deferred >= deferred:
            return
        # Who may refer to a row before it is there may do so on.
        deferrable, deferred = one.deferrable or deferrable, one.deferred or deferred
        alter(connection, table, f'DROP CONSTRAINT "{one.name}"')
        if one.action != action:
            yield f"{table.fullname}.{column}"
    when = " DEFERRABLE" * deferrable + " INITIALLY DEFERRED" * deferred
    alter(
        connection,
        table,
        f'ADD FOREIGN KEY ("{column}") REFERENCES {schema}."{target}" ("{target_column}")'
        f" ON DELETE {_ACTIONS[action]}{when}",
        column=column,
    )
