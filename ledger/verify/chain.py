"""The hash chain: events, appends over them, each append linked to the one before.

An event's hash covers all its columns; an append's root covers its events' hashes in order; its
link covers the root and the link before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import psycopg
from attrs import define, field, frozen

from ledger.store.entries import StoredEvent
from ledger.store.read import CHUNK, Selection, read_chunks

GENESIS = bytes(32)
# How many deviations are collected of each kind: the first ones explain the rest.
MOST = 100
_ADDED = "the event is in no append: it was added by hand"


@frozen
class Deviation:
    """A deviation from the recorded bytes: its place (a position, or a digest), its description."""

    where: str
    position: int | None
    what: str


@define
class Chain:
    """Walks along the events and the appends that claim them."""

    source: Iterator[StoredEvent]
    findings: list[Deviation] = field(factory=list)
    expected: int = 1
    events: int = 0
    appends: int = 0
    waiting: StoredEvent | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self._advance()

    def check(self, append: tuple[int, int, bytes, bytes], before: bytes) -> bytes:
        """Checks an append's events, its root and its link; returns the link as it is written."""
        first, count, root, link = append
        self.appends += 1
        if first != self.expected:
            self._find(self.expected, f"the next append begins at {first}, not {self.expected}")
        self._pass_to(first)
        if self._root(first, first + count) != root:
            self._find(first, f"the root of the append at {first} to {first + count - 1} differs")
        if hashlib.sha256(before + root).digest() != link:
            self._find(first, f"the link of the append at {first} does not follow the one before")
        self.expected = first + count
        return link

    def finish(self) -> None:
        """Reports the remaining events, which belong to no append."""
        self._pass_to(None)

    def found(self, findings: Iterator[Deviation | None]) -> int:
        """Collects the deviations; returns how many items were checked."""
        looked_at = 0
        for finding in findings:
            looked_at += 1
            if finding is not None and len(self.findings) < MOST:
                self.findings.append(finding)
        return looked_at

    def _pass_to(self, position: int | None) -> None:
        while self.waiting and (position is None or self.waiting.position < position):
            self._find(self.waiting.position, _ADDED)
            self._advance()

    def _root(self, first: int, end: int) -> bytes:
        """The root of the hashes of the events from one position to before another."""
        hashes = hashlib.sha256()
        expected = first
        while self.waiting and self.waiting.position < end:
            event = self.waiting
            self._find_missing(expected, event.position)
            if not event.is_as_hashed():
                what = f"the {event.type} is not what was hashed when it was appended"
                self._find(event.position, what)
            hashes.update(event.hash)
            expected = event.position + 1
            self.events += 1
            self._advance()
        self._find_missing(expected, end)
        return hashes.digest()

    def _find_missing(self, first: int, end: int) -> None:
        if first < end:
            several = f"the events to {end - 1} are" if first < end - 1 else "the event is"
            self._find(first, f"{several} missing, or cannot be read")

    def _advance(self) -> None:
        self.waiting = next(self.source, None)

    def _find(self, position: int, what: str) -> None:
        if len(self.findings) < MOST:
            self.findings.append(Deviation(f"position {position}", position, what))


def misshapen(reader: psycopg.Connection[Any]) -> Iterator[Deviation]:
    """Events of a shape no append writes; a read in order, or a hash, would pass over them."""
    found = reader.execute(
        "SELECT position FROM ledger.events WHERE position < 1 OR array_lower(subjects, 1) <> 1"
        f" ORDER BY position LIMIT {MOST}"
    )
    for (position,) in found.fetchall():
        yield Deviation(f"position {position}", position, "the event was written by hand")


def readable(reader: psycopg.Connection[Any]) -> Iterator[list[StoredEvent]]:
    """The events except those with a time outside the calendar, which count as missing."""
    after, chunk = 0, CHUNK
    while True:
        try:
            for events in read_chunks(reader, Selection(after=after), chunk=chunk):
                yield events
                after = events[-1].position
        except psycopg.DataError:
            # It is among the next; they are read one by one up to it, and it is passed over.
            if chunk == 1:
                after = _next_position(reader, after)
            chunk = 1 if chunk > 1 else CHUNK
        else:
            return


def _next_position(reader: psycopg.Connection[Any], after: int) -> int:
    query = "SELECT min(position) FROM ledger.events WHERE position > %b"
    row = reader.execute(query, (after,)).fetchone()
    assert row is not None  # noqa: S101 - an aggregate is one row
    return int(row[0])
