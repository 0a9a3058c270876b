"""Blobs and personal values that events reference: stored answers, workbooks and people's values.

Each is named by the digest of its bytes, and is either present and intact, or erased.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg
from attrs import define, field

from ledger.canonical import unescaped
from ledger.errors import UnreadableEvent
from ledger.events import CATALOGUE
from ledger.events.base import BLOB, ERASED
from ledger.events.catalogue import personal_digest, personal_digests
from ledger.store.blobs import blob_digest, unpacked
from ledger.store.entries import StoredEvent
from ledger.store.read import rows_by_key
from ledger.verify.chain import MOST, Deviation

_HEX = re.compile(r"[0-9a-f]{64}")
# The types of the few events that name a blob, or erased ones.
_NAMING = CATALOGUE.holding(BLOB).keys()
_ERASING = CATALOGUE.holding(ERASED).keys()


@define
class References:
    """Reads passing events, looks up the blobs and values that they reference, and collects the
    missing ones and the events that cannot be read."""

    reader: psycopg.Connection[Any]
    absent: dict[str, int] = field(factory=dict)
    erased: set[str] = field(factory=set)
    unreadable: list[Deviation] = field(factory=list)

    def passing(self, chunks: Iterator[list[StoredEvent]]) -> Iterator[StoredEvent]:
        """The events, while their references are looked up, a chunk at a time."""
        for events in chunks:
            legible = [event for event in events if self._is_legible(event)]
            naming = [event for event in legible if event.type in _NAMING]
            erasing = [event for event in legible if event.type in _ERASING]
            self._look_up("personal", events, lambda one: personal_digests(one.payload))
            self._look_up("blobs", naming, lambda one: _held(BLOB, one))
            self.erased.update(digest for event in erasing for digest in _held(ERASED, event))
            yield from events

    def missing(self) -> Iterator[Deviation | None]:
        """The references that are neither present nor recorded as erased."""
        for digest, position in self.absent.items():
            if digest not in self.erased:
                what = f"{digest}, which it refers to, is gone, not erased"
                yield Deviation(f"position {position}", position, what)

    def _is_legible(self, event: StoredEvent) -> bool:
        try:
            CATALOGUE.read(event.type, event.schema_version, event.payload, {})
            named = _held(BLOB, event) if event.type in _NAMING else []
            why = None if all(map(_HEX.fullmatch, named)) else "its digest is none"
        except UnreadableEvent as problem:
            why = str(problem)
        if why is not None and len(self.unreadable) < MOST:
            what = f"the event cannot be read: {why}"
            self.unreadable.append(Deviation(f"position {event.position}", event.position, what))
        return why is None

    def _look_up(
        self, table: str, events: list[StoredEvent], digests: Callable[[StoredEvent], list[str]]
    ) -> None:
        named = {d: event.position for event in events for d in digests(event) if _HEX.fullmatch(d)}
        if named:
            found = self.reader.execute(
                f"SELECT encode(digest, 'hex') FROM ledger.{table}"
                " WHERE digest = ANY(SELECT decode(unnest(%b::text[]), 'hex'))",
                (list(named),),
            )
            there = {digest for (digest,) in found.fetchall()}
            self.absent |= {d: at for d, at in named.items() if d not in there}


def _held(content: Mapping[str, str], event: StoredEvent) -> list[str]:
    return CATALOGUE.held(content, event.type, event.payload)


def blob_findings(reader: psycopg.Connection[Any]) -> Iterator[Deviation | None]:
    """Each blob: that no stored byte has changed, and that it unpacks to what its name says."""
    columns = "content, content_digest"
    for digest, content, of_content in rows_by_key(
        reader, "digest", "ledger.blobs", columns, chunk=50
    ):
        where = f"blob {digest.hex()}"
        sound = blob_digest(content) == of_content and unpacked(digest, content) is not None
        yield None if sound else Deviation(where, None, "the stored bytes are not what was stored")


def personal_findings(reader: psycopg.Connection[Any]) -> Iterator[Deviation | None]:
    for digest, salt, value in rows_by_key(reader, "digest", "ledger.personal", "salt, value"):
        sound = personal_digest(salt, unescaped(value)) == digest
        where = f"personal value {digest.hex()}"
        yield None if sound else Deviation(where, None, "the value is not what was stored")
