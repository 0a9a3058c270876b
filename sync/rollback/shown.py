"""The plan of a rollback as a person judges it: what goes in which system, event by event. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from ledger.output.plans import (
    ADMINISTRATE,
    BRIDGE,
    TUTORIAL,
    Effect,
    PlannedItem,
    PlanPart,
    ShownPlan,
)
from ledger.output.words import counted, shown
from ledger.rollback.changes import RowKey
from ledger.rollback.parts import Facts, FieldsBack, KeptRow, RowRollback, ValuesBack
from ledger.rollback.plan import PART_OF_KEPT, TOGETHER
from ledger.runs.states import RunState
from ledger.schema import acted, adm
from ledger.schema.adm import link_name
from sync.changes.back import EventBack
from sync.changes.plan import STATE
from sync.entities import ENTITIES
from sync.rollback.administrate_side import PlannedRollback

_BRIDGE_NOUNS = {entity.table.fullname: entity.one for entity in ENTITIES}
_SESSIONS = acted.SESSIONS.fullname
_ORDER = [acted.EVENTS.fullname, _SESSIONS, acted.SESSION_INSTRUCTORS.fullname]
_ORDER += [adm.EVENTS.fullname, adm.SESSIONS.fullname]
_NAMES = ("title", "name", "label", "code", "first_name", "last_name")


# Who was approved for each course template, by record; and what each record is called.
Approved: TypeAlias = Mapping[str, Sequence[str]]
Names: TypeAlias = Callable[[str], str | None]


def shown_plan(
    found: PlannedRollback, target: RunState, approved: Approved, names: Names
) -> ShownPlan:
    """The plan of rolling the run back."""
    plan = found.plan
    kept = list(_kept(found))
    events = _by_event(found)
    parts = [_event_item(event, rows, found) for event, rows in events.items()]
    parts.sort(key=lambda one: (one.begins or date.min, one.title))
    within = {rollback.row for rows in events.values() for rollback in rows}
    alone = [_row_item(one) for one in plan.rollbacks if one.row not in within]
    fields = [PlannedItem(one.record, _fields_back(one)) for one in plan.fields]
    set_again = [_set_again(event) for event in found.events]
    return ShownPlan(
        _verdict(found, target, len(events), len(kept)),
        tuple(_effects(found)),
        (*parts, *(one for one in set_again if one is not None), *alone, *fields),
        (PlanPart("Kept", tuple(kept)), PlanPart("Not known", tuple(_not_known(found)))),
        tuple(_stays(one, approved.get(one.record, ()), names) for one in plan.impossible),
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
        **{f"{one.record} in Administrate": _values(one) for one in plan.values},
    }


def _set_again(event: EventBack) -> PlannedItem | None:
    """An event of which Administrate is set as it was before a change."""
    values = [one.values for one in event.records]
    details = tuple(
        f"{one.record}: {', '.join(f'{name} {line}' for name, line in _values(one).items())}"
        for one in values
        if one is not None
    )
    if not details:
        return None
    return PlannedItem(event.linked.name, "set in Administrate as it was before", details=details)


def _values(one: ValuesBack) -> dict[str, str]:
    return {
        name.replace("_", " "): f"{shown(change.before)} → {shown(change.after)}"
        for name, change in one.changes.items()
    }


def _not_known(found: PlannedRollback) -> Iterator[tuple[str, ...]]:
    if any(STATE in one.changes for one in found.plan.values):
        yield ("whether Administrate takes a lifecycle state back; a refusal is told",)


def kept_line(kept: KeptRow) -> str:
    """A row, or a part of it, that stays as it is, and why."""
    at = f" (position {kept.position})" if kept.position is not None else ""
    return f"{kept.record}, {kept.what}: {kept.why}{at}"


def _kept(found: PlannedRollback) -> Iterator[tuple[str, ...]]:
    """What is kept and why: an event once with all its rows."""
    facts = found.prepared.facts
    rows = {name: row for row, name in facts.names.items()}
    events: dict[RowKey, list[str]] = defaultdict(list)
    alone: list[tuple[str, ...]] = []
    for one in found.plan.kept:
        row = rows.get(one.record)
        event = None if row is None else facts.groups.get(row)
        if event is None:
            alone.append((kept_line(one),))
        else:
            events[event].append(one.why.removeprefix(TOGETHER))
    for event, whys in events.items():
        told = [why for why in dict.fromkeys(whys) if why != PART_OF_KEPT] or [PART_OF_KEPT]
        yield (f"{_title(event, facts)}, {counted(len(whys), 'row')}: {'; '.join(told)}",)
    yield from alone


def _stays(one: KeptRow, approved: Sequence[str], names: Names) -> str:
    """What no rollback takes back: of which record, and, of an approval, who stays approved."""
    name = names(one.record) or one.record
    people = ", ".join(names(person) or person for person in approved)
    return f"{name}: {one.why}{f': {people}' if people else ''}"


def _title(event: RowKey, facts: Facts) -> str:
    row = facts.current.get(event) or {}
    return shown(row.get("code") or row.get("title") or facts.names.get(event) or event.table)


def _decided(one: RowRollback) -> Any:
    if one.after is None or one.before is None:
        return one.done
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


def _verdict(found: PlannedRollback, target: RunState, events: int, kept: int) -> str:
    plan, name = found.plan, f"{target.command}, run {target.run_id}, by {target.actor}"
    left = [f"{kept:,} kept"] if kept else []
    if plan.impossible:
        left.append(f"{counted(len(plan.impossible), 'write')} cannot be undone")
    rest = f"; {', '.join(left)}" if left else ""
    if not (plan.rollbacks or plan.fields or plan.values):
        return f"Nothing to roll back of {name}{rest}."
    what = counted(events, "event") if events else counted(len(plan.rollbacks), "row")
    if not plan.rollbacks:
        what = f"the fields of {counted(len(plan.values or plan.fields), 'record')}"
    return f"Rolls back {what} of {name}{rest}."


def _effects(found: PlannedRollback) -> Iterator[Effect]:
    remote = sum(len(found.remote.get(event, ())) for event in _by_event(found))
    yield Effect(ADMINISTRATE, remote, "draft event", "deleted, with their sessions")
    yield Effect(ADMINISTRATE, len(found.plan.values), "record", "set as they were before")
    counts = Counter((one.row.table, one.done) for one in found.plan.rollbacks)
    for done in ("deleted", "restored", "changed back"):
        for table in sorted((table for table, how in counts if how == done), key=_rank):
            system = BRIDGE if table in _BRIDGE_NOUNS else TUTORIAL
            yield Effect(system, counts[table, done], _noun(table), done)


def _rank(table: str) -> tuple[int, str]:
    """Events before their sessions, and these before who teaches them."""
    return (_ORDER.index(table) if table in _ORDER else len(_ORDER), table)


def _noun(table: str) -> str:
    return _BRIDGE_NOUNS.get(table) or table.rpartition(".")[2].removeprefix("tutorial_").replace(
        "_", " "
    ).removesuffix("s")


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
        return one.done
    return ", ".join(
        f"{name}: {shown(one.before[name])} → {shown(one.after[name])}"
        for name in _changed_columns(one)
    )


def _fields_back(one: FieldsBack) -> str:
    what = "decision taken back" if one.row is None else "what both sides agreed on set back"
    return f"{what}: {', '.join(one.names)}"
