"""The format of an audit pack, with events written so that their hashes can be verified.

``manifest.json`` names the run and the head of the chain; ``events.jsonl`` holds the run's events
with every hashed column; ``appends.jsonl`` the chain from the first event's append to the head;
``hashes.jsonl`` the hashes of all events of those appends that contain any of the run's;
``plan.jsonl`` the plan of an import; ``names.json`` the display names at the time of the export,
which are not proven; ``page.html`` all of it for people. Personal values are left out: the events
hold their digests, and an exported pack could not be erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from attrs import frozen

from ledger.canonical import parse
from ledger.events import EventPlanned
from ledger.history.as_json import legible
from ledger.store.entries import StoredEvent

FORM = 1
MANIFEST, EVENTS, APPENDS, HASHES = (
    "manifest.json",
    "events.jsonl",
    "appends.jsonl",
    "hashes.jsonl",
)
PLAN, NAMES, PAGE = "plan.jsonl", "names.json", "page.html"
PARTS = (MANIFEST, EVENTS, APPENDS, HASHES, NAMES, PLAN, PAGE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Manifest:
    """The run, and the chain of its events.

    ``before`` is the link of the append before the first one in the pack; ``workbook`` the SHA-256
    of the workbook that was imported, if one was.
    """

    form: int
    run_id: str
    events: int
    before: str
    position: int
    link: str
    workbook: str | None
    software: str
    made_at: str


def event_line(event: StoredEvent) -> dict[str, Any]:
    """An event as a line of the pack."""
    return {
        "position": event.position,
        "event_id": str(event.event_id),
        "stream": event.stream,
        "version": event.version,
        "subjects": event.subjects,
        "type": event.type,
        "schema_version": event.schema_version,
        "recorded_at": (event.recorded_at - _EPOCH) // timedelta(microseconds=1),
        "actor": event.actor,
        "run_id": str(event.run_id),
        "cause": event.cause,
        "payload": event.payload,
        "hash": event.hash.hex(),
    }


def plan_lines(events: Iterable[StoredEvent]) -> Iterator[bytes]:
    """The plan in a run's events, as lines of the pack."""
    for event in events:
        if event.type == EventPlanned.__name__:
            yield orjson.dumps(legible(parse(event.payload), {})) + b"\n"


def event_of(line: dict[str, Any]) -> StoredEvent:
    """The event of a pack's line; KeyError, TypeError or ValueError where it is none."""
    return StoredEvent(
        position=int(line["position"]),
        event_id=UUID(line["event_id"]),
        stream=str(line["stream"]),
        version=int(line["version"]),
        subjects=[str(subject) for subject in line["subjects"]],
        type=str(line["type"]),
        schema_version=int(line["schema_version"]),
        recorded_at=_EPOCH + timedelta(microseconds=int(line["recorded_at"])),
        actor=str(line["actor"]),
        run_id=UUID(line["run_id"]),
        cause=None if line["cause"] is None else int(line["cause"]),
        payload=str(line["payload"]),
        hash=bytes.fromhex(line["hash"]),
    )
