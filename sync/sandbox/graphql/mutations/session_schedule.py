"""Which sessions a new event starts with, and when: from its template, a schedule, or its dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from attrs import frozen

from sync.sandbox.records.times import on_day

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WHOLE_DAY = ("09:00:00", "17:00:00")


@frozen
class Slot:
    """A session to be: a title of its own or None, and local times or none."""

    title: str | None
    start: str | None
    end: str | None


def first_day(start: str | None) -> date | None:
    """Only the date of an event's classroom start counts where something else sets the times."""
    return datetime.fromisoformat(start).date() if start else None


def from_template(days: Iterable[Mapping[str, Any]], start: str | None) -> list[Slot]:
    """A slot for each session template, on its day counted from the event's first."""
    first = first_day(start)
    slots = []
    for day in sorted(days, key=lambda day: (day["dayNumber"], day["startTime"] or "")):
        clocks = (day["startTime"] or WHOLE_DAY[0], day["endTime"] or WHOLE_DAY[1])
        offset = day["dayNumber"] - 1
        times = [on_day(first, offset, clock) if first else None for clock in clocks]
        slots.append(Slot(day["title"], *times))
    return slots


def _falls_on(pattern: Sequence[str], day: date, first: date, weeks_between: int) -> bool:
    week = ((day - first).days + first.weekday()) // 7
    return DAYS[day.weekday()] in pattern and week % (weeks_between + 1) == 0


def from_schedule(schedule: Mapping[str, Any], start: str | None) -> list[Slot]:
    """``repeatCount`` slots on the days of the pattern; ``repeatSkip`` leaves out whole weeks."""
    first = first_day(start)
    if first is None:
        return []
    clocks = (schedule.get("startTime") or WHOLE_DAY[0], schedule.get("endTime") or WHOLE_DAY[1])
    pattern = [day for day in schedule["repeatPattern"] if day] or list(DAYS)
    between = (schedule.get("repeatSkip") or 0) if schedule.get("repeatInterval") != "daily" else 0
    slots: list[Slot] = []
    day = first
    while len(slots) < schedule["repeatCount"]:
        if _falls_on(pattern, day, first, between):
            slots.append(Slot(None, *(on_day(day, 0, clock) for clock in clocks)))
        day += timedelta(days=1)
    return slots


def slots(
    days: Sequence[Mapping[str, Any]] | None,
    schedule: Mapping[str, Any] | None,
    start: str | None,
    end: str | None,
) -> list[Slot]:
    """The times given at creation count only where there is neither a template nor a schedule."""
    if days is not None:
        return from_template(days, start)
    if schedule is not None:
        return from_schedule(schedule, start)
    return [Slot(None, start, end)]
