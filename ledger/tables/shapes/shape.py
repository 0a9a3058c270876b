"""What a shape of the web application's tutorial tables is, and a database's tables seen as one.

The events of the ledger hold what was decided, under names of their own. A shape says, column by
column, which of those values the web application keeps there and as what. A column that a database
lacks is passed over, unless the program cannot do without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeAlias

from attrs import field, frozen
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, MetaData, Table
from sqlalchemy.types import TypeEngine

from ledger.values import Value

TUTORIAL_EVENTS = "acted.tutorial_events"
TUTORIAL_SESSIONS = "acted.tutorial_sessions"
SESSION_INSTRUCTORS = "acted.tutorial_session_instructors"
MADE = (TUTORIAL_EVENTS, TUTORIAL_SESSIONS, SESSION_INSTRUCTORS)
# Types that columns have in every shape.
DAY, FLAG, KEY, NUMBER = Date(), Boolean(), BigInteger(), Integer()
MOMENT = DateTime(timezone=True)

# The columns of each table that a database has: which may not be NULL, of those of the shape.
Present: TypeAlias = Mapping[str, Mapping[str, bool]]


@frozen
class Held:
    """A column, and the field of an event whose value it holds; ``otherwise`` where there is none.

    ``needed``: the program cannot work on tables without it. The web application goes on to change
    what is ``lived_on``; what is ``overwritten`` it takes over from Administrate by itself, so that
    a change there is nobody's edit.
    """

    name: str
    type: TypeEngine[Any]
    of: str = ""
    otherwise: Value = None
    needed: bool = False
    lived_on: bool = False
    overwritten: bool = False
    personal: bool = False

    @property
    def source(self) -> str:
        return self.of or self.name

    @property
    def holds(self) -> tuple[str, str, str]:
        """What it is, whoever goes on to change it."""
        return self.name, self.source, str(self.type)


@frozen(eq=False)
class Shape:
    """A shape of the tutorial tables: what each column holds, and how they are asked.

    ``starts`` is the column with an event's first day or moment, ``zone`` that with its time zone.
    ``product_key`` is the primary key of ``acted.products``. ``title_is_code``: the web application
    finds an event by its title in ``code``, so that no code may be anything else.
    """

    name: str
    columns: Mapping[str, tuple[Held, ...]]
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
    events: Table = field(init=False)
    sessions: Table = field(init=False)
    session_instructors: Table = field(init=False)

    def __attrs_post_init__(self) -> None:
        metadata = MetaData()
        for name, attribute in zip(
            MADE, ("events", "sessions", "session_instructors"), strict=True
        ):
            object.__setattr__(self, attribute, _table(metadata, name, self.held(name)))

    def held(self, table: str) -> Iterable[Held]:
        """The shape's columns of a table that are there."""
        return [one for one in self.shape.columns[table] if one.name in self.present[table]]

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.events, self.sessions, self.session_instructors)

    def named(self, name: str) -> Table:
        """The table of a full name."""
        return self.tables[MADE.index(name)]

    def row(self, table: str, fields: Mapping[str, Value]) -> dict[str, Value]:
        """The fields of an event as the columns of a table hold them."""
        return {
            one.name: _filled(one, fields.get(one.source), required=self.present[table][one.name])
            for one in self.held(table)
        }

    def changed(self, table: str, fields: Mapping[str, Value]) -> dict[str, Value]:
        """Those of the fields that a column holds, as it holds them."""
        return {one.name: fields[one.source] for one in self.held(table) if one.source in fields}

    def unedited(self, table: str) -> frozenset[str]:
        """The columns whose change counts as nobody's edit: a rollback overwrites them."""
        held = self.held(table)
        return frozenset(one.name for one in held if one.overwritten or one.personal)

    def beyond(self, other: TutorialTables, table: str) -> list[str]:
        """The columns of a table that the other tables lack, or hold something else in; a person's
        are not among them."""
        theirs = {one.holds for one in other.held(table)}
        return [
            one.name for one in self.held(table) if one.holds not in theirs and not one.personal
        ]

    def same_as(self, other: TutorialTables) -> bool:
        """Whether rows are projected alike."""
        return self.shape is other.shape and self.present == other.present


def bound(shape: Shape, present: Present) -> TutorialTables:
    """The tables of a shape with these columns; the same object each time, and so its tables."""
    key = tuple((name, tuple(sorted(present[name].items()))) for name in MADE)
    return _bound(shape, key)


@cache
def _bound(
    shape: Shape, key: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]
) -> TutorialTables:
    return TutorialTables(shape, {name: dict(columns) for name, columns in key})


def _filled(held: Held, value: Value, *, required: bool) -> Value:
    if value is None:
        value = held.otherwise
    if value is None and required:
        # What a web application writes into a text that may not be NULL.
        return "" if held.type.python_type is str else None
    return value


def _table(metadata: MetaData, name: str, held: Iterable[Held]) -> Table:
    schema, _, plain = name.partition(".")
    columns = [
        Column(
            one.name,
            one.type,
            info={"lived_on": one.lived_on or one.overwritten, "personal": one.personal},
        )
        for one in held
    ]
    return Table(
        plain, metadata, Column("id", BigInteger, primary_key=True), *columns, schema=schema
    )
