"""Declarations of tables: columns, types, foreign keys, unique columns.

Projectors, queries and migrations read them; ``ledger.migrations.definitions`` turns them to SQL.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

BIGINT, INTEGER, TEXT, DATE, BOOLEAN, JSONB, UUID, MOMENT = (
    "bigint",
    "integer",
    "text",
    "date",
    "boolean",
    "jsonb",
    "uuid",
    "timestamp with time zone",
)


@frozen
class Column:
    """A column. ``kind`` is PostgreSQL's name of its type, ``default`` SQL.

    ``refers_to`` names the column of a foreign key (``acted.staff.id``). One without ``on_delete``
    is checked at the end of the transaction.

    ``personal``: it names or reaches a person, so that its values stay out of events. ``link``: it
    points to a bridge row's tutorial record. ``word``: its texts are of Administrate's vocabulary,
    in lower case. ``day``: it holds a day; where an older tool made it a moment, midnight in the
    row's zone. ``lived_on``: the web application goes on to change it in rows made here.
    """

    name: str
    kind: str
    nullable: bool = True
    unique: bool = False
    index: bool = False
    default: str = ""
    refers_to: str = ""
    on_delete: str = ""
    counted: bool = False
    personal: bool = False
    link: bool = False
    word: bool = False
    day: bool = False
    lived_on: bool = False

    @property
    def plain(self) -> str:
        """The type without its length or precision: ``character varying``."""
        return self.kind.partition("(")[0]

    @property
    def referred(self) -> str:
        """The table that it refers to; empty where it refers to none."""
        return self.refers_to.rpartition(".")[0]


@frozen
class Unique:
    """Columns that no two rows have alike; at the end of the transaction where ``deferrable``."""

    columns: tuple[str, ...]
    deferrable: bool = False


@frozen(eq=False)
class Table:
    """A table, whose first column is its primary key. ``checks`` are conditions in SQL, by name."""

    schema: str
    name: str
    columns: tuple[Column, ...] = field(repr=False)
    unique: tuple[Unique, ...] = field(default=(), repr=False)
    checks: Mapping[str, str] = field(factory=dict, repr=False)
    by_name: Mapping[str, Column] = field(init=False, repr=False)
    names: tuple[str, ...] = field(init=False, repr=False)
    days: tuple[str, ...] = field(init=False, repr=False)

    @by_name.default
    def _by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @names.default
    def _names(self) -> tuple[str, ...]:
        return tuple(self.by_name)

    @days.default
    def _days(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.day)

    @property
    def fullname(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def key(self) -> str:
        """The column of the primary key."""
        return self.names[0]

    @property
    def selected(self) -> str:
        """Its columns for a SELECT, in the order of their declaration."""
        return ", ".join(self.names)

    @property
    def every_unique(self) -> tuple[Unique, ...]:
        """The unique columns, those that are unique by themselves first; without the key."""
        alone = (Unique((column.name,)) for column in self.columns if column.unique)
        return (*alone, *self.unique)


def key(kind: str = BIGINT) -> Column:
    """A primary key that a sequence of the table's own counts up."""
    return Column("id", kind, nullable=False, counted=True)


def moment(name: str, *, nullable: bool = False, default: bool = False) -> Column:
    """A point in time; now, where it has a default."""
    return Column(name, MOMENT, nullable=nullable, default="now()" if default else "")
