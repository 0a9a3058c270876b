"""The format of an audit pack, with events written so that their hashes can be verified.

``manifest.json`` names the run and the head of the chain; ``events.jsonl`` holds the run's events
with every hashed column; ``appends.jsonl`` the chain from the first event's append to the head;
``hashes.jsonl`` the hashes of all events of the appends from the run's first event to its last;
``others.jsonl`` one event of each of those that is another run's, which proves that it is;
``plan.jsonl`` the plan of an import; ``page.html`` all of it for people. Personal values are left
out: the events hold their digests, and an exported pack could not be erased.

Every line is exactly as ``line_of`` writes it, so that nothing stands in a pack unchecked. Format 1
had display names that nothing proved, in ``names.json``, and no ``others.jsonl``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import cattrs
import orjson
from attrs import frozen

from ledger.canonical import parse
from ledger.events import EventPlanned
from ledger.history.as_json import legible
from ledger.store.entries import StoredEvent

FORM, UNPROVEN_FORM = 2, 1
MANIFEST, EVENTS, APPENDS = "manifest.json", "events.jsonl", "appends.jsonl"
HASHES, OTHERS, PLAN, PAGE = "hashes.jsonl", "others.jsonl", "plan.jsonl", "page.html"
PARTS = (MANIFEST, EVENTS, APPENDS, HASHES, OTHERS, PLAN, PAGE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Row = TypeVar("_Row", "StoredEvent", "Append", "Hashes")


@frozen
class Manifest:
    """The run, and the chain of its events.

    ``before`` is the link of the append before the first one in the pack; ``workbook`` the SHA-256
    of the workbook that was imported, if one was. Nothing proves ``software`` and ``made_at``.
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


@frozen
class Append:
    """A row of ``ledger.appends``."""

    first_position: int
    count: int
    root: bytes
    link: bytes


@frozen
class Hashes:
    """The hashes of all events of the append at a position."""

    first_position: int
    hashes: list[bytes]


def line_of(row: StoredEvent | Append | Hashes) -> bytes:
    """A line of the pack: times in microseconds since 1970, bytes in hex."""
    return orjson.dumps(_CONVERTER.unstructure(row)) + b"\n"


def document_of(manifest: Manifest) -> bytes:
    """The manifest as its part."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    return orjson.dumps(_CONVERTER.unstructure(manifest), option=options)


def row_of(line: bytes, kind: type[_Row]) -> _Row:
    """The row of a pack's line without its end. Any error where it is none, or written otherwise:
    what is written otherwise may read otherwise elsewhere."""
    row = _CONVERTER.structure(orjson.loads(line), kind)
    if line_of(row) != line + b"\n":
        raise ValueError("a line is not as admsync writes it")
    return row


def manifest_of(document: bytes) -> Manifest:
    """The manifest of a pack; any error where it is none, or of a format not known."""
    found = orjson.loads(document)
    form = found.get("form") if isinstance(found, dict) else None
    if form not in (FORM, UNPROVEN_FORM):
        raise ValueError(f"its format is {form}, this program knows {FORM}")
    manifest = _CONVERTER.structure(found, Manifest)
    if document_of(manifest) != document:
        raise ValueError(f"{MANIFEST} is not as admsync writes it")
    return manifest


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
