"""The rows of a projected table: loaded and written many at a time, a statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import orjson
import psycopg
from attrs import frozen

from ledger.errors import AdmsyncError
from ledger.schema.column_values import Row
from ledger.schema.declared import Table


class ProjectionError(AdmsyncError):
    """An event does not fit the current rows; its append is rolled back."""


@frozen
class StoredRows:
    """The rows of a table, or of the one of its name in another ``schema``."""

    connection: psycopg.Connection[Any]
    table: Table
    schema: str | None = None

    def load(self, keys: list[object]) -> dict[object, Row]:
        """The rows of these keys. They are locked, so that the web application's own change of one
        is neither lost nor half seen."""
        rows = self.connection.execute(self._statements.select, (keys,)).fetchall()
        return {row[0]: dict(zip(self.table.names, row, strict=True)) for row in rows}

    def insert(self, rows: Sequence[Row]) -> None:
        """Inserts rows with the keys they have."""
        self._write(self._statements.insert, rows)

    def update(self, rows: Sequence[Row]) -> None:
        """Sets every column of the rows."""
        self._write(self._statements.update, rows)

    def delete(self, keys: list[object]) -> None:
        """Deletes the rows of these keys."""
        if keys:
            self.connection.execute(self._statements.delete, (keys,))

    def release(self, before: Mapping[object, Row], after: Mapping[object, Row | None]) -> None:
        """Sets unique columns to NULL in the rows that give their value up: another row may take it
        in the same batch, and an older tool's constraint is checked row by row."""
        names = _unique_columns(self.table)
        giving_up = [
            key
            for key, row in before.items()
            if (then := after[key]) is not None
            and any(row[name] is not None and row[name] != then[name] for name in names)
        ]
        if giving_up:
            self.connection.execute(self._statements.release, (giving_up,))

    @property
    def _statements(self) -> _Statements:
        return _statements(self.table, self.schema or self.table.schema)

    def _write(self, statement: str, rows: Sequence[Row]) -> None:
        if not rows:
            return
        try:
            self.connection.execute(statement, (rows_as_json(self.table.fullname, rows),))
        except psycopg.DataError as problem:
            # Too long for a varchar, too large for a number: the driver does not say of which
            # table.
            said = problem.diag.message_primary or type(problem).__name__
            raise ProjectionError(
                f"{self.table.fullname} cannot hold a value: {said}; give its column room for it"
            ) from problem


@frozen
class _Statements:
    """What is asked of a table, with its keys or its rows as the one bound value.

    Rows are bound as one JSON text, which PostgreSQL reads by the types that the columns have in
    this database.
    """

    select: str
    insert: str
    update: str
    delete: str
    release: str


@cache
def _statements(table: Table, schema: str) -> _Statements:
    name, columns, (key, *others) = f"{schema}.{table.name}", table.selected, table.names
    given = f"json_populate_recordset(NULL::{name}, %s::json) AS given"
    emptied = ", ".join(f"{one} = NULL" for one in _unique_columns(table))
    return _Statements(
        f"SELECT {columns} FROM {name} WHERE {key} = ANY(%s) FOR UPDATE",
        # Also where the keys are GENERATED ALWAYS.
        f"INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {given}",
        f"UPDATE {name} AS kept SET {', '.join(f'{one} = given.{one}' for one in others)}"
        f" FROM {given} WHERE kept.{key} = given.{key}",
        f"DELETE FROM {name} WHERE {key} = ANY(%s)",
        f"UPDATE {name} SET {emptied} WHERE {key} = ANY(%s)",
    )


@cache
def _unique_columns(table: Table) -> tuple[str, ...]:
    """The unique columns, as far as they are nullable."""
    unique = {name for together in table.every_unique for name in together.columns}
    return tuple(
        column.name
        for column in table.columns
        if column.nullable and (column.name in unique or column.link)
    )


def rows_as_json(table: str, rows: Sequence[Row]) -> str:
    """Rows of a table as PostgreSQL reads them from JSON. Raises ``ProjectionError``."""
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
        raise ProjectionError(f"{table} cannot hold a value: {problem}") from problem


def _json_value(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no column holds {type(value).__name__}")
