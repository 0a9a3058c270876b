"""The plan of a rollback as a person judges it: what goes in which system, event by event. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from ledger.output.plans import (
    ADMINISTRATE,
    BRIDGE,
    TUTORIAL,
    Effect,
    PlannedItem,
    PlanPart,
    ShownPlan,
)
from ledger.output.words import counted, several, shown
from ledger.rollback.changes import RowKey
from ledger.rollback.parts import Facts, FieldsBack, KeptRow, RowRollback
from ledger.rollback.plan import TOGETHER
from ledger.runs.states import RunState
from ledger.schema import acted
from ledger.schema.adm import link_name
from sync.entities import ENTITIES
from sync.rollback.administrate_side import PlannedRollback

_BRIDGE_NOUNS = {entity.table.fullname: entity.one for entity in ENTITIES}
_EVENTS, _SESSIONS = acted.EVENTS.fullname, acted.SESSIONS.fullname
_NAMES = ("title", "name", "label", "code", "first_name", "last_name")


def shown_plan(found: PlannedRollback, target: RunState) -> ShownPlan:
    """The plan of rolling the run back."""
    plan = found.plan
    events = _by_event(found)
    parts = [_event_item(event, rows, found) for event, rows in events.items()]
    parts.sort(key=lambda one: (one.begins or date.min, one.title))
    within = {rollback.row for rows in events.values() for rollback in rows}
    alone = [_row_item(one) for one in plan.rollbacks if one.row not in within]
    fields = [PlannedItem(one.record, _fields_back(one)) for one in plan.fields]
    return ShownPlan(
        _verdict(found, target, len(events)),
        tuple(_effects(found)),
        (*parts, *alone, *fields),
        (PlanPart("Kept", tuple(_kept(found))),),
        tuple(kept_line(one) for one in plan.impossible),
    )


def planned_entries(found: PlannedRollback) -> Mapping[str, Any]:
    """Everything that the plan decides, by what it is about: to be compared with another plan of
    the same run. When a row was last looked at is not of it."""
    plan = found.plan
    names, events = found.prepared.facts.names, _by_event(found)
    return {
        **{one.record: _decided(one) for one in plan.rollbacks},
        **{f"fields of {one.record}": [list(one.names), one.cause] for one in plan.fields},
        **{f"{one.record}, {one.what}": f"kept: {one.why}" for one in plan.kept},
        **{f"{one.record}, {one.what}": f"stays: {one.why}" for one in plan.impossible},
        **{f"{names[one]} in Administrate": list(found.remote.get(one, ())) for one in events},
    }


def kept_line(kept: KeptRow) -> str:
    """A row, or a part of it, that stays as it is, and why."""
    at = f" (position {kept.position})" if kept.position is not None else ""
    return f"{kept.record}, {kept.what}: {kept.why}{at}"


def _kept(found: PlannedRollback) -> Iterator[tuple[str, ...]]:
    """What is kept and why: once for all the rows of an event of which the same is said."""
    facts = found.prepared.facts
    rows = {name: row for row, name in facts.names.items()}
    alike: dict[tuple[str, str], list[KeptRow]] = defaultdict(list)
    for one in found.plan.kept:
        row = rows.get(one.record)
        event = None if row is None else facts.groups.get(row)
        about = kept_line(one) if event is None else _title(event, facts)
        alike[about, one.why.removeprefix(TOGETHER)].append(one)
    for (about, why), kept in alike.items():
        alone = kept[0] if about == kept_line(kept[0]) else None
        yield (about if alone else f"{about}, {counted(len(kept), 'row')}: {why}",)


def _title(event: RowKey, facts: Facts) -> str:
    row = facts.current.get(event) or {}
    return shown(row.get("code") or row.get("title") or facts.names.get(event) or event.table)


def _decided(one: RowRollback) -> Any:
    if one.after is None:
        return "deleted"
    if one.before is None:
        return "restored"
    return {name: [one.before[name], one.after[name]] for name in _changed_columns(one)}


def _changed_columns(one: RowRollback) -> list[str]:
    link = link_name(one.row.table)
    return [*one.changed, *([link] if one.decided and link else [])]


def _by_event(found: PlannedRollback) -> dict[RowKey, list[RowRollback]]:
    """The rows that go or stay with a tutorial event."""
    events: dict[RowKey, list[RowRollback]] = defaultdict(list)
    for one in found.plan.rollbacks:
        event = found.prepared.facts.groups.get(one.row)
        if event is not None:
            events[event].append(one)
    return events


def _verdict(found: PlannedRollback, target: RunState, events: int) -> str:
    plan, name = found.plan, f"{target.command}, run {target.run_id}, by {target.actor}"
    kept = [
        f"{len(rows):,} {several(len(rows), thing)} {what}"
        for rows, thing, what in (
            (plan.kept, "row", "kept"),
            (plan.impossible, "write", "that cannot be undone"),
        )
        if rows
    ]
    rest = f"; {', '.join(kept)}" if kept else ""
    if not (plan.rollbacks or plan.fields):
        return f"Nothing to roll back of {name}{rest}."
    what = counted(events, "event") if events else counted(len(plan.rollbacks), "row")
    if not plan.rollbacks:
        what = f"the fields of {counted(len(plan.fields), 'record')}"
    return f"Rolls back {what} of {name}{rest}."


def _effects(found: PlannedRollback) -> Iterator[Effect]:
    remote = sum(len(found.remote.get(event, ())) for event in _by_event(found))
    yield Effect(ADMINISTRATE, remote, "draft event", "deleted, with their sessions")
    counts = Counter((one.row.table, _done(one)) for one in found.plan.rollbacks)
    for done in ("deleted", "restored", "changed back"):
        for (table, how), count in counts.items():
            if how == done and table not in _BRIDGE_NOUNS:
                yield Effect(TUTORIAL, count, _noun(table), done)
    for done in ("deleted", "restored", "changed back"):
        for (table, how), count in counts.items():
            if how == done and table in _BRIDGE_NOUNS:
                yield Effect(BRIDGE, count, _BRIDGE_NOUNS[table], done)


def _noun(table: str) -> str:
    return table.rpartition(".")[2].removeprefix("tutorial_").replace("_", " ").removesuffix("s")


def _done(one: RowRollback) -> str:
    return "deleted" if one.after is None else "restored" if one.before is None else "changed back"


def _event_item(event: RowKey, rows: Iterable[RowRollback], found: PlannedRollback) -> PlannedItem:
    """An event that is rolled back with all its rows."""
    going = list(rows)
    own = next((one for one in going if one.row == event), None)
    row = (own and (own.before or own.after)) or found.prepared.facts.current.get(event) or {}
    removed = own is not None and own.after is None
    ids = found.remote.get(event, ())
    sessions = sum(one.row.table == _SESSIONS and one.after is None for one in going)
    what = "deleted" if removed else "changed back"
    if removed and ids:
        what += " in both systems"
    if sessions:
        what += f", with {counted(sessions, 'session')}"
    return PlannedItem(
        _title(event, found.prepared.facts),
        what,
        _day(row.get("start_date") or row.get("lms_start_date")),
        _day(row.get("end_date") or row.get("lms_end_date")),
        details=(*(f"Administrate {one}: deleted" for one in ids), *map(_row_line, going)),
    )


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _row_item(one: RowRollback) -> PlannedItem:
    row = one.before or one.after or {}
    named = [shown(row[name], 60) for name in _NAMES if row.get(name) not in (None, "")]
    title = f"{one.record} ({' '.join(named[:2])})" if named else one.record
    return PlannedItem(title, _what(one))


def _row_line(one: RowRollback) -> str:
    return f"{one.record}: {_what(one)}"


def _what(one: RowRollback) -> str:
    if one.after is None or one.before is None:
        return _done(one)
    return ", ".join(
        f"{name}: {shown(one.before[name])} → {shown(one.after[name])}"
        for name in _changed_columns(one)
    )


def _fields_back(one: FieldsBack) -> str:
    what = "decision taken back" if one.row is None else "what both sides agreed on set back"
    return f"{what}: {', '.join(one.names)}"
