"""Which types may hold the values that the program keeps in a column.

A column that may stays as it is: no type is changed for the sake of being ours, since a change can
lose a value, and a view on the column forbids it.
"""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from ledger.migrations.shapes.found import FoundColumn

_WHOLE = frozenset({"smallint", "integer", "bigint"})
_MOMENTS = frozenset({"timestamp with time zone", "timestamp without time zone", "date"})


@frozen
class Holder:
    """The types that may hold a value, without their lengths, and the one that others become.

    ``reads`` is the SQL for a value of another type as the new one, ``{}`` the column; where
    ``back`` is true it must give the old value when it is cast back.
    """

    types: frozenset[str]
    becomes: str
    reads: str = "{}::text"
    back: bool = False


_HOLDERS: tuple[tuple[type[TypeEngine[Any]], Holder], ...] = (
    (Text, Holder(frozenset({"text", "character varying", "citext", "name"}), "text")),
    (BigInteger, Holder(_WHOLE, "bigint", "{}::bigint", back=True)),
    (Integer, Holder(_WHOLE, "integer", "{}::integer", back=True)),
    (Boolean, Holder(frozenset({"boolean"}), "boolean", "{}::text::boolean")),
    (DateTime, Holder(_MOMENTS, "timestamp with time zone", "{}::timestamptz", back=True)),
    (Date, Holder(_MOMENTS, "date", "{}::date", back=True)),
    (Numeric, Holder(frozenset({"numeric"}), "numeric", "{}::numeric", back=True)),
    (JSONB, Holder(frozenset({"jsonb", "json"}), "jsonb", "{}::jsonb")),
)


def holder(column: Column[object]) -> Holder:
    """What may hold the values of a column of ours."""
    return next(one for kind, one in _HOLDERS if isinstance(column.type, kind))


def fits(column: Column[object], found: FoundColumn) -> bool:
    """Whether the column found may hold what the program keeps in the one of ours."""
    if found.plain not in holder(column).types:
        return False
    return not isinstance(column.type, Numeric) or _scale(found.base) >= (column.type.scale or 0)


def reading(column: Column[object], found: FoundColumn, value: str) -> str:
    """The SQL for a value of the column found, or for its default, as one of the new type."""
    if found.plain.endswith("[]") and isinstance(column.type, JSONB):
        return f"to_jsonb({value})"
    return holder(column).reads.format(f"({value})")


def _scale(kind: str) -> int:
    declared = re.search(r",(-?\d+)\)", kind)
    if declared:
        return int(declared[1])
    # numeric(10) has none; numeric, any.
    return 0 if "(" in kind else 1000
