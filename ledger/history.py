"""History: every event about a record, from either side of its link, or of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias
from uuid import UUID

import psycopg

from ledger.canonical import parse
from ledger.reading import Selection, personal_values, read_chunks
from ledger.records import counterpart, names_of

# An event as the command line gives it in JSON.
Event: TypeAlias = dict[str, Any]


def record_history(
    connection: psycopg.Connection[Any], record: str, *, until: int | None = None
) -> Iterator[Event]:
    """The events about a record and about the one it is linked with, oldest first."""
    other = counterpart(connection, record)
    sides = [record] if other is None else [record, other]
    subjects = [name for side in sides for name in names_of(connection, side)]
    return told(connection, Selection(subjects=subjects, until=until))


def run_history(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[Event]:
    """The events of a run, in order."""
    return told(connection, Selection(run_id=run_id))


def told(connection: psycopg.Connection[Any], selection: Selection) -> Iterator[Event]:
    """The selected events as JSON objects; a person's value in clear, or ``None`` once erased."""
    for events in read_chunks(connection, selection):
        personal = personal_values(connection, events)
        for event in events:
            yield {
                "position": event.position,
                "type": event.type,
                "recorded_at": event.recorded_at.isoformat(),
                "actor": event.actor,
                "run_id": None if event.run_id is None else str(event.run_id),
                "cause": event.cause,
                "stream": event.stream,
                "version": event.version,
                "subjects": event.subjects,
                "payload": _legible(parse(event.payload), personal),
                "hash": event.hash.hex(),
            }


def _legible(value: Any, personal: dict[str, str]) -> Any:
    """The payload as a person reads it: tagged values (``{"$decimal": "1.10"}``) as their text."""
    if isinstance(value, list):
        return [_legible(item, personal) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(key, inner)] = value.items()
        if key == "$personal":
            return personal.get(inner)
        if key == "$map":
            return {name: _legible(item, personal) for name, item in inner}
        if key.startswith("$"):
            return inner
    return {key: _legible(item, personal) for key, item in value.items()}
