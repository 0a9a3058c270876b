"""What operations do to events: what is set, what is left out, and why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from ledger.errors import UsageRefused
from ledger.output.words import counted
from ledger.values import Value
from sync.changes.plan import (
    ChangePlan,
    EventChange,
    FieldsToSet,
    LeftOut,
    LinkedEvent,
    fields_of,
)

Wanted: TypeAlias = Mapping[str, Value]
Planned: TypeAlias = EventChange | LeftOut
Operation: TypeAlias = Callable[[LinkedEvent], Planned]

_MAY_STAY = (
    "Whether a {} event can be set back in Administrate is not known: this may not be undone."
)


def plan_of(operation: Operation, events: Iterable[LinkedEvent], warning: str = "") -> ChangePlan:
    """The plan of an operation for these events."""
    changes: list[EventChange] = []
    left_out: list[LeftOut] = []
    for event in events:
        planned = LeftOut(event, event.kept_back) if event.kept_back else operation(event)
        if isinstance(planned, LeftOut):
            left_out.append(planned)
        else:
            changes.append(planned)
    return ChangePlan(changes, left_out, warning if changes else "")


def publish(events: Iterable[LinkedEvent], now: datetime) -> ChangePlan:
    """Publishes events and their sessions, each by a call of its own."""

    def one(event: LinkedEvent) -> Planned:
        if why := _unfit(event, now):
            return LeftOut(event, why)
        records: list[FieldsToSet] = []
        if event.state != "published":
            wanted: Wanted = {"lifecycle_state": "published", "cancelled": False}
            records.append(fields_of(event, wanted, "published"))
        records += (
            fields_of(session, {}, "published")
            for session in event.linked_sessions
            if session.state == "draft"
        )
        if not records:
            return LeftOut(event, "it is published already")
        others = len(event.sessions) - len(event.linked_sessions) + event.unknown_sessions
        return EventChange(event, records, tuple(_left(others)))

    return plan_of(one, events, _MAY_STAY.format("published"))


def cancel(events: Iterable[LinkedEvent], *, with_bookings: bool = False) -> ChangePlan:
    """Cancels events and their sessions."""

    def one(event: LinkedEvent) -> Planned:
        if not with_bookings:
            if event.booked:
                places = counted(event.booked, "place")
                return LeftOut(event, f"{places} of it booked; --with-bookings cancels it")
            if event.referred:
                by = ", ".join(event.referred)
                return LeftOut(event, f"rows of {by} refer to it; --with-bookings cancels it")
        records: list[FieldsToSet] = []
        if event.state != "cancelled":
            wanted: Wanted = {"lifecycle_state": "cancelled", "cancelled": True}
            records.append(fields_of(event, wanted, "cancelled"))
        records += (
            fields_of(session, {"cancelled": True}, "cancelled")
            for session in event.sessions
            if session.state != "cancelled"
        )
        if not records:
            return LeftOut(event, "it is cancelled already")
        return EventChange(event, records, tuple(_left(event.unknown_sessions)))

    return plan_of(one, events, _MAY_STAY.format("cancelled"))


def set_flag(events: Iterable[LinkedEvent], name: str, title: str, *, on: bool) -> ChangePlan:
    """Sets one field of events, ``web_sale`` or ``sold_out``, on or off."""

    def one(event: LinkedEvent) -> Planned:
        if event.state == "cancelled":
            return LeftOut(event, "it is cancelled")
        if event.values.get(name) is on and event.held.get(name, on) is on:
            return LeftOut(event, f"{title} is {'on' if on else 'off'} already")
        return EventChange(event, (fields_of(event, {name: on}),))

    return plan_of(one, events)


# The words of each operation, without its value.
FLAGS = {"web-sale": "web_sale", "sold-out": "sold_out"}


def planned(
    words: Sequence[str],
    events: Iterable[LinkedEvent],
    now: datetime,
    *,
    with_bookings: bool = False,
) -> ChangePlan:
    """The plan of an operation by its words: ``publish``, ``cancel``, ``web-sale on``.

    Raises ``UsageRefused`` for any other.
    """
    match tuple(words):
        case ("publish",):
            return publish(events, now)
        case ("cancel",):
            return cancel(events, with_bookings=with_bookings)
        case (flag, "on" | "off" as value) if flag in FLAGS:
            return set_flag(events, FLAGS[flag], flag.replace("-", " "), on=value == "on")
    raise UsageRefused(f"{' '.join(words)!r} is nothing that is done to events")


def _unfit(event: LinkedEvent, now: datetime) -> str:
    """Why an event cannot be published."""
    if event.state == "cancelled":
        return "it is cancelled"
    if event.begins is not None and event.begins < now:
        return f"its first session was on {event.begins:%Y-%m-%d}"
    if event.ends is not None and event.ends < now:
        return f"it ended on {event.ends:%Y-%m-%d}"
    if untaught := [one.title for one in event.linked_sessions if not one.taught]:
        return f"no instructor: {', '.join(untaught[:3])}{', …' if len(untaught) > 3 else ''}"
    return "" if event.has_price else "its course template has no price"


def _left(sessions: int) -> Iterator[str]:
    if sessions == 1:
        yield "1 session that is not linked stays as it is"
    elif sessions:
        yield f"{sessions} sessions that are not linked stay as they are"
