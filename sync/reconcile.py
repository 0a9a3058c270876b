"""What was fetched beside what stands: new rows, changed fields, rows whose record is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import define, field, frozen
from sqlalchemy import Table

from ledger.events import FieldChange
from ledger.projections.projector import column_value, field_value
from sync.entity import Entity, Lookups, Observed, Part, Skipped
from sync.standing import BridgeRow

# More than a fifth of an entity, and more than five rows: nothing that vanishes by itself.
GUARDED_SHARE = 5
GUARDED_ROWS = 5


@frozen
class Fetched:
    """A record fetched, as it becomes a bridge row; ``page`` is its page's position."""

    observed: Observed
    page: int


@define
class Fetch:
    """Everything fetched of an entity. ``complete``: the pages are the whole of every list."""

    records: dict[str, Fetched] = field(factory=dict)
    skipped: list[Skipped] = field(factory=list)
    complete: bool = True
    why: str = ""

    def absorb(self, other: Fetch) -> None:
        """Takes another list of the same entity in."""
        self.records |= other.records
        self.skipped += other.skipped
        if not other.complete:
            self.complete, self.why = False, other.why

    def add(
        self,
        entity: Entity,
        part: Part,
        records: Iterable[Mapping[str, object]],
        page: int,
        lookups: Lookups,
    ) -> None:
        """Takes a page's records in."""
        for record in records:
            for item in entity.observe(record, part, lookups):
                if isinstance(item, Skipped):
                    self.skipped.append(item)
                else:
                    self.records[item.key] = Fetched(item, page)


@frozen
class Differences:
    """How what was fetched differs from the rows that stand.

    ``gone`` are rows whose record was not there; ``guarded`` says why they are not removed.
    """

    new: tuple[Fetched, ...]
    changed: tuple[tuple[BridgeRow, Fetched, dict[str, FieldChange]], ...]
    unchanged: int
    gone: tuple[BridgeRow, ...]
    guarded: str = ""

    @property
    def removed(self) -> tuple[BridgeRow, ...]:
        """The rows to be removed: those gone, unless the guard stands before them."""
        return () if self.guarded else self.gone


def compare(
    table: Table, fetch: Fetch, rows: Mapping[str, BridgeRow], *, allow_deletes: bool = False
) -> Differences:
    """The differences, in the order in which records came, then rows stand."""
    new: list[Fetched] = []
    changed: list[tuple[BridgeRow, Fetched, dict[str, FieldChange]]] = []
    unchanged = 0
    for key, fetched in fetch.records.items():
        row = rows.get(key)
        if row is None:
            new.append(fetched)
        elif changes := _changes(table, row, fetched.observed):
            changed.append((row, fetched, changes))
        else:
            unchanged += 1
    skipped = {item.key for item in fetch.skipped}
    gone = [row for key, row in rows.items() if key not in fetch.records and key not in skipped]
    return Differences(
        tuple(new),
        tuple(changed),
        unchanged,
        tuple(gone),
        "" if allow_deletes else _guard(fetch, gone, rows),
    )


def _changes(table: Table, row: BridgeRow, observed: Observed) -> dict[str, FieldChange]:
    return {
        name: FieldChange(before=field_value(table, name, row.columns[name]), after=value)
        for name, value in observed.fields.items()
        if column_value(value) != row.columns[name]
    }


def _guard(fetch: Fetch, gone: list[BridgeRow], rows: Mapping[str, BridgeRow]) -> str:
    if not gone:
        return ""
    if not fetch.complete:
        return f"the fetch was not complete ({fetch.why})"
    if len(gone) > GUARDED_ROWS and len(gone) * GUARDED_SHARE > len(rows):
        return f"{len(gone)} of {len(rows)} would go at once"
    return ""
