"""What is out of step in words, by event."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from ledger.events.agreement import Pair
from ledger.output.words import counted, local_time, local_zone
from sync.events.drift import EventOutOfStep, OutOfStep
from sync.events.names import ValueNames


def drift_lines(
    found: Sequence[EventOutOfStep], names: ValueNames, *, synced: bool = True
) -> Iterator[str]:
    """The events out of step, then how many fields are; ``synced``: whether a sync ever looked."""
    if not synced:
        yield "Events were never synced, so nothing is known: admsync sync events"
        return
    for event in found:
        yield f"{event.code or event.title or event.record}  {event.record}"
        record = event.record
        for one in event.fields:
            if one.record != record:
                record = one.record
                yield f"  session {names.called(record)}"
            yield from _field_lines(one, names, event.timezone)
    if not found:
        yield "Nothing is out of step."
        return
    kinds = Counter(one.disparity.kind for of in found for one in of.fields)
    count = counted(sum(kinds.values()), "field")
    told = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    yield f"{count} out of step: {told} (times are {local_zone()})"
    to_decide = (one for of in found for one in of.fields if not one.to_push)
    if (first := next(to_decide, None)) is not None:
        typed = ["admsync", "discrepancies", "settle", first.record, first.name]
        yield f"Decide, such as: {shlex.join([*typed, '--side', 'administrate', '--reason'])}"


def _field_lines(one: OutOfStep, names: ValueNames, timezone: str | None) -> Iterator[str]:
    held = one.disparity
    now = names.pair(
        one.declared, Pair(administrate=held.administrate, tutorial=held.tutorial), timezone
    )
    mark = "→" if one.to_push else "⚠"
    yield f"  {mark} {one.title} ({one.name}): {held.kind}, since {local_time(one.since)}"
    if one.to_push and not one.can_be_sent:
        yield "      Administrate takes no such change from a program: change it there"
    if held.base is None:
        yield f"      Administrate: {now.administrate}"
        yield f"      tutorial:     {now.tutorial}"
        return
    before = names.pair(one.declared, held.base, timezone)
    yield f"      Administrate: {_change(before.administrate, now.administrate)}"
    yield f"      tutorial:     {_change(before.tutorial, now.tutorial)}"


def _change(before: str, now: str) -> str:
    return f"{before}, unchanged" if before == now else f"{before} → {now}"
