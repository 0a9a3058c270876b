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

import cattrs
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
    """An event as a line of the pack; its time in microseconds since 1970, its hash in hex."""
    line: dict[str, Any] = _CONVERTER.unstructure(event)
    return line


def event_of(line: dict[str, Any]) -> StoredEvent:
    """The event of a pack's line; an error of cattrs where it is none."""
    return _CONVERTER.structure(line, StoredEvent)


def plan_lines(events: Iterable[StoredEvent]) -> Iterator[bytes]:
    """The plan in a run's events, as lines of the pack."""
    for event in events:
        if event.type == EventPlanned.__name__:
            yield orjson.dumps(legible(parse(event.payload), {})) + b"\n"


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_unstructure_hook(UUID, str)
    converter.register_structure_hook(UUID, lambda value, _: UUID(value))
    converter.register_unstructure_hook(bytes, bytes.hex)
    converter.register_structure_hook(bytes, lambda value, _: bytes.fromhex(value))
    microsecond = timedelta(microseconds=1)
    converter.register_unstructure_hook(datetime, lambda time: (time - _EPOCH) // microsecond)
    converter.register_structure_hook(datetime, lambda n, _: _EPOCH + int(n) * microsecond)
    return converter


_CONVERTER = _converter()
