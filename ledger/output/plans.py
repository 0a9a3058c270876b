"""A plan as shown to whoever has to judge it: the verdict, then what is done in which system, then
to which event, then what is left, then what cannot be undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from attrs import frozen

from ledger.output.words import counted

# How many events, and lines of a part, are shown; the rest with --full.
FEW = 20
ADMINISTRATE, TUTORIAL, BRIDGE = "Administrate", "the tutorial tables", "the bridge tables"


@frozen
class Effect:
    """How many of something are changed, and how: ``348 draft events deleted``."""

    system: str
    count: int
    thing: str
    done: str


@frozen
class PlannedItem:
    """An event, or another record, of a plan: what is done to it, and from which day to which.

    ``details`` are shown in full alone.
    """

    title: str
    what: str = ""
    begins: date | None = None
    ends: date | None = None
    details: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def days(self) -> str:
        """``2026-03-02 to 2026-06-12``"""
        days = [f"{one:%Y-%m-%d}" for one in (self.begins, self.ends) if one is not None]
        return " to ".join(dict.fromkeys(days))


@frozen
class PlanPart:
    """What else a plan has to say, under a heading: entries of a line, or of several."""

    heading: str
    entries: tuple[tuple[str, ...], ...]
    mark: str = "✗"


@frozen
class ShownPlan:
    """A plan in the form in which every one is shown."""

    verdict: str
    effects: tuple[Effect, ...] = ()
    items: tuple[PlannedItem, ...] = ()
    parts: tuple[PlanPart, ...] = ()
    irreversible: tuple[str, ...] = ()


def plan_lines(plan: ShownPlan, *, full: bool = False) -> Iterator[str]:
    """A plan for a person to judge."""
    yield plan.verdict
    yield from (f"  {line}" for line in _system_lines(plan.effects))
    yield from _bounded([list(_item_lines(one, full=full)) for one in plan.items], full=full)
    stays = PlanPart("Cannot be undone", tuple((line,) for line in plan.irreversible), "⚠")
    for part in (*plan.parts, stays):
        if part.entries:
            yield f"{part.heading}: {len(part.entries):,}"
            yield from _bounded([_entry_lines(part.mark, one) for one in part.entries], full=full)


def plan_document(plan: ShownPlan) -> dict[str, Any]:
    """The same for programs, whole."""
    return {
        "verdict": plan.verdict,
        "systems": [
            {"system": one.system, "count": one.count, "what": one.thing, "done": one.done}
            for one in plan.effects
            if one.count
        ],
        "items": [
            {
                "title": one.title,
                "begins": one.begins,
                "ends": one.ends,
                "what": one.what,
                "details": list(one.details),
                "notes": list(one.notes),
            }
            for one in plan.items
        ],
        "parts": [
            {"heading": part.heading, "entries": [list(one) for one in part.entries]}
            for part in plan.parts
            if part.entries
        ],
        "cannot_be_undone": list(plan.irreversible),
    }


def effects_in_words(effects: Iterable[Effect]) -> str:
    """``348 events, 1,288 sessions deleted; 2 venues created``"""
    return "; ".join(
        _together(alike, done) for done, alike in groupby(effects, lambda one: one.done)
    )


def _together(effects: Iterable[Effect], done: str) -> str:
    counts = (counted(one.count, one.thing) for one in effects)
    return f"{', '.join(counts)} {done}"


def _system_lines(effects: Sequence[Effect]) -> Iterator[str]:
    there = [one for one in effects if one.count]
    for system in dict.fromkeys(one.system for one in there):
        told = effects_in_words(one for one in there if one.system == system)
        yield f"In {system}: {told}"


def _item_lines(item: PlannedItem, *, full: bool) -> Iterator[str]:
    title = ", ".join(text for text in (item.title, item.days) if text)
    yield f"→ {title}: {item.what}" if item.what else f"→ {title}"
    yield from (f"    {one}" for one in (item.details if full else ()))
    yield from (f"  ⚠ {one}" for one in item.notes)


def _entry_lines(mark: str, entry: Sequence[str]) -> list[str]:
    first, *more = entry
    return [f"{mark} {first}", *(f"    {one}" for one in more)]


def _bounded(entries: Sequence[Sequence[str]], *, full: bool) -> Iterator[str]:
    shown = entries if full else entries[:FEW]
    yield from (f"  {line}" for entry in shown for line in entry)
    if len(entries) > len(shown):
        yield f"  … and {len(entries) - len(shown):,} more: --full"
