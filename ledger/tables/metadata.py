"""What the tables of every schema share: their metadata, their names, their usual columns."""

from __future__ import annotations

from functools import cache

from sqlalchemy import BigInteger, Column, DateTime, Identity, MetaData, Table, func

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
    }
)


def key() -> Column[int]:
    """A primary key that a sequence of the table's own counts up."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def moment(name: str, *, nullable: bool = False, default: bool = False) -> Column[object]:
    """A point in time; now, where it has a default."""
    given = func.now() if default else None
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=given)


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
