"""Projectors: the rows that an event changes, and how; and their application to a batch of events.

A projector is a declaration. For each event it names the affected rows, by primary key, and gives
for each a function from the old row to the new one. A batch is applied by loading all those rows at
once, folding the events over them in order, and writing the changes at once: three statements a
table, for any number of events. It sees only events: no clock, no chance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from attrs import frozen
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Select,
    Table,
    Text,
    UniqueConstraint,
    Update,
    bindparam,
    cast,
    false,
    func,
    select,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DataError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.selectable import TableValuedAlias

from ledger.errors import AdmsyncError
from ledger.events import Event
from ledger.events.recorded import Recorded
from ledger.schema.column_values import Row, stored
from ledger.tables import column_names


class ProjectionError(AdmsyncError):
    """An event does not fit the current rows; its append is rolled back."""


@frozen
class Step:
    """One changed row: ``change`` maps the old row (``None``: there is none) to the new one, in
    which a column may have any value an event holds."""

    table: Table
    key: object
    change: Callable[[Row | None], Row | None]


@frozen
class Projector:
    """The tables it owns, parents before children, and the steps for each event type.

    Of ``shared`` tables it owns only the rows it made; others may exist there, and the web
    application goes on to change its own.
    """

    name: str
    tables: tuple[Table, ...]
    handles: Mapping[type[Event], Callable[[Recorded], Iterable[Step]]]
    shared: bool = False


def project(
    connection: Connection, events: Sequence[Recorded], projectors: Iterable[Projector]
) -> None:
    """Applies the events, in order, to every projector's tables, in the connection's transaction.

    Raises ``ProjectionError`` where an event does not fit the current rows.
    """
    for projector in projectors:
        steps = [
            (event, step)
            for event in events
            if (steps_of := projector.handles.get(type(event.event))) is not None
            for step in steps_of(event)
        ]
        if steps:
            _apply(connection, projector, steps)


def _apply(
    connection: Connection, projector: Projector, steps: Sequence[tuple[Recorded, Step]]
) -> None:
    keys: dict[Table, dict[object, None]] = defaultdict(dict)
    for _, step in steps:
        keys[step.table][step.key] = None
    before = {table: _load(connection, table, list(found)) for table, found in keys.items()}
    after: dict[Table, dict[object, Row | None]] = {t: dict(rows) for t, rows in before.items()}
    for event, step in steps:
        rows = after[step.table]
        try:
            rows[step.key] = stored(step.change(rows.get(step.key)))
        except (KeyError, ValueError, TypeError) as problem:
            raise ProjectionError(
                f"{type(event.event).__name__} at position {event.position} does not fit"
                f" {step.table.fullname} {step.key}: {problem}"
            ) from problem
    # First, so that what comes back under another key finds its unique values free.
    for table in reversed(projector.tables):
        gone = [key for key, row in after.get(table, {}).items() if row is None]
        _delete(connection, table, [key for key in gone if key in before[table]])
    for table in projector.tables:
        _release(connection, table, before.get(table, {}), after.get(table, {}))
    for table in projector.tables:
        kept = [(key, row) for key, row in after.get(table, {}).items() if row is not None]
        known = before.get(table, {})
        _insert(connection, table, [row for key, row in kept if key not in known])
        _update(connection, table, [r for key, r in kept if key in known and r != known[key]])


def _release(
    connection: Connection,
    table: Table,
    before: Mapping[object, Row],
    after: Mapping[object, Row | None],
) -> None:
    """Sets unique columns to NULL in the rows that give their value up: another row may take it in
    the same batch, and an older tool's constraint is checked row by row."""
    names = _claimed(table)
    giving_up = [
        key
        for key, row in before.items()
        if (then := after[key]) is not None
        and any(row[name] is not None and row[name] != then[name] for name in names)
    ]
    if giving_up:
        connection.execute(_emptying(table), {"keys": giving_up})


def _load(connection: Connection, table: Table, keys: list[object]) -> dict[object, Row]:
    [primary] = table.primary_key.columns
    names = column_names(table)
    key = names.index(primary.name)
    rows = connection.execute(_selection(table), {"keys": keys})
    return {row[key]: dict(zip(names, row, strict=True)) for row in rows}


def _insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        _write(connection, table, _insertion(table), rows)


def _update(connection: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        _write(connection, table, _change(table), rows)


def _write(
    connection: Connection, table: Table, statement: Insert | Update, rows: list[Row]
) -> None:
    try:
        connection.execute(statement, {"rows": _json_text(table, rows)})
    except DataError as problem:
        # Too long for a varchar, too large for a number: the driver does not say of which table.
        said = getattr(getattr(problem.orig, "diag", None), "message_primary", None)
        raise ProjectionError(
            f"{table.fullname} cannot hold a value: {said or type(problem.orig).__name__}; give its"
            " column room for it"
        ) from problem


def _delete(connection: Connection, table: Table, keys: list[object]) -> None:
    if keys:
        connection.execute(_deletion(table), {"keys": keys})


@cache
def _selection(table: Table) -> Select[Any]:
    # Locked, so that the web application's own change of a row is neither lost nor half seen.
    return select(*table.columns).where(_is_given(table)).with_for_update()


@cache
def _insertion(table: Table) -> Insert:
    names = list(column_names(table))
    given = _given_rows(table)
    rows = select(*(given.c[name] for name in names))
    return KeyedInsert(table).from_select(names, rows)


@cache
def _change(table: Table) -> Update:
    [primary] = table.primary_key.columns
    given = _given_rows(table)
    names = [name for name in column_names(table) if name != primary.name]
    return (
        table.update()
        .where(primary == given.c[primary.name])
        .values({name: given.c[name] for name in names})
    )


@cache
def _claimed(table: Table) -> tuple[str, ...]:
    """The unique columns, as far as they are nullable."""
    unique = {
        column
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
        for column in constraint.columns
    }
    return tuple(
        str(column.name)
        for column in table.columns
        if column.nullable and (column in unique or column.info.get("link"))
    )


@cache
def _emptying(table: Table) -> Update:
    return table.update().where(_is_given(table)).values(dict.fromkeys(_claimed(table)))


@cache
def _deletion(table: Table) -> Delete:
    return table.delete().where(_is_given(table))


class KeyedInsert(Insert):
    """An INSERT from a query that gives the primary keys, also where they are GENERATED ALWAYS."""

    inherit_cache = True


@compiles(KeyedInsert, "postgresql")
def _keyed(insert: KeyedInsert, compiler: Any, **options: Any) -> str:
    statement: str = compiler.visit_insert(insert, **options)
    return statement.replace(") SELECT ", ") OVERRIDING SYSTEM VALUE SELECT ", 1)


def _is_given(table: Table) -> ColumnElement[bool]:
    """Whether the key is among ``keys``: one bound value, however many there are."""
    [primary] = table.primary_key.columns
    return primary == func.any(bindparam("keys", type_=ARRAY(primary.type)))


def _given_rows(table: Table) -> TableValuedAlias:
    """``rows``, one bound JSON text that PostgreSQL reads as rows of the table, by the types that
    the columns have in this database."""
    columns = [sql_column(column.name, column.type) for column in table.columns]
    row = table.alias("shape")
    row_type = select(row.table_valued()).where(false()).scalar_subquery()
    given = cast(bindparam("rows", type_=Text), JSON)
    return func.json_populate_recordset(row_type, given).table_valued(*columns, name="given")


def _json_text(table: Table, rows: list[Row]) -> str:
    # By identity: the rows of a batch share the time they were recorded at.
    known: dict[int, object] = {}

    def carried(value: object) -> object:
        found = known.get(id(value))
        if found is None:
            found = known[id(value)] = _json_value(value)
        return found

    try:
        return orjson.dumps(rows, carried, orjson.OPT_PASSTHROUGH_DATETIME).decode()
    except orjson.JSONEncodeError as problem:
        raise ProjectionError(f"{table.fullname} cannot hold a value: {problem}") from problem


def _json_value(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no column holds {type(value).__name__}")
