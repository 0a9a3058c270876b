"""The plan of a rollback: rows to roll back, rows to keep and why, steps that are irreversible and
why.

A pure function of the run's changes, the current rows and the foreign keys to them. Each row is
first rolled back by itself; rows whose rollback would violate a constraint are then kept, with
their group, until no constraint is violated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from attrs import evolve

from ledger.events.recorded import Recorded
from ledger.rollback.breaks import breaks
from ledger.rollback.changes import DECISION, ROW, STAMPS, RowHistory, RowKey
from ledger.rollback.parts import Facts, KeptRow, RollbackPlan, RowRollback
from ledger.schema.adm import link_name
from ledger.schema.column_values import Row
from ledger.tables import METADATA, is_personal


def plan(run_id: UUID, histories: Mapping[RowKey, RowHistory], facts: Facts) -> RollbackPlan:
    """The plan of a run's rollback."""
    undone: dict[RowKey, RowRollback] = {}
    kept: list[KeptRow] = []
    impossible: list[KeptRow] = []
    for key, row in histories.items():
        if key not in facts.names:
            continue
        undo, stays = _set_back(run_id, key, row, facts)
        kept += stays
        if undo is not None and (why := _forgotten(undo)):
            impossible.append(KeptRow(undo.record, "the row", why))
        elif undo is not None:
            undone[key] = undo
    _hold(undone, kept, facts)
    while broken := breaks(undone, facts):
        withdrawn = _with_their_groups(broken, undone, facts.groups)
        for key, why in withdrawn.items():
            kept.append(KeptRow(undone.pop(key).record, "the row", why))
    return RollbackPlan(run_id, tuple(undone.values()), tuple(kept), tuple(impossible))


def _set_back(
    run_id: UUID, key: RowKey, row: RowHistory, facts: Facts
) -> tuple[RowRollback | None, list[KeptRow]]:
    name, stands = facts.names[key], facts.current.get(key)
    later = dict(row.later(run_id))
    came = row.last(ROW, run_id)
    if ROW in later:
        return None, [_kept(name, "the row", later[ROW])]
    if came and came[0].before is None:
        unedited = facts.unedited.get(key.table, frozenset()).union(STAMPS)
        return _remove(run_id, key, row, name, stands, unedited)
    kept = [_kept(name, column, event) for column, event in later.items()]
    if stands is None and not came:
        return None, [KeptRow(name, "the row", "it is gone")] if _mine(row, run_id) else []
    restored = dict(came[0].before if came else stands or {})
    causes = [change.recorded.position for change in came]
    for column in row.columns:
        mine = row.last(column, run_id)
        if not mine or column in (ROW, DECISION):
            continue
        if stands is not None and stands[column] != mine[-1].after:
            kept.append(KeptRow(name, column, "it stands otherwise than the ledger says"))
            continue
        restored[column] = mine[0].before
        causes += [change.recorded.position for change in mine]
    undo = RowRollback(key, name, stands, restored, tuple(causes))
    undo = _with_decision(undo, row, run_id, came=bool(came))
    return (undo if undo.causes else None), kept


def _remove(
    run_id: UUID,
    key: RowKey,
    row: RowHistory,
    name: str,
    stands: Row | None,
    unedited: frozenset[str],
) -> tuple[RowRollback | None, list[KeptRow]]:
    others = [
        (column, changes[-1].recorded)
        for column, changes in row.columns.items()
        if changes and changes[-1].recorded.run_id != run_id
    ]
    if others:
        column, event = others[0]
        return None, [evolve(_kept(name, column, event), what="the row")]
    if stands is None:
        return None, [] if row.now is None else [KeptRow(name, "the row", "it is gone")]
    if row.now is not None and (edited := _edited(row.now, stands, unedited)):
        why = f"{', '.join(edited)} stands otherwise than the ledger says"
        return None, [KeptRow(name, "the row", why)]
    causes = [t.recorded.position for changes in row.columns.values() for t in changes]
    return RowRollback(key, name, stands, None, tuple(sorted(set(causes)))), []


def _with_decision(undo: RowRollback, row: RowHistory, run_id: UUID, *, came: bool) -> RowRollback:
    """The row with the link that was decided before the run, if the run decided otherwise."""
    link = link_name(undo.row.table)
    if link is None or undo.after is None:
        return undo
    mine = row.last(DECISION, run_id)
    current = row.columns[DECISION][-1].after if row.columns.get(DECISION) else None
    decision = mine[0].before if mine else current if came else None
    if not mine and not came:
        return undo
    if decision is None:
        return evolve(undo, after={**undo.after, link: None}) if came else undo
    target = decision.event.linked
    linked = int(target.rpartition("/")[2]) if target else None
    causes = (*undo.causes, *(change.recorded.position for change in mine))
    after = {**undo.after, link: linked}
    return evolve(undo, after=after, causes=causes, decided=True, decision=decision)


def _mine(row: RowHistory, run_id: UUID) -> bool:
    return any(row.last(column, run_id) for column in row.columns)


def _edited(told: Row, stands: Row, unedited: frozenset[str]) -> list[str]:
    return [name for name, value in told.items() if name not in unedited and stands[name] != value]


def _forgotten(undo: RowRollback) -> str:
    """Why a row cannot be restored: its personal values are erased."""
    table = METADATA.tables[undo.row.table]
    if undo.after is None or undo.before is not None:
        return ""
    lost = [c for c in undo.after if is_personal(table, c) and undo.after[c] is None]
    return f"the person was erased since: {', '.join(lost)}" if lost else ""


def _hold(undone: dict[RowKey, RowRollback], kept: list[KeptRow], facts: Facts) -> None:
    """Keeps the rows that must stay, and the rows grouped with a row that is already kept."""
    current = {facts.groups.get(key, key) for key in facts.names if key not in undone}
    broken = {key: why for key, why in facts.held.items() if key in undone}
    for key in undone:
        if (group := facts.groups.get(key)) in current and group != key:
            broken.setdefault(key, "what it belongs to is kept")
    for key, why in _with_their_groups(broken, undone, facts.groups).items():
        kept.append(KeptRow(undone.pop(key).record, "the row", why))


def _with_their_groups(
    broken: Mapping[RowKey, str],
    undone: Mapping[RowKey, RowRollback],
    groups: Mapping[RowKey, RowKey],
) -> dict[RowKey, str]:
    members: dict[RowKey, list[RowKey]] = defaultdict(list)
    for key in undone:
        members[groups.get(key, key)].append(key)
    withdrawn = {key: why for key, why in broken.items() if key in undone}
    for key, why in broken.items():
        for member in members[groups.get(key, key)]:
            withdrawn.setdefault(member, f"it belongs together with what is kept: {why}")
    return withdrawn


def _kept(name: str, what: str, later: Recorded) -> KeptRow:
    why = f"{type(later.event).__name__} changed it later"
    return KeptRow(name, what, why, later.position)
