"""Fields out of step as pages show them: what both sides agreed on, and what each holds."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import psycopg

from ledger.events.agreement import Pair
from sync.events.drift import EventOutOfStep, OutOfStep, read_drift
from sync.events.names import ValueNames


def drift_of(
    connection: psycopg.Connection[Any], records: Collection[str] | None = None
) -> list[dict[str, object]]:
    """The fields out of step, of all events or of those that any of the records names."""
    found = [
        one
        for one in read_drift(connection)
        if records is None or not one.records.isdisjoint(records)
    ]
    names = ValueNames.learned(connection, found)
    return [_told(event, one, names) for event in found for one in event.fields]


def _told(event: EventOutOfStep, one: OutOfStep, names: ValueNames) -> dict[str, object]:
    held = one.disparity
    now = Pair(administrate=held.administrate, tutorial=held.tutorial)
    before = held.base and names.pair(one.declared, held.base, event.timezone)
    holds = names.pair(one.declared, now, event.timezone)
    return {
        "event": event.code or event.title or event.record,
        "record": one.record,
        "tutorial": one.tutorial,
        "called": names.called.name_of(one.record) or one.record,
        "field": one.name,
        "title": one.title,
        "kind": held.kind,
        "owner": one.owner,
        "since": one.since,
        "run_id": one.run_id,
        "before": before,
        "now": holds,
        "to_push": one.to_push,
        "can_be_sent": one.can_be_sent,
    }
