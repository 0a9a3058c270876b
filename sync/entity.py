"""What an entity is: what a sync of it fetches, needs, stores and matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import field, frozen
from sqlalchemy import Table

from ledger.tables import adm
from ledger.values import Fields, Value
from sync.administrate.listings import Listing, Record, Refusal
from sync.matching.keys import Rule


@frozen
class Skipped:
    """A record, or a list of them, that cannot become bridge rows, and why, for the report.

    Its bridge rows stay as they are: the one of that key or, where there is a ``column``, those
    that have ``value`` in it.
    """

    key: str
    why: str
    column: str | None = None
    value: Value = None


@frozen
class Observed:
    """A record as it becomes a bridge row: the key it is known by, and the row's columns."""

    key: str
    fields: Fields


# The primary keys of the rows of the entities needed, by table name and Administrate id.
Lookups: TypeAlias = Mapping[str, Mapping[str, int]]


@frozen(eq=False)
class Part:
    """One list an entity is read from; most have one. ``name`` tells it from the others."""

    listing: Listing
    name: str = ""
    variables: Mapping[str, Any] = field(factory=dict)


@frozen
class TutorialSide:
    """The tutorial records of an entity, and the rule that matches them.

    ``active`` is the SQL that gives those that take part: id, the rule's fields in order, and the
    scope where the rule has one.
    """

    rule: Rule
    table: str
    active: str


def _refuse(refusal: Refusal, _part: Part, _lookups: Lookups) -> Skipped:
    return Skipped(refusal.id, refusal.why)


@frozen(eq=False)
class Entity:
    """What a sync of it fetches, needs, stores and matches.

    ``observe`` makes bridge rows of a fetched record, with the part it is of; ``refuse`` says which
    rows a record stands for that is not taken. ``needs`` names the entities that must have been
    synced before. ``key_columns`` are the bridge columns in which the rule's fields stand.

    Where rows have their part's name in ``part_column``, a part that may not be read is left out;
    of those, ``needed_part`` alone is needed by other entities.
    """

    name: str
    one: str
    many: str
    table: Table
    parts: tuple[Part, ...]
    observe: Callable[[Record, Part, Lookups], Sequence[Observed | Skipped]]
    refuse: Callable[[Refusal, Part, Lookups], Skipped] = _refuse
    part_column: str | None = None
    needed_part: str | None = None
    needs: tuple[str, ...] = ()
    tutorial: TutorialSide | None = None
    key_columns: tuple[str, ...] = ()
    scope_column: str | None = None

    @property
    def matched(self) -> TutorialSide:
        """The tutorial side. ValueError for what is Administrate's own: stored, not matched."""
        if self.tutorial is None:
            raise ValueError(f"{self.many} have no tutorial side")
        return self.tutorial

    def link_of(self, columns: Mapping[str, object]) -> int | None:
        """The tutorial id that a bridge row's columns point to."""
        link = adm.link_column(self.table)
        target = None if link is None else columns.get(str(link.name))
        return None if target is None else int(str(target))

    @property
    def title(self) -> str:
        """The entity at the head of a line."""
        return self.many[0].upper() + self.many[1:]
