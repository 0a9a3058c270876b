"""The declaration of an entity: what a sync of it needs, stores and matches."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from ledger.schema.adm import link_name
from ledger.schema.declared import Table
from ledger.values import Fields, Value
from sync.matching.keys import Rule


@frozen
class Skipped:
    """A record, or a list of them, that cannot become bridge rows, with the reason, for the report.

    Its bridge rows stay unchanged: the row of that key or, where there is a ``column``, the rows
    with ``value`` in it.
    """

    key: str
    why: str
    column: str | None = None
    value: Value = None


@frozen
class Observed:
    """An observed record as a bridge row: its key, and the row's columns.

    ``beside`` is what it is matched by that its row does not hold; ``compared`` are the fields that
    are compared with those of its tutorial record.
    """

    key: str
    fields: Fields
    beside: Fields = field(factory=dict)
    compared: Fields = field(factory=dict)


@frozen
class Lookups:
    """What the rows of an entity are made with, beside its records.

    ``rows`` are the primary keys of the needed entities' rows, by table name and Administrate id;
    ``labels`` those of custom fields, by entity type and key; ``days`` are the days of linked
    sessions, by Administrate id.
    """

    rows: Mapping[str, Mapping[str, int]]
    labels: Mapping[str, Mapping[str, str]] = field(factory=dict)
    days: Mapping[str, int] = field(factory=dict)

    def __getitem__(self, table: str) -> Mapping[str, int]:
        return self.rows[table]


@frozen
class TutorialSide:
    """The tutorial records of an entity, and the rule that matches them.

    ``active`` is the SQL for those that take part: id, the rule's fields in order, and the scope
    where the rule has one.
    """

    rule: Rule
    table: str
    active: str


@frozen(eq=False)
class Entity:
    """What a sync needs, stores and matches; ``sync.fetch.sources`` says what it fetches.

    ``needs`` names the entities to sync before. ``key_columns`` are the bridge
    columns of the rule's fields.

    Where rows have their part's name in ``part_column``, a part that may not be read is left out;
    other entities need ``needed_part`` alone.

    ``covered_by`` is the column that says whether a fetch of a part of the records covers a row.
    Where ``windowed``, every sync covers a part: the other rows take no part in matching, a link
    stays until a person rejects it, and a linked row stays when its record is gone.
    ``given_up`` is a column that a row leaves to others once its record is gone. ``creatable``: the
    API can create its records.
    """

    name: str
    one: str
    many: str
    table: Table
    part_column: str | None = None
    needed_part: str | None = None
    needs: tuple[str, ...] = ()
    tutorial: TutorialSide | None = None
    key_columns: tuple[str, ...] = ()
    scope_column: str | None = None
    covered_by: str = "external_id"
    windowed: bool = False
    given_up: str | None = None
    creatable: bool = False

    def noun(self, number: int) -> str:
        """What so many of its records are called."""
        return self.one if number == 1 else self.many

    @property
    def matched(self) -> TutorialSide:
        """The tutorial side. ValueError for an entity of Administrate alone: stored, not
        matched."""
        if self.tutorial is None:
            raise ValueError(f"{self.many} have no tutorial side")
        return self.tutorial

    def link_of(self, columns: Mapping[str, object]) -> int | None:
        """The tutorial id in a bridge row's link column."""
        link = link_name(self.table.fullname)
        target = None if link is None else columns.get(link)
        return None if target is None else int(str(target))

    @property
    def title(self) -> str:
        """The entity's name, capitalised for the head of a line."""
        return self.many[0].upper() + self.many[1:]
