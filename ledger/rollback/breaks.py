"""Constraints that a rollback would violate: foreign keys without a target, duplicate unique
values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.rollback.changes import RowKey
from ledger.rollback.parts import Facts, Reference, RowRollback
from ledger.schema import acted, adm
from ledger.schema.adm import link_name
from ledger.schema.column_values import Row
from ledger.schema.declared import Table


def breaks(rollbacks: Mapping[RowKey, RowRollback], facts: Facts) -> dict[RowKey, str]:
    """Rows of the rollback that must stay because removing them would violate a constraint, with
    the reason."""
    after = {key: row for key, row in facts.current.items() if key not in rollbacks}
    after |= {key: one.after for key, one in rollbacks.items() if one.after is not None}
    found: dict[RowKey, str] = {}
    for key, why in (
        *referred_to_from_elsewhere(rollbacks, facts.references),
        *_among_bridge_rows(rollbacks, facts, after),
        *_doubled(rollbacks, after),
    ):
        if key in rollbacks:
            found.setdefault(key, why)
    return found


def referred_to_from_elsewhere(
    rollbacks: Mapping[RowKey, RowRollback], references: Iterable[Reference]
) -> Iterator[tuple[RowKey, str]]:
    """Rows to delete that tables outside `adm` still reference, with the referencing table."""
    for reference in references:
        rollback = rollbacks.get(reference.to)
        if rollback is None or rollback.after is not None:
            continue
        going = sum(RowKey(reference.table, one) in rollbacks for one in reference.ids)
        if left := reference.count - going:
            rows = "1 row refers" if left == 1 else f"{left} rows refer"
            yield reference.to, f"{rows} to it in {reference.table}.{reference.column}"


def _among_bridge_rows(
    rollbacks: Mapping[RowKey, RowRollback], facts: Facts, after: Mapping[RowKey, Row]
) -> Iterator[tuple[RowKey, str]]:
    present: dict[tuple[str, str], dict[Any, RowKey]] = defaultdict(dict)
    leaving: dict[tuple[str, str, Any], RowKey] = {}
    for table in adm.TABLES:
        for _, target, column in _REFERENCES[table.fullname]:
            leaving |= {
                (target, column, rollback.before[column]): key
                for key, rollback in rollbacks.items()
                if key.table == target and rollback.after is None and rollback.before is not None
            }
    for key, row in after.items():
        for target, column in _REFERRED.get(key.table, ()):
            present[target, column][row[column]] = key
    for key, row in after.items():
        for name, target, column in _REFERENCES.get(key.table, ()):
            value = row[name]
            if value is None:
                continue
            if target.startswith("adm."):
                gone = value not in present[target, column]
            else:
                gone = key in rollbacks and RowKey(target, value) not in facts.tutorial
            if gone and key in rollbacks:
                yield key, f"{name} would refer to {target}/{value}, which is gone"
            elif gone and (target, column, value) in leaving:
                yield leaving[target, column, value], f"{key.table}/{key.id} refers to it by {name}"


def _doubled(
    rollbacks: Mapping[RowKey, RowRollback], after: Mapping[RowKey, Row]
) -> Iterator[tuple[RowKey, str]]:
    """Rows that would duplicate a unique value, including tutorial records linked twice."""
    seen: dict[tuple[object, ...], RowKey] = {}
    for key in sorted(after, key=lambda one: one in rollbacks):
        row = after[key]
        for names in _UNIQUE[key.table]:
            values = tuple(row[name] for name in names)
            if None in values:
                continue
            first = seen.setdefault((key.table, names, *values), key)
            if first != key and key in rollbacks:
                yield key, f"{first.table}/{first.id} has the same {', '.join(names)} by now"


def _references(table: Table) -> Iterator[tuple[str, str, str]]:
    """The foreign keys of a bridge table: column, table and column referred to."""
    for column in table.columns:
        if column.refers_to:
            yield column.name, column.referred, column.refers_to.rpartition(".")[2]


def _unique(table: Table) -> list[tuple[str, ...]]:
    found = [one.columns for one in table.every_unique]
    if (link := link_name(table.fullname)) is not None:
        found.append((link,))
    return found


def _referred() -> Mapping[str, set[tuple[str, str]]]:
    referred = defaultdict(set)
    for references in _REFERENCES.values():
        for _, target, column in references:
            referred[target].add((target, column))
    return referred


_UNIQUE = {table.fullname: _unique(table) for table in (*adm.TABLES, *acted.MADE)}
_REFERENCES = {name: tuple(_references(table)) for name, table in adm.BY_NAME.items()}
_REFERRED = _referred()
