"""Verify: every byte of the ledger is as it was written, and nothing is missing or added.

An event's hash covers all its columns; an append's root covers its events' hashes in order; its
link covers the root and the link before it. A stored answer and a person's value are named by the
digest of their bytes. All of it is read once, in order, in bounded memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from attrs import define, field, frozen

from ledger.blobs import unpacked
from ledger.canonical import unescaped
from ledger.database import Database, driver
from ledger.entries import StoredEvent
from ledger.events.catalogue import personal_digest, personal_digests
from ledger.store import CHUNK, Selection, read, read_chunks

GENESIS = bytes(32)
_ADDED = "the event is in no append: it was added by hand"
_HEX = re.compile(r'"([0-9a-f]{64})"')
_BLOB = re.compile(r'"digest":"([0-9a-f]{64})"')


@frozen
class Finding:
    """Something that is not as it was written: where (a position, or a digest), and what."""

    where: str
    position: int | None
    what: str


@frozen
class Verified:
    """What was checked, what was found, and the chain's head: its last position and its link."""

    events: int
    appends: int
    blobs: int
    position: int
    link: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.findings


def blob_digests(payload: str) -> list[str]:
    """The digests of the stored answers and workbooks a payload refers to, as ``digest``."""
    return _BLOB.findall(payload)


def verify_chain(database: Database, *, anchor: str | None = None) -> Verified:
    """Reads the whole ledger once. ``anchor`` is a link noted elsewhere that must be on the chain.

    Findings beyond the hundredth are not collected: the first ones say what happened.
    """
    with database.snapshot() as connection:
        reader = driver(connection)
        kept = _Kept(reader)
        chain = _Chain(kept.passing(_readable(reader)))
        chain.found(_misshapen(reader))
        link = GENESIS
        for append in _rows(reader, "first_position", "ledger.appends", "count, root, link"):
            link = chain.check(append, link)
        chain.finish()
        blobs = chain.found(_blob_findings(reader))
        chain.found(_personal_findings(reader))
        chain.found(kept.missing())
        if anchor is not None and not _on_chain(reader, anchor):
            chain.findings.append(
                Finding("anchor", None, f"no append has the link {anchor}: this is another chain")
            )
    position = chain.expected - 1
    return Verified(
        chain.events, chain.appends, blobs, position, link.hex(), tuple(chain.findings[:100])
    )


@define
class _Chain:
    """The events, walked along with the appends that claim them."""

    source: Iterator[StoredEvent]
    findings: list[Finding] = field(factory=list)
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
        """Whatever event is left belongs to no append."""
        self._pass_to(None)

    def found(self, findings: Iterator[Finding | None]) -> int:
        """Collects findings of the things looked through; returns how many things there were."""
        looked_at = 0
        for finding in findings:
            looked_at += 1
            if finding is not None:
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
        if len(self.findings) < 100:
            self.findings.append(Finding(f"position {position}", position, what))


def _misshapen(reader: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Events that no append writes, and that reading them in order or hashing them passes over."""
    found = reader.execute(
        "SELECT position FROM ledger.events WHERE position < 1 OR array_lower(subjects, 1) <> 1"
        " ORDER BY position LIMIT 100"
    )
    for (position,) in found.fetchall():
        yield Finding(f"position {position}", position, "the event was written by hand")


def _readable(reader: psycopg.Connection[Any]) -> Iterator[list[StoredEvent]]:
    """The events, but for those at a time that no calendar holds: they count as missing."""
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


@define
class _Kept:
    """What events refer to outside themselves, and whether it is there or was erased."""

    reader: psycopg.Connection[Any]
    absent: dict[str, int] = field(factory=dict)

    def passing(self, chunks: Iterator[list[StoredEvent]]) -> Iterator[StoredEvent]:
        """The events, while what each of them refers to is looked up, a chunk at a time."""
        for events in chunks:
            self._look_up("personal", events, personal_digests)
            self._look_up("blobs", events, blob_digests)
            yield from events

    def missing(self) -> Iterator[Finding | None]:
        """What is neither there nor said to be erased."""
        if not self.absent:
            return
        for event in read(self.reader, Selection(types=["PersonErased"])):
            for digest in _HEX.findall(event.payload):
                self.absent.pop(digest, None)
        for digest, position in self.absent.items():
            where = f"position {position}"
            yield Finding(where, position, f"{digest}, which it refers to, is gone, not erased")

    def _look_up(
        self, table: str, events: list[StoredEvent], digests: Callable[[str], list[str]]
    ) -> None:
        named = {d: event.position for event in events for d in digests(event.payload)}
        if named:
            found = self.reader.execute(
                f"SELECT encode(digest, 'hex') FROM ledger.{table}"
                " WHERE digest = ANY(SELECT decode(unnest(%b::text[]), 'hex'))",
                (list(named),),
            )
            there = {digest for (digest,) in found.fetchall()}
            self.absent |= {d: at for d, at in named.items() if d not in there}


def _blob_findings(reader: psycopg.Connection[Any]) -> Iterator[Finding | None]:
    for digest, content in _rows(reader, "digest", "ledger.blobs", "content", chunk=50):
        where = f"blob {digest.hex()}"
        sound = unpacked(digest, content) is not None
        yield None if sound else Finding(where, None, "the stored bytes are not what was stored")


def _personal_findings(reader: psycopg.Connection[Any]) -> Iterator[Finding | None]:
    for digest, salt, value in _rows(reader, "digest", "ledger.personal", "salt, value"):
        sound = personal_digest(salt, unescaped(value)) == digest
        where = f"personal value {digest.hex()}"
        yield None if sound else Finding(where, None, "the value is not what was stored")


def _rows(
    reader: psycopg.Connection[Any], key: str, table: str, columns: str, *, chunk: int = CHUNK
) -> Iterator[tuple[Any, ...]]:
    """A table's rows in the order of its key, a chunk in memory at a time."""
    after: object | None = None
    while True:
        beyond = "" if after is None else f"WHERE {key} > %(k)s"
        rows = reader.execute(
            f"SELECT {key}, {columns} FROM {table} {beyond} ORDER BY {key} LIMIT {chunk}",
            {"k": after},
            binary=True,
        ).fetchall()
        yield from rows
        if len(rows) < chunk:
            return
        after = rows[-1][0]


def _on_chain(reader: psycopg.Connection[Any], anchor: str) -> bool:
    try:
        link = bytes.fromhex(anchor)
    except ValueError:
        return False
    found = reader.execute("SELECT 1 FROM ledger.appends WHERE link = %b", (link,)).fetchone()
    return found is not None
