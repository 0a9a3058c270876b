"""The parts of a rollback plan, and the facts it is computed from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from attrs import field, frozen

from ledger.events import FieldChange
from ledger.events.recorded import Recorded
from ledger.events.records import BridgeEvent
from ledger.rollback.changes import STAMPS, RowKey
from ledger.schema import acted
from ledger.schema.adm import link_name
from ledger.schema.column_values import Row


@frozen
class RowRollback:
    """A row to restore to ``after``, or to delete where that is ``None``.

    ``decision`` is the event whose decision becomes current again, and ``decided`` whether there is
    one. ``causes`` are the positions of the reversed events.
    """

    row: RowKey
    record: str
    before: Row | None
    after: Row | None
    causes: tuple[int, ...]
    decided: bool = False
    decision: Recorded | None = None

    @property
    def done(self) -> str:
        """What is done to the row, in words."""
        if self.after is None:
            return "deleted"
        return "restored" if self.before is None else "changed back"

    @property
    def changed(self) -> list[str]:
        """The columns to change of a row that exists before and after, without its link column."""
        if self.before is None or self.after is None:
            return []
        link = link_name(self.row.table)
        return [
            n
            for n, value in self.after.items()
            if n not in (link, *STAMPS) and value != self.before[n]
        ]


def restored_rows(rollbacks: Iterable[RowRollback]) -> set[RowKey]:
    """The rows that are restored, and the sessions whose instructors are."""
    rows = set()
    for one in rollbacks:
        rows.add(one.row)
        if one.row.table == acted.SESSION_INSTRUCTORS.fullname:
            row = one.before or one.after or {}
            rows.add(RowKey(acted.SESSIONS.fullname, row["tutorialsessions_id"]))
    return rows


@frozen
class KeptRow:
    """A row, or one of its columns, that the rollback leaves unchanged, with the reason."""

    record: str
    what: str
    why: str
    position: int | None = None


@frozen
class Reference:
    """Rows that reference a row, found in the catalogue; ``ids`` for a table of this program."""

    to: RowKey
    table: str
    column: str
    count: int
    ids: tuple[int, ...] = ()


@frozen
class FieldsBack:
    """Fields of a linked record whose base, decision and listing are set back by ``events``.

    ``row`` is the tutorial row that has to be rolled back for it, where there is one; ``cause`` the
    position of the event that is taken back.
    """

    record: str
    names: tuple[str, ...]
    events: tuple[BridgeEvent, ...]
    cause: int
    row: RowKey | None = None


@frozen
class ValuesBack:
    """The values of a record of Administrate's to set there again, by field."""

    record: str
    changes: Mapping[str, FieldChange]


@frozen
class RollbackPlan:
    """The plan of a rollback: its three parts, each in order of execution; ``fields`` and
    ``values`` go with the first."""

    run_id: UUID
    rollbacks: tuple[RowRollback, ...]
    kept: tuple[KeptRow, ...]
    impossible: tuple[KeptRow, ...] = ()
    fields: tuple[FieldsBack, ...] = ()
    values: tuple[ValuesBack, ...] = ()


@frozen
class HeldFields:
    """Fields that must stay as they are, each with the reason: their columns by row, and the fields
    themselves by bridge record and name."""

    columns: Mapping[RowKey, Mapping[str, str]] = field(factory=dict)
    fields: frozenset[tuple[str, str]] = frozenset()


@frozen
class Facts:
    """The facts a plan is computed from, beside the run's changes to its rows.

    ``groups`` names, for rows that stay or go together, the row they belong to; ``following`` are
    rows of such a group that only others made: they go with it; ``held`` the rows that must stay
    for another reason, found elsewhere, ``held_fields`` the fields; ``names`` each row's record;
    ``unedited``, by table, the columns whose change counts as nobody's edit.
    """

    current: Mapping[RowKey, Row]
    names: Mapping[RowKey, str]
    references: Iterable[Reference] = ()
    tutorial: frozenset[RowKey] = frozenset()
    groups: Mapping[RowKey, RowKey] = field(factory=dict)
    following: frozenset[RowKey] = frozenset()
    held: Mapping[RowKey, str] = field(factory=dict)
    held_fields: HeldFields = field(factory=HeldFields)
    unedited: Mapping[str, frozenset[str]] = field(factory=dict)
