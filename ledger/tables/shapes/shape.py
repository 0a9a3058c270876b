"""The shape of the web application's tutorial tables, and the tables of a database in one.

The events of the ledger hold what was decided, under names of their own. A shape says, column by
column, which of those values the web application keeps there and as what. A column that a database
lacks is passed over, unless the program cannot do without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TypeAlias

from attrs import Factory, field, frozen

from ledger.schema import acted
from ledger.schema.declared import Column, Table, key
from ledger.values import Value

MADE = tuple(table.fullname for table in acted.MADE)
TUTORIAL_EVENTS, TUTORIAL_SESSIONS, SESSION_INSTRUCTORS = MADE
# The columns of each table that a database has: which may not be NULL, of those of the shape.
Present: TypeAlias = Mapping[str, Mapping[str, bool]]


@frozen
class ShapeColumn:
    """A column, and the field of an event whose value it holds (``default`` where there is none).

    ``kind`` is PostgreSQL's name of its type. ``needed``: the program cannot work on tables without
    it. The web application goes on to change what is ``lived_on``; what is ``overwritten`` it takes
    over from Administrate by itself, so that a change there is nobody's edit.
    """

    name: str
    kind: str
    field: str = Factory(lambda self: self.name, takes_self=True)
    default: Value = None
    needed: bool = False
    lived_on: bool = False
    overwritten: bool = False
    personal: bool = False

    @property
    def content(self) -> tuple[str, str, str]:
        """Its name, field and type, apart from who goes on to change it."""
        return self.name, self.field, self.kind

    @property
    def is_text(self) -> bool:
        return self.kind.startswith("character varying")

    @property
    def longest(self) -> int | None:
        """The most characters that the shape's column holds; None where that is not bounded."""
        bound = re.search(r"\((\d+)\)$", self.kind)
        return int(bound[1]) if bound else None

    def value(self, fields: Mapping[str, Value], *, not_null: bool) -> Value:
        """Its value in a row made from the fields of an event."""
        value = fields.get(self.field)
        value = self.default if value is None else value
        if value is None and not_null and self.is_text:
            return ""  # as the web application writes it into a text that may not be NULL
        return value


@frozen(eq=False)
class Shape:
    """A shape of the tutorial tables: the content of each column, and the columns of queries.

    ``starts`` is the column with an event's first day or moment, ``zone`` that with its time zone.
    ``product_key`` is the primary key of ``acted.products``. ``title_is_code``: the web application
    finds an event by its title in ``code``, so that no code may be anything else.
    """

    name: str
    columns: Mapping[str, tuple[ShapeColumn, ...]] = field(repr=False)
    starts: str
    product_key: str
    zone: str | None = None
    template: str | None = None
    title_is_code: bool = False


@frozen(eq=False)
class TutorialTables:
    """The tutorial tables of a database: its shape, and those of the shape's columns it has."""

    shape: Shape
    present: Present
    tables: tuple[Table, ...] = field(init=False)

    @tables.default
    def _tables(self) -> tuple[Table, ...]:
        return tuple(_table(name, self.columns(name)) for name in MADE)

    @property
    def events(self) -> Table:
        return self.named(TUTORIAL_EVENTS)

    def named(self, name: str) -> Table:
        """The table of a full name."""
        return self.tables[MADE.index(name)]

    def columns(self, table: str) -> list[ShapeColumn]:
        """The shape's columns that a table has."""
        return [one for one in self.shape.columns[table] if one.name in self.present[table]]

    def row(self, table: str, fields: Mapping[str, Value]) -> dict[str, Value]:
        """The fields of an event as the columns of a table hold them."""
        return {
            one.name: one.value(fields, not_null=self.present[table][one.name])
            for one in self.columns(table)
        }

    def changed(self, table: str, fields: Mapping[str, Value]) -> dict[str, Value]:
        """The columns of a table that hold one of the fields, with its value."""
        return {one.name: fields[one.field] for one in self.columns(table) if one.field in fields}

    def unedited(self, table: str) -> frozenset[str]:
        """The columns whose change counts as nobody's edit: a rollback overwrites them."""
        return frozenset(one.name for one in self.columns(table) if one.overwritten or one.personal)

    def new_columns(self, table: str, *, since: TutorialTables) -> list[str]:
        """The columns of a table that the earlier tables lack, or hold something else in; none with
        personal values."""
        earlier = {one.content for one in since.columns(table)}
        return [
            one.name
            for one in self.columns(table)
            if one.content not in earlier and not one.personal
        ]

    def same_as(self, other: TutorialTables) -> bool:
        """Whether rows are projected alike."""
        return self.shape is other.shape and self.present == other.present


def tables_of(shape: Shape, present: Present) -> TutorialTables:
    """The tables of a shape with these columns; the same object each time, and so its tables."""
    return _tables_of(shape, tuple((name, tuple(sorted(present[name].items()))) for name in MADE))


@cache
def _tables_of(
    shape: Shape, present: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]
) -> TutorialTables:
    return TutorialTables(shape, {name: dict(columns) for name, columns in present})


def _table(name: str, shape_columns: Iterable[ShapeColumn]) -> Table:
    schema, _, plain = name.partition(".")
    columns = (
        Column(
            one.name,
            one.kind,
            personal=one.personal,
            lived_on=one.lived_on or one.overwritten,
        )
        for one in shape_columns
    )
    return Table(schema, plain, (key(), *columns))
