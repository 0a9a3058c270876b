"""What a rollback's plan is made of, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from attrs import field, frozen

from ledger.projections.projector import Row
from ledger.rollback.touches import STAMPS, RowKey
from ledger.store.entries import Recorded
from ledger.tables import adm


@frozen
class Undo:
    """A row that is set back: to ``after``, ``None`` where it goes.

    ``decision`` is the event whose decision holds again, and ``decided`` says whether one does.
    ``causes`` are the positions of what is undone.
    """

    row: RowKey
    record: str
    before: Row | None
    after: Row | None
    causes: tuple[int, ...]
    decided: bool = False
    decision: Recorded | None = None

    @property
    def changed(self) -> list[str]:
        """The columns that differ, of a row that stands before and after; not its link's."""
        if self.before is None or self.after is None:
            return []
        link = link_name(self.row.table)
        return [
            n
            for n, value in self.after.items()
            if n not in (link, *STAMPS) and value != self.before[n]
        ]


@frozen
class Kept:
    """A row, or a column of one, that stays as it is, and why."""

    record: str
    what: str
    why: str
    position: int | None = None


@frozen
class Reference:
    """Rows that refer to a row, found in the catalogue; ``ids`` where the table is one of ours."""

    to: RowKey
    table: str
    column: str
    count: int
    ids: tuple[int, ...] = ()


@frozen
class Plan:
    """What rolling a run back does: the three parts, each in the order in which it is done."""

    run_id: UUID
    undone: tuple[Undo, ...]
    kept: tuple[Kept, ...]
    impossible: tuple[Kept, ...] = ()


@frozen
class Ground:
    """What a plan rests on, beside what the run did to its rows.

    ``groups`` names, for rows that stay or go together, the row they belong to; ``held`` the rows
    that must stay for a reason found elsewhere; ``names`` each row's record; ``unedited``, by
    table, the columns whose change is nobody's edit.
    """

    standing: Mapping[RowKey, Row]
    names: Mapping[RowKey, str]
    references: Iterable[Reference] = ()
    tutorial: frozenset[RowKey] = frozenset()
    groups: Mapping[RowKey, RowKey] = field(factory=dict)
    held: Mapping[RowKey, str] = field(factory=dict)
    unedited: Mapping[str, frozenset[str]] = field(factory=dict)


def link_name(table: str) -> str | None:
    """The column of a bridge table that holds the link."""
    bridge = adm.BY_NAME.get(table)
    link = adm.link_column(bridge) if bridge is not None else None
    return None if link is None else str(link.name)
