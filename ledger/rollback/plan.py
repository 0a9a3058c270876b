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

from ledger.projections.projector import Row
from ledger.rollback.breaks import breaks
from ledger.rollback.parts import Ground, Kept, Plan, Undo, link_name
from ledger.rollback.touches import DECISION, ROW, STAMPS, RowKey, Touched
from ledger.store.entries import Recorded
from ledger.tables import METADATA, is_personal


def plan(run_id: UUID, touched: Mapping[RowKey, Touched], ground: Ground) -> Plan:
    """The plan of a run's rollback."""
    undone: dict[RowKey, Undo] = {}
    kept: list[Kept] = []
    impossible: list[Kept] = []
    for key, row in touched.items():
        if key not in ground.names:
            continue
        undo, stays = _set_back(run_id, key, row, ground)
        kept += stays
        if undo is not None and (why := _forgotten(undo)):
            impossible.append(Kept(undo.record, "the row", why))
        elif undo is not None:
            undone[key] = undo
    _hold(undone, kept, ground)
    while broken := breaks(undone, ground):
        withdrawn = _with_their_groups(broken, undone, ground.groups)
        for key, why in withdrawn.items():
            kept.append(Kept(undone.pop(key).record, "the row", why))
    return Plan(run_id, tuple(undone.values()), tuple(kept), tuple(impossible))


def _set_back(
    run_id: UUID, key: RowKey, row: Touched, ground: Ground
) -> tuple[Undo | None, list[Kept]]:
    name, stands = ground.names[key], ground.standing.get(key)
    later = dict(row.later(run_id))
    came = row.last(ROW, run_id)
    if ROW in later:
        return None, [_kept(name, "the row", later[ROW])]
    if came and came[0].before is None:
        unedited = ground.unedited.get(key.table, frozenset()).union(STAMPS)
        return _remove(run_id, key, row, name, stands, unedited)
    kept = [_kept(name, column, event) for column, event in later.items()]
    if stands is None and not came:
        return None, [Kept(name, "the row", "it is gone")] if _mine(row, run_id) else []
    restored = dict(came[0].before if came else stands or {})
    causes = [touch.recorded.position for touch in came]
    for column in row.columns:
        mine = row.last(column, run_id)
        if not mine or column in (ROW, DECISION):
            continue
        if stands is not None and stands[column] != mine[-1].after:
            kept.append(Kept(name, column, "it stands otherwise than the ledger says"))
            continue
        restored[column] = mine[0].before
        causes += [touch.recorded.position for touch in mine]
    undo = Undo(key, name, stands, restored, tuple(causes))
    undo = _with_decision(undo, row, run_id, came=bool(came))
    return (undo if undo.causes else None), kept


def _remove(
    run_id: UUID,
    key: RowKey,
    row: Touched,
    name: str,
    stands: Row | None,
    unedited: frozenset[str],
) -> tuple[Undo | None, list[Kept]]:
    others = [
        (column, touches[-1].recorded)
        for column, touches in row.columns.items()
        if touches and touches[-1].recorded.run_id != run_id
    ]
    if others:
        column, event = others[0]
        return None, [evolve(_kept(name, column, event), what="the row")]
    if stands is None:
        return None, [] if row.now is None else [Kept(name, "the row", "it is gone")]
    if row.now is not None and (edited := _edited(row.now, stands, unedited)):
        why = f"{', '.join(edited)} stands otherwise than the ledger says"
        return None, [Kept(name, "the row", why)]
    causes = [t.recorded.position for touches in row.columns.values() for t in touches]
    return Undo(key, name, stands, None, tuple(sorted(set(causes)))), []


def _with_decision(undo: Undo, row: Touched, run_id: UUID, *, came: bool) -> Undo:
    """The row with the link that was decided before the run, if the run decided otherwise."""
    link = link_name(undo.row.table)
    if link is None or undo.after is None:
        return undo
    mine = row.last(DECISION, run_id)
    standing = row.columns[DECISION][-1].after if row.columns.get(DECISION) else None
    decision = mine[0].before if mine else standing if came else None
    if not mine and not came:
        return undo
    if decision is None:
        return evolve(undo, after={**undo.after, link: None}) if came else undo
    target = decision.event.linked
    linked = int(target.rpartition("/")[2]) if target else None
    causes = (*undo.causes, *(touch.recorded.position for touch in mine))
    after = {**undo.after, link: linked}
    return evolve(undo, after=after, causes=causes, decided=True, decision=decision)


def _mine(row: Touched, run_id: UUID) -> bool:
    return any(row.last(column, run_id) for column in row.columns)


def _edited(told: Row, stands: Row, unedited: frozenset[str]) -> list[str]:
    return [name for name, value in told.items() if name not in unedited and stands[name] != value]


def _forgotten(undo: Undo) -> str:
    """Why a row cannot be restored: its personal values are erased."""
    table = METADATA.tables[undo.row.table]
    if undo.after is None or undo.before is not None:
        return ""
    lost = [c for c in undo.after if is_personal(table, c) and undo.after[c] is None]
    return f"the person was erased since: {', '.join(lost)}" if lost else ""


def _hold(undone: dict[RowKey, Undo], kept: list[Kept], ground: Ground) -> None:
    """Keeps the rows that must stay, and the rows grouped with a row that is already kept."""
    standing = {ground.groups.get(key, key) for key in ground.names if key not in undone}
    broken = {key: why for key, why in ground.held.items() if key in undone}
    for key in undone:
        if (group := ground.groups.get(key)) in standing and group != key:
            broken.setdefault(key, "what it belongs to is kept")
    for key, why in _with_their_groups(broken, undone, ground.groups).items():
        kept.append(Kept(undone.pop(key).record, "the row", why))


def _with_their_groups(
    broken: Mapping[RowKey, str], undone: Mapping[RowKey, Undo], groups: Mapping[RowKey, RowKey]
) -> dict[RowKey, str]:
    members: dict[RowKey, list[RowKey]] = defaultdict(list)
    for key in undone:
        members[groups.get(key, key)].append(key)
    withdrawn = {key: why for key, why in broken.items() if key in undone}
    for key, why in broken.items():
        for member in members[groups.get(key, key)]:
            withdrawn.setdefault(member, f"it belongs together with what is kept: {why}")
    return withdrawn


def _kept(name: str, what: str, later: Recorded) -> Kept:
    why = f"{type(later.event).__name__} changed it later"
    return Kept(name, what, why, later.position)
