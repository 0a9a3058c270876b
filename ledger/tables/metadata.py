"""SQLAlchemy's tables, made of the declarations in ``ledger.schema``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from ledger.schema import declared

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
    }
)
_TYPES: dict[str, type[TypeEngine[Any]]] = {
    declared.BIGINT: BigInteger,
    declared.INTEGER: Integer,
    declared.TEXT: Text,
    declared.DATE: Date,
    declared.BOOLEAN: Boolean,
    declared.JSONB: JSONB,
    "character varying": String,
    "numeric": Numeric,
}


def made_of(table: declared.Table) -> Table:
    """SQLAlchemy's table of a declaration."""
    columns = (_column(column) for column in table.columns)
    return Table(table.name, METADATA, *columns, *_constraints(table), schema=table.schema)


def _constraints(table: declared.Table) -> Iterator[SchemaItem]:
    for unique in table.unique:
        timing = {"deferrable": True, "initially": "DEFERRED"} if unique.deferrable else {}
        yield UniqueConstraint(*unique.columns, **timing)  # type: ignore[arg-type]
    for name, condition in table.checks.items():
        yield CheckConstraint(condition, name=name)


def _column(column: declared.Column) -> Column[Any]:
    items: list[SchemaItem] = [Identity(always=False)] if column.counted else []
    if column.on_delete:
        items.append(ForeignKey(column.refers_to, ondelete=column.on_delete))
    elif column.refers_to:
        items.append(ForeignKey(column.refers_to, deferrable=True, initially="DEFERRED"))
    return Column(
        column.name,
        _type(column.kind),
        *items,
        primary_key=column.counted,
        nullable=column.nullable,
        unique=column.unique or None,
        index=column.index or None,
        server_default=text(column.default) if column.default else None,
        info={
            "personal": column.personal,
            "link": column.link,
            "day": column.day,
            "lived_on": column.lived_on,
        },
    )


def _type(kind: str) -> TypeEngine[Any]:
    if kind == declared.MOMENT:
        return DateTime(timezone=True)
    name, _, inside = kind.partition("(")
    return _TYPES[name](*map(int, filter(None, inside.rstrip(")").split(","))))


def moment(name: str, *, nullable: bool = False) -> Column[object]:
    """A point in time."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


@cache
def column_names(table: Table) -> tuple[str, ...]:
    """The names of a table's columns, as plain text (SQLAlchemy's own are of a subclass)."""
    return tuple(str(column.name) for column in table.columns)


def is_personal(table: Table, column: str) -> bool:
    """Whether a column names or reaches a person, so that its values stay out of events."""
    return bool(table.c[column].info.get("personal"))


def is_lived_on(table: Table, column: str) -> bool:
    """Whether the web application goes on to change a column of rows made here."""
    return bool(table.c[column].info.get("lived_on"))
