"""The plan of a rollback: rows to roll back, rows to keep, irreversible steps, with the reasons.

A pure function of the run's changes, the current rows and the foreign keys to them. Each row is
first rolled back by itself; rows whose rollback would violate a constraint are then kept, with
their group, until no constraint is violated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from attrs import evolve, frozen

from ledger.events import (
    Event,
    MatchDecided,
    RecordChanged,
    RecordGone,
    RecordObserved,
    RecordReturned,
    SessionInstructorsChanged,
    TutorialRecordChanged,
    TutorialRecordEdited,
    tutorial_key,
)
from ledger.events.recorded import Recorded
from ledger.rollback.breaks import breaks
from ledger.rollback.changes import COUNTED, DECISION, ROW, STAMPS, RowHistory, RowKey
from ledger.rollback.parts import Facts, KeptRow, RollbackPlan, RowRollback
from ledger.schema import adm
from ledger.schema.adm import link_name
from ledger.schema.column_values import Row

# What a sync records of a record in Administrate.
_SEEN = (RecordObserved, RecordChanged, RecordGone, RecordReturned)
# What the reason of a row begins with that is kept along with another.
TOGETHER = "it belongs together with what is kept: "
PART_OF_KEPT = "what it belongs to is kept"
# The reason of a link that a person decided.
_ACCEPTED = "accepted"


def plan(run_id: UUID, histories: Mapping[RowKey, RowHistory], facts: Facts) -> RollbackPlan:
    """The plan of a run's rollback."""
    rollbacks: dict[RowKey, RowRollback] = {}
    kept: list[KeptRow] = []
    impossible: list[KeptRow] = []
    for key, row in histories.items():
        if key not in facts.names:
            continue
        rollback, stays = _row_rollback(run_id, key, row, facts)
        kept += stays
        if rollback is not None and (why := _forgotten(rollback)):
            impossible.append(KeptRow(rollback.record, "the row", why))
        elif rollback is not None:
            rollbacks[key] = rollback
    broken = _held(rollbacks, facts) or breaks(rollbacks, facts)
    while broken:
        for key, why in _with_their_groups(broken, rollbacks, facts.groups).items():
            kept.append(KeptRow(rollbacks.pop(key).record, "the row", why))
        broken = breaks(rollbacks, facts)
    return RollbackPlan(run_id, tuple(rollbacks.values()), tuple(kept), tuple(impossible))


@frozen
class _Removed:
    """A row to remove: its record, how it stands, the columns whose change counts as nobody's edit,
    and the events of later runs that go with it."""

    name: str
    current: Row | None
    unedited: frozenset[str]
    seen: tuple[type[Event], ...]

    def goes_along(self, column: str, recorded: Recorded) -> bool:
        """Whether a later change of a column goes with the row: what a sync saw or applied does, a
        sale, an edit and a person's decision keep it."""
        match recorded.event:
            case MatchDecided(reason=reason) if self.seen:
                return reason != _ACCEPTED
            case TutorialRecordEdited():
                return column in self.unedited
            case SessionInstructorsChanged(edited=edited):
                return not edited
            case event:
                return isinstance(event, (*self.seen, TutorialRecordChanged))


def _row_rollback(
    run_id: UUID, key: RowKey, row: RowHistory, facts: Facts
) -> tuple[RowRollback | None, list[KeptRow]]:
    name, current = facts.names[key], facts.current.get(key)
    later = dict(row.later(run_id))
    row_changes = row.last(ROW, run_id)
    if ROW in later:
        return None, [_kept(name, "the row", later[ROW])]
    if key in facts.following or (row_changes and row_changes[0].before is None):
        unedited = facts.unedited.get(key.table, frozenset()).union(STAMPS)
        # What a sync saw of an event goes with the event.
        seen = _SEEN if facts.groups.get(key) in facts.names else ()
        return _remove(run_id, key, row, _Removed(name, current, unedited, seen))
    kept = [_kept(name, column, event) for column, event in later.items()]
    held = facts.held_fields.columns.get(key, {})
    if current is None and not row_changes:
        return None, [KeptRow(name, "the row", "it is gone")] if _mine(row, run_id) else []
    restored = dict(row_changes[0].before if row_changes else current or {})
    causes = [change.recorded.position for change in row_changes]
    for column in row.columns:
        mine = row.last(column, run_id)
        if not mine or column in (ROW, DECISION) or column in held:
            continue
        if current is not None and column in COUNTED:
            # As many more or fewer as the run added: what was sold since counts.
            added = sum(change.after - change.before for change in mine)
            restored[column] = max(0, current[column] - added)
        elif current is not None and current[column] != mine[-1].after:
            kept.append(KeptRow(name, column, "its value differs from the ledger"))
            continue
        else:
            restored[column] = mine[0].before
        causes += [change.recorded.position for change in mine]
    rollback = RowRollback(key, name, current, restored, tuple(causes))
    rollback = _with_decision(rollback, row, run_id, whole=bool(row_changes))
    return (rollback if rollback.causes else None), kept


def _remove(
    run_id: UUID, key: RowKey, row: RowHistory, removed: _Removed
) -> tuple[RowRollback | None, list[KeptRow]]:
    name, current, unedited = removed.name, removed.current, removed.unedited
    others = [
        (column, change.recorded)
        for column, changes in row.columns.items()
        for change in changes[-1:]
        if change.recorded.run_id != run_id and not removed.goes_along(column, change.recorded)
    ]
    if others:
        column, event = others[0]
        return None, [evolve(_kept(name, column, event), what="the row")]
    if current is None:
        return None, [] if row.now is None else [KeptRow(name, "the row", "it is gone")]
    if row.now is not None and (edited := _edited(row.now, current, unedited)):
        why = f"changed in the table, unlike the ledger: {', '.join(edited)}"
        return None, [KeptRow(name, "the row", why)]
    causes = [t.recorded.position for changes in row.columns.values() for t in changes]
    return RowRollback(key, name, current, None, tuple(sorted(set(causes)))), []


def _with_decision(
    rollback: RowRollback, row: RowHistory, run_id: UUID, *, whole: bool
) -> RowRollback:
    """The row with the link decided before the run, where the run decided another; ``whole``: the
    run inserted or deleted the row."""
    link = link_name(rollback.row.table)
    if link is None or rollback.after is None:
        return rollback
    mine = row.last(DECISION, run_id)
    current = row.columns[DECISION][-1].after if row.columns.get(DECISION) else None
    decision = mine[0].before if mine else current if whole else None
    if not mine and not whole:
        return rollback
    if decision is None:
        return evolve(rollback, after={**rollback.after, link: None}) if whole else rollback
    target = decision.event.linked
    linked = tutorial_key(target) if target else None
    causes = (*rollback.causes, *(change.recorded.position for change in mine))
    after = {**rollback.after, link: linked}
    return evolve(rollback, after=after, causes=causes, decided=True, decision=decision)


def _mine(row: RowHistory, run_id: UUID) -> bool:
    return any(row.last(column, run_id) for column in row.columns)


def _edited(recorded: Row, current: Row, unedited: frozenset[str]) -> list[str]:
    return [
        name for name, value in recorded.items() if name not in unedited and current[name] != value
    ]


def _forgotten(rollback: RowRollback) -> str:
    """Why a row cannot be restored: its personal values are erased."""
    table = adm.BY_NAME.get(rollback.row.table)
    if table is None or rollback.after is None or rollback.before is not None:
        return ""
    lost = [c.name for c in table.columns if c.personal and rollback.after[c.name] is None]
    return f"the person was erased since: {', '.join(lost)}" if lost else ""


def _held(rollbacks: Mapping[RowKey, RowRollback], facts: Facts) -> dict[RowKey, str]:
    """The rows that must stay, and those grouped with a kept row, with the reason."""
    current = {facts.groups.get(key, key) for key in facts.names if key not in rollbacks}
    broken = {key: why for key, why in facts.held.items() if key in rollbacks}
    for key in rollbacks:
        if (group := facts.groups.get(key)) in current and group != key:
            broken.setdefault(key, PART_OF_KEPT)
    return broken


def _with_their_groups(
    broken: Mapping[RowKey, str],
    rollbacks: Mapping[RowKey, RowRollback],
    groups: Mapping[RowKey, RowKey],
) -> dict[RowKey, str]:
    members: dict[RowKey, list[RowKey]] = defaultdict(list)
    for key in rollbacks:
        members[groups.get(key, key)].append(key)
    withdrawn = {key: why for key, why in broken.items() if key in rollbacks}
    for key, why in broken.items():
        for member in members[groups.get(key, key)]:
            withdrawn.setdefault(member, f"{TOGETHER}{why}")
    return withdrawn


def _kept(name: str, what: str, later: Recorded) -> KeptRow:
    why = f"{type(later.event).__name__} changed it later"
    return KeptRow(name, what, why, later.position)
