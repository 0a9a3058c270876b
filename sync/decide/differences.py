"""Compares observed records with the current rows: new rows, changed fields, deleted records."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from ledger.events import FieldChange
from ledger.schema.column_values import column_value, field_value
from ledger.schema.declared import Table
from sync.decide.current_state import BridgeRow
from sync.entity import Observed, Skipped
from sync.fetch.fetched import Fetch, Fetched

# More than a fifth of an entity, and more than five rows: not a plausible deletion.
GUARDED_SHARE = 5
GUARDED_ROWS = 5


@frozen
class Differences:
    """The differences between the observed records and the current rows.

    ``gone`` are rows whose record is no longer there; ``guarded`` is the reason not to delete them.
    ``skipped`` are the records that neither make nor change a row. ``gone_before`` are rows that
    stayed when their record was deleted, and ``returned`` those whose record is there again.
    """

    new: tuple[Fetched, ...]
    changed: tuple[tuple[BridgeRow, Fetched, dict[str, FieldChange]], ...]
    unchanged: int
    gone: tuple[BridgeRow, ...]
    guarded: str = ""
    skipped: tuple[Skipped, ...] = ()
    gone_before: tuple[BridgeRow, ...] = ()
    returned: tuple[tuple[BridgeRow, Fetched], ...] = ()
    fetched_whole: bool = True

    @property
    def leaving(self) -> tuple[BridgeRow, ...]:
        """The unreferenced rows to delete: those gone, unless the guard applies."""
        return self.gone_before if self.guarded else (*self.gone, *self.gone_before)

    @property
    def counts(self) -> dict[str, int]:
        """What was done with the rows, but for those that are removed."""
        return {
            "created": len(self.new),
            "updated": len(self.changed),
            "unchanged": self.unchanged,
            "deleted": 0,
            "skipped": len(self.skipped),
            "errors": 0,
        }


def compare(
    table: Table,
    fetch: Fetch,
    rows: Mapping[str, BridgeRow],
    *,
    allow_deletes: bool = False,
    fresh: Collection[str] = (),
    holding: Mapping[str, BridgeRow] = {},
) -> Differences:
    """The differences, new records in their order, then current rows. ``fresh`` are rows recorded
    after the fetch, which does not cover them; nor need it cover all the others. ``holding`` are
    rows of no record, whose values no other row may have either."""
    kept = {key: row for one in fetch.skipped for key, row in _rows_of(one, rows)}
    spared = kept.keys() | set(fresh)
    missing = [
        row
        for key, row in rows.items()
        if key not in fetch.records and key not in spared and fetch.covers(row.columns)
    ]
    gone = [row for row in missing if not row.gone]
    # Kept rows do not count as possibly deleted.
    covered = sum(fetch.covers(row.columns) for key, row in rows.items() if key not in kept)
    guarded = "" if allow_deletes else _guard(fetch, gone, covered)
    if guarded:
        kept |= {row.key: row for row in gone}
    crowded_out = _crowded_out(table, fetch, rows, kept | {**holding})
    new: list[Fetched] = []
    changed: list[tuple[BridgeRow, Fetched, dict[str, FieldChange]]] = []
    returned: list[tuple[BridgeRow, Fetched]] = []
    unchanged = 0
    for key, fetched in fetch.records.items():
        row = rows.get(key)
        if key in crowded_out:
            continue
        if row is None:
            new.append(fetched)
            continue
        if row.gone:
            returned.append((row, fetched))
        if changes := _changes(table, row, fetched.observed):
            changed.append((row, fetched, changes))
        elif not row.gone:
            unchanged += 1
    return Differences(
        tuple(new),
        tuple(changed),
        unchanged,
        tuple(gone),
        guarded,
        (*fetch.skipped, *crowded_out.values()),
        tuple(row for row in missing if row.gone) if fetch.complete else (),
        tuple(returned),
        fetch.complete,
    )


def _rows_of(skipped: Skipped, rows: Mapping[str, BridgeRow]) -> Iterator[tuple[str, BridgeRow]]:
    """The rows of a skipped record, or of a skipped list of records."""
    if skipped.column is None:
        if skipped.key in rows:
            yield skipped.key, rows[skipped.key]
        return
    for key, row in rows.items():
        if row.columns[skipped.column] == skipped.value:
            yield key, row


def _crowded_out(
    table: Table, fetch: Fetch, rows: Mapping[str, BridgeRow], kept: dict[str, BridgeRow]
) -> dict[str, Skipped]:
    """The records that would need a unique value held by a kept row; their rows are kept, too.

    A unique constraint allows one row alone with its columns' values.
    """
    found: dict[str, Skipped] = {}
    columns = [one.columns for one in table.unique]
    before = -1
    while columns and kept and len(found) > before:
        before = len(found)
        held = ((_values(row.columns, n), key) for key, row in kept.items() for n in columns)
        taken = {values: key for values, key in held if values is not None}
        for key, fetched in fetch.records.items():
            fields = {name: column_value(v) for name, v in fetched.observed.fields.items()}
            wanted = [values for n in columns if (values := _values(fields, n)) is not None]
            holders = {taken.get(values, key) for values in wanted} - {key}
            if key not in found and holders:
                why = f"{holders.pop()}, which is kept as it is, stands in its place"
                found[key] = Skipped(key, why)
                if key in rows:
                    kept[key] = rows[key]
    return found


def _values(columns: Mapping[str, Any], names: Sequence[str]) -> tuple[object, ...] | None:
    """The values that must be unique, with their columns' names; None where one is null."""
    values = [columns[name] for name in names]
    return None if None in values else (*names, *values)


def _changes(table: Table, row: BridgeRow, observed: Observed) -> dict[str, FieldChange]:
    return {
        name: FieldChange(before=field_value(table, name, row.columns[name]), after=value)
        for name, value in observed.fields.items()
        if column_value(value) != _plain(table, name, row.columns[name])
    }


def _plain(table: Table, name: str, value: Any) -> Any:
    """A row's value as observed ones are compared with it."""
    return field_value(table, name, value) if table.by_name[name].day else value


def _guard(fetch: Fetch, gone: list[BridgeRow], rows: int) -> str:
    if not gone:
        return ""
    if not fetch.complete:
        return f"the fetch was not complete ({fetch.why})"
    if not fetch.records and not fetch.skipped:
        return "Administrate has none any more"
    if len(gone) > GUARDED_ROWS and len(gone) * GUARDED_SHARE > rows:
        return f"{len(gone)} of {rows} would go at once"
    return ""
