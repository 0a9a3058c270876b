"""Values of events as columns hold them, and of columns as events hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from ledger.schema.declared import Table
from ledger.values import Personal, Value

# A row by column name.
Row: TypeAlias = dict[str, Any]
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_AS_THEY_ARE = frozenset({type(None), bool, date, datetime, Decimal, UUID})


def column_value(value: Value) -> Any:
    """A value of an event as a column holds it: a person's name in clear, or NULL once erased."""
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, Personal):
        return _storable(value.value)
    if isinstance(value, Mapping):
        return {_storable(key): column_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [column_value(item) for item in value]
    # Numbers in JSON may have any length, but not on their way there as an int.
    return Decimal(value) if type(value) is int and value.bit_length() > 63 else value


def stored(row: Row | None) -> Row | None:
    """A row as the tables hold it, of what a step made."""
    if row is None:
        return None
    return {
        name: value if type(value) in _AS_THEY_ARE else column_value(value)
        for name, value in row.items()
    }


def field_value(table: Table, name: str, value: Value) -> Value:
    """A column's value as an event holds it: marked personal where it is a person's, a day where a
    row has its midnight for it."""
    column = table.by_name[name]
    if column.day and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment.date() if moment.time() == time(0) else moment
    return Personal(str(value)) if value is not None and column.personal else value


def _storable(text: str | None) -> str | None:
    """The text with what a PostgreSQL text cannot hold replaced by U+FFFD."""
    if text is None or text.isprintable():
        return text
    return _UNSTORABLE.sub("\ufffd", text)
