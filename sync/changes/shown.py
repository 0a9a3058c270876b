"""The plan of a change of events as a person judges it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ledger.output.plans import ADMINISTRATE, TUTORIAL, Effect, PlannedItem, PlanPart, ShownPlan
from ledger.output.words import counted, shown
from ledger.zones import zone_or_default
from sync.changes.plan import ChangePlan, EventChange, FieldsToSet

# What a command does, of each record.
_DONE = {"publish": "published", "cancel": "cancelled"}
_PUSH = "push"


def shown_plan(words: Sequence[str], plan: ChangePlan, parts: Sequence[PlanPart] = ()) -> ShownPlan:
    """The plan of a command, named by its words; ``parts`` are what it says of its own."""
    left = PlanPart("Left out", tuple((f"{one.event.name}: {one.why}",) for one in plan.left_out))
    return ShownPlan(
        _verdict(words, plan),
        tuple(_effects(words[0], plan)),
        tuple(_item(one) for one in plan.changes),
        (*parts, left),
        (plan.warning,) if plan.warning else (),
    )


def planned_entries(plan: ChangePlan) -> Mapping[str, Any]:
    """Everything that the plan decides, by what it is about: to be compared with another plan of
    the same command."""
    return {
        **{one.event.name: _decided(one) for one in plan.changes},
        **{f"{one.event.name}, left out": one.why for one in plan.left_out},
    }


def _decided(change: EventChange) -> Any:
    return {
        one.record: {"set": one.wanted, "state": one.state, "before": one.before}
        for one in change.records
    }


def _verdict(words: Sequence[str], plan: ChangePlan) -> str:
    left = f"; {len(plan.left_out):,} left out" if plan.left_out else ""
    if not plan.changes:
        return f"{' '.join(words)}: nothing to do{left}."
    events, calls = counted(len(plan.changes), "event"), counted(plan.calls, "call")
    return f"{' '.join(words)}: {events}, by {calls} to Administrate{left}."


def _effects(word: str, plan: ChangePlan) -> Iterator[Effect]:
    records = [(change, one) for change in plan.changes for one in change.records]
    own = sum(change.event.record == one.record for change, one in records)
    yield Effect(ADMINISTRATE, own, "event", _DONE.get(word, "changed"))
    yield Effect(ADMINISTRATE, len(records) - own, "session", _DONE.get(word, "changed"))
    if word != _PUSH:
        # What is pushed is there already.
        events = sum(_follows(one) for change, one in records if change.event.record == one.record)
        yield Effect(TUTORIAL, events, "event", "changed to the same")
        sessions = sum(_follows(one) for _, one in records) - events
        yield Effect(TUTORIAL, sessions, "session", "changed to the same")


def _follows(one: FieldsToSet) -> bool:
    """Whether the tutorial row holds what is set, too."""
    return one.tutorial is not None and bool(one.before)


def _item(change: EventChange) -> PlannedItem:
    event = change.event
    told = [f"{name} {shown(old)} → {shown(new)}" for name, old, new in change.fields()]
    if sessions := change.sessions:
        state = next((one.state for one in change.records if one.state), None)
        told.append(f"{counted(sessions, 'session')} {state or 'changed'}")
    return PlannedItem(
        event.name,
        ", ".join(told) or "set again in the tutorial row",
        _day(event.begins, event.timezone),
        _day(event.ends, event.timezone),
        details=tuple(_record_line(one) for one in change.records),
        notes=tuple(change.notes),
    )


def _record_line(one: FieldsToSet) -> str:
    told = ", ".join(
        f"{name.replace('_', ' ')} {shown(value)}" for name, value in one.wanted.items()
    )
    return f"{one.record}: {told or one.state}"


def _day(moment: datetime | None, zone: str | None) -> date | None:
    return None if moment is None else moment.astimezone(zone_or_default(zone)).date()
