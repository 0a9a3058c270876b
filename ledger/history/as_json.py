"""Events as JSON of the command line: what happened, when, by whom, personal values included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import psycopg

from ledger.canonical import parse
from ledger.store.read import Selection, personal_values, read_chunks

# An event as the command line gives it in JSON.
Event: TypeAlias = dict[str, Any]


def events_as_json(
    connection: psycopg.Connection[Any], selection: Selection, *, limit: int | None = None
) -> Iterator[Event]:
    """The selected events, or the first so many, as JSON objects; a personal value in clear, or
    ``None`` once erased."""
    for events in read_chunks(connection, selection, limit=limit):
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
                "payload": _payload(event.payload, personal),
                "hash": event.hash.hex(),
            }


def _payload(text: str, personal: dict[str, str]) -> Any:
    """A payload ``legible``, or its text where it is of no shape that the program writes."""
    try:
        return legible(parse(text), personal)
    except (ValueError, TypeError, RecursionError):
        return text


def legible(value: Any, personal: dict[str, str]) -> Any:
    """A payload for people: tagged values (``{"$decimal": "1.10"}``) as text, and the digests of
    personal values replaced by the value, or ``None`` where it is erased."""
    if isinstance(value, list):
        return [legible(item, personal) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(key, inner)] = value.items()
        if key == "$personal":
            return personal.get(inner)
        if key == "$map":
            return {name: legible(item, personal) for name, item in inner}
        if key.startswith("$"):
            return inner
    return {key: legible(item, personal) for key, item in value.items()}
