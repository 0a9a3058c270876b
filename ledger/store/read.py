"""Reads selected events in order, a bounded number in memory at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from attrs import frozen

from ledger.canonical import unescaped
from ledger.errors import UnreadableEvent
from ledger.events import CATALOGUE, Catalogue
from ledger.events.catalogue import personal_digests
from ledger.events.recorded import Recorded
from ledger.store.entries import StoredEvent, Unreadable

_T = TypeVar("_T")
CHUNK = 1000
# How many chunks' positions are found at once: for fifty thousand events, a few megabytes.
_CHUNKS_FOUND = 50
_COLUMNS = (
    "position, event_id, stream, version, subjects, type, schema_version, recorded_at, actor,"
    " run_id, cause, payload::text, hash"
)
_FAILING = (
    "(type = ANY(%(failing)s) OR type = 'WriteAnswered' AND payload ->> 'outcome' <> 'written')"
)


@frozen
class Selection:
    """Which events to read. ``after`` and ``until`` are positions; ``until`` is included.

    ``subjects``, ``types``, ``positions``: events about any of the records, of any of the types, at
    any of the positions. ``streams``: events of any of these streams; ``table``: of the streams of
    a table's records.
    """

    after: int = 0
    until: int | None = None
    stream: str | None = None
    subjects: Collection[str] | None = None
    run_id: UUID | None = None
    types: Collection[str] | None = None
    positions: Collection[int] | None = None
    table: str | None = None
    streams: Collection[str] | None = None
    # Of these types, or writes that were answered otherwise than by doing them.
    failing: Collection[str] | None = None

    def conditions(self) -> dict[str, tuple[str, object]]:
        """What is asked of ``ledger.events``, by the name of the value bound: condition, value."""
        asked: dict[str, tuple[str, object]] = {
            "stream": ("stream = %(stream)s", self.stream),
            "subjects": ("subjects && %(subjects)s", _array(self.subjects)),
            "run_id": ("run_id = %(run_id)s", self.run_id),
            "types": ("type = ANY(%(types)s)", _array(self.types)),
            "streams": ("stream = ANY(%(streams)s)", _array(self.streams)),
            "table": ("starts_with(stream, %(table)s)", self.table and f"{self.table}/"),
            "failing": (_FAILING, _array(self.failing)),
            "positions": ("position = ANY(%(positions)s)", _array(self.positions)),
        }
        return {name: pair for name, pair in asked.items() if pair[1] is not None}


EVERYTHING = Selection()


def _array(given: Collection[_T] | None) -> list[_T] | None:
    return None if given is None else list(given)


def read_chunks(
    connection: psycopg.Connection[Any],
    selection: Selection = EVERYTHING,
    *,
    backwards: bool = False,
    limit: int | None = None,
    chunk: int = CHUNK,
) -> Iterator[list[StoredEvent]]:
    """The selected events in order of position, or backwards, ``chunk`` at a time.

    No more than one chunk is in memory, of the following ones the positions at most; no cursor
    stays open between two of them.
    """
    asked = selection.conditions()
    values: dict[str, object] = {name: value for name, (_, value) in asked.items()}
    values["low"] = selection.after
    values["high"] = 2**63 - 1 if selection.until is None else selection.until
    bounds = "position > %(low)s AND position <= %(high)s"
    in_order = f"ORDER BY position {'DESC' if backwards else 'ASC'}"
    if not asked:
        query = f"SELECT {_COLUMNS} FROM ledger.events WHERE {bounds} {in_order} LIMIT %(n)s"
        for rows in _batches(connection, query, values, limit, chunk, backwards=backwards):
            yield [StoredEvent(*row) for row in rows]
        return
    # The positions first, those of many chunks at once: finding them means going through all that
    # are left. Materialised, so that the LIMIT cannot tempt the planner to walk the whole ledger
    # by position until it has met enough events.
    where = " AND ".join([bounds, *(condition for condition, _ in asked.values())])
    query = (
        f"WITH found AS MATERIALIZED (SELECT position FROM ledger.events WHERE {where})"
        f" SELECT position FROM found {in_order} LIMIT %(n)s"
    )
    at_these = f"SELECT {_COLUMNS} FROM ledger.events WHERE position = ANY(%b) {in_order}"
    size = chunk * _CHUNKS_FOUND
    for found in _batches(connection, query, values, limit, size, backwards=backwards):
        for start in range(0, len(found), chunk):
            positions = [position for (position,) in found[start : start + chunk]]
            rows = connection.execute(at_these, (positions,), binary=True).fetchall()
            yield [StoredEvent(*row) for row in rows]


def _batches(
    connection: psycopg.Connection[Any],
    query: str,
    values: dict[str, object],
    limit: int | None,
    size: int,
    *,
    backwards: bool,
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query, ``size`` at a time, each batch from where the one before ended.

    The query's first column is the position, which it binds as ``low`` and ``high``, and ``n``.
    """
    left = limit
    while left is None or left > 0:
        wanted = size if left is None else min(size, left)
        rows = connection.execute(query, {**values, "n": wanted}, binary=True).fetchall()
        if rows:
            yield rows
        if len(rows) < wanted:
            return
        values["high" if backwards else "low"] = rows[-1][0] - backwards
        if left is not None:
            left -= len(rows)


def read(
    connection: psycopg.Connection[Any],
    selection: Selection = EVERYTHING,
    *,
    backwards: bool = False,
    limit: int | None = None,
) -> Iterator[StoredEvent]:
    """The selected events one by one; see ``read_chunks``."""
    for events in read_chunks(connection, selection, backwards=backwards, limit=limit):
        yield from events


def decoded(
    connection: psycopg.Connection[Any],
    events: Sequence[StoredEvent],
    catalogue: Catalogue = CATALOGUE,
    *,
    tolerant: bool = False,
) -> list[Recorded]:
    """The events with their payloads read: upcast, personal values filled in where not erased.

    Raises ``UnreadableEvent`` where one cannot be read; ``tolerant``: that one is ``Unreadable``.
    """
    personal = personal_values(connection, events)
    return [recorded(event, personal, catalogue, tolerant=tolerant) for event in events]


def recorded(
    stored: StoredEvent,
    personal: Mapping[str, str],
    catalogue: Catalogue = CATALOGUE,
    *,
    tolerant: bool = False,
) -> Recorded:
    """A stored event with its payload read, as ``decoded`` does it for many."""
    kind, version = stored.type, stored.schema_version
    try:
        event = catalogue.read(kind, version, stored.payload, personal)
    except UnreadableEvent as problem:
        if not tolerant:
            raise UnreadableEvent(
                f"the event at position {stored.position} cannot be read: {problem}"
            ) from problem
        why = str(problem)
        event = Unreadable(stream=stored.stream, type=kind, version=version, why=why)
    return Recorded(
        stored.position, stored.recorded_at, stored.actor, stored.run_id, stored.cause, event
    )


def read_recorded(
    connection: psycopg.Connection[Any],
    selection: Selection = EVERYTHING,
    *,
    backwards: bool = False,
    catalogue: Catalogue = CATALOGUE,
    tolerant: bool = False,
) -> Iterator[Recorded]:
    """The selected events one by one, ``decoded``; see ``read_chunks``."""
    for events in read_chunks(connection, selection, backwards=backwards):
        yield from decoded(connection, events, catalogue, tolerant=tolerant)


def personal_values(
    connection: psycopg.Connection[Any], events: Sequence[StoredEvent]
) -> dict[str, str]:
    """The personal values referenced by events, by digest, without erased ones."""
    digests = [digest for event in events for digest in personal_digests(event.payload)]
    if not digests:
        return {}
    rows = connection.execute(
        "SELECT encode(digest, 'hex'), value FROM ledger.personal"
        " WHERE digest = ANY(SELECT decode(unnest(%b::text[]), 'hex'))",
        (digests,),
    )
    return {digest: unescaped(value) for digest, value in rows.fetchall()}


def rows_by_key(
    connection: psycopg.Connection[Any], key: str, table: str, columns: str, *, chunk: int = CHUNK
) -> Iterator[tuple[Any, ...]]:
    """A table's rows, its key first, in the order of the key; a chunk in memory at a time."""
    after: object | None = None
    while True:
        beyond = "" if after is None else f"WHERE {key} > %(k)s"
        rows = connection.execute(
            f"SELECT {key}, {columns} FROM {table} {beyond} ORDER BY {key} LIMIT {chunk}",
            {"k": after},
            binary=True,
        ).fetchall()
        yield from rows
        if len(rows) < chunk:
            return
        after = rows[-1][0]
