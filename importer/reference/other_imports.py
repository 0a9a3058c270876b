"""What other imports planned and have not made: events that are still to come, or were left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import psycopg
from attrs import frozen

from importer.reference.values import KnownEvent, Side
from ledger.events import EventLeftOut, EventPlanned, TutorialEventCreated
from ledger.events.runs import ENDED
from ledger.runs.kinds import IMPORT
from ledger.runs.states import states_in, states_of
from ledger.store.read import Selection, read_recorded

_UNFINISHED = "r.command = %(command)s AND r.state <> ALL(%(ended)s)"
# The rows of an event: those of the same key as the one of which it was to be made.
_FINGERPRINTS = """
SELECT array_agg(DISTINCT one.payload ->> 'fingerprint') FROM ledger.events own
JOIN ledger.events one ON one.run_id = own.run_id AND one.type = 'RowAccepted'
    AND one.payload ->> 'event_key' = own.payload ->> 'event_key'
WHERE own.run_id = %(run)s AND own.type = 'RowAccepted' AND own.subjects && %(record)s
"""


@frozen
class Reserved:
    """An event that an unfinished import has planned, and the code that it will have."""

    event: KnownEvent
    code: str


def read_reserved(connection: psycopg.Connection[Any]) -> tuple[Reserved, ...]:
    """The events of unfinished imports that neither side has yet."""
    values = {"command": IMPORT.name, "ended": list(ENDED)}
    runs = states_in(connection, _UNFINISHED, values)
    return tuple(one for run in runs for one in _planned(connection, run.run_id))


def _planned(connection: psycopg.Connection[Any], run_id: UUID) -> list[Reserved]:
    found: dict[int, Reserved] = {}
    kinds = (EventPlanned, TutorialEventCreated, EventLeftOut)
    types = [kind.__name__ for kind in kinds]
    for recorded in read_recorded(connection, Selection(run_id=run_id, types=types)):
        match recorded.event:
            case EventPlanned(tutorial_id=key, plan=plan):
                found[key] = _reserved(cast("Mapping[str, Any]", plan), f"run {run_id}")
            case TutorialEventCreated(row_id=key) | EventLeftOut(tutorial_id=key):
                found.pop(key, None)
    return list(found.values())


def _reserved(plan: Mapping[str, Any], run: str) -> Reserved:
    starts = cast("datetime", plan["lms"]["start"]).date()
    event = KnownEvent(plan["template_code"], plan["title"], starts, Side.PLANNED, run)
    return Reserved(event, plan["code"])


def read_left_out(connection: psycopg.Connection[Any]) -> Mapping[frozenset[str], str]:
    """The imports that left events out, with the reason, by the fingerprints of the events' rows.

    One that was rolled back no longer counts.
    """
    found: dict[frozenset[str], str] = {}
    left_out = list(read_recorded(connection, Selection(types=[EventLeftOut.__name__])))
    states = states_of(connection, {one.run_id for one in left_out if one.run_id is not None})
    for recorded in left_out:
        event = cast("EventLeftOut", recorded.event)
        if recorded.run_id is None or states[recorded.run_id].state == "undone":
            continue
        asked = {"run": recorded.run_id, "record": [event.record()]}
        rows = connection.execute(_FINGERPRINTS, asked).fetchone()
        if rows is not None and rows[0]:
            found[frozenset(rows[0])] = f"run {recorded.run_id} ({event.reason})"
    return found
