"""The store: appending events and reading them, on a connection whose transaction is the caller's.

Positions are dense and in commit order: a reader that has seen *n* will never see *n - 1* appear.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from attrs import frozen

from ledger.batch import Batch, batch_of
from ledger.canonical import escaped, unescaped
from ledger.entries import Entry, Recorded, StoredEvent
from ledger.errors import AppendRefused, PartlyKnown, VersionConflict
from ledger.events import CATALOGUE, Catalogue
from ledger.events.catalogue import personal_digests

_T = TypeVar("_T")
CHUNK = 1000
_REFUSALS: Mapping[str, type[AppendRefused]] = {
    "AL001": VersionConflict,
    "AL002": PartlyKnown,
    "AL003": AppendRefused,
    "AL004": AppendRefused,
}
_COLUMNS = (
    "position, event_id, stream, version, subjects, type, schema_version, recorded_at, actor,"
    " run_id, cause, payload::text, hash"
)


@frozen
class Appended:
    """Where a batch stands. ``known``: it stood there already, and nothing was done now."""

    events: Sequence[Recorded]
    known: bool

    @property
    def positions(self) -> list[int]:
        return [recorded.position for recorded in self.events]


@frozen
class Placed:
    """What ``ledger.append`` says of a batch: its positions, their time, whether it was in."""

    positions: Sequence[int]
    recorded_at: datetime
    known: bool


def append(
    connection: psycopg.Connection[Any],
    entries: Sequence[Entry],
    *,
    actor: str,
    run_id: UUID | None = None,
    expected: Mapping[str, int] | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> Appended:
    """Appends all entries, in order, at the next positions, or none.

    ``expected`` maps streams to the version each must stand at (0: not begun). Raises
    ``VersionConflict`` where one does not, ``PartlyKnown`` where some of the event ids are in
    already; where all are, returns where they stand. Other appends wait until the transaction ends.
    """
    if not entries:
        return Appended([], known=False)
    batch = batch_of(entries, run_id, catalogue)
    placed = append_batch(connection, batch, actor=actor, run_id=run_id, expected=expected)
    events = [
        Recorded(position, placed.recorded_at, actor, run_id, entry.cause, entry.event)
        for position, entry in zip(placed.positions, entries, strict=True)
    ]
    return Appended(events, placed.known)


def append_batch(
    connection: psycopg.Connection[Any],
    batch: Batch,
    *,
    actor: str,
    run_id: UUID | None = None,
    expected: Mapping[str, int] | None = None,
) -> Placed:
    """``append`` for a batch that is written already, of the same run."""
    expected = expected or {}
    try:
        row = connection.execute(
            "SELECT first_position, positions, recorded_at, known"
            " FROM ledger.append(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)",
            (*batch.columns, actor, run_id, list(expected), list(expected.values())),
            binary=True,
        ).fetchone()
    except psycopg.Error as problem:
        refusal = _REFUSALS.get(problem.sqlstate or "")
        if refusal is None:
            raise
        raise refusal(problem.diag.message_primary) from problem
    assert row is not None  # noqa: S101 - the function returns one row or raises
    first, positions, recorded_at, known = row
    placed = Placed(positions if known else range(first, first + batch.size), recorded_at, known)
    if batch.sealed and not placed.known:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO ledger.personal (digest, salt, value) VALUES (%b, %b, %b)",
                [(value.digest, value.salt, escaped(value.value)) for value in batch.sealed],
            )
    return placed


@frozen
class Selection:
    """Which events to read. ``after`` and ``until`` are positions; ``until`` is included.

    ``subjects``, ``types``, ``positions``: events about any of the records, of any of the types, at
    any of the positions.
    """

    after: int = 0
    until: int | None = None
    stream: str | None = None
    subjects: Collection[str] | None = None
    run_id: UUID | None = None
    types: Collection[str] | None = None
    positions: Collection[int] | None = None

    def conditions(self) -> dict[str, tuple[str, object]]:
        """What is asked of ``ledger.events``, by the name of the value bound: condition, value."""
        asked: dict[str, tuple[str, object]] = {
            "stream": ("stream = %(stream)s", self.stream),
            "subjects": ("subjects && %(subjects)s", _array(self.subjects)),
            "run_id": ("run_id = %(run_id)s", self.run_id),
            "types": ("type = ANY(%(types)s)", _array(self.types)),
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

    No more than one chunk is in memory, and no cursor stays open between two of them.
    """
    asked = selection.conditions()
    values: dict[str, object] = {name: value for name, (_, value) in asked.items()}
    values["low"] = selection.after
    values["high"] = 2**63 - 1 if selection.until is None else selection.until
    bounds = "position > %(low)s AND position <= %(high)s"
    order = "DESC" if backwards else "ASC"
    if asked:
        # Materialised, so that a LIMIT cannot tempt the planner to walk the whole ledger by
        # position until it has met enough events.
        where = " AND ".join([bounds, *(condition for condition, _ in asked.values())])
        query = (
            f"WITH found AS MATERIALIZED (SELECT position FROM ledger.events WHERE {where})"
            f" SELECT {_COLUMNS} FROM ledger.events WHERE position IN"
            f" (SELECT position FROM found ORDER BY position {order} LIMIT %(n)s)"
            f" ORDER BY position {order}"
        )
    else:
        query = (
            f"SELECT {_COLUMNS} FROM ledger.events WHERE {bounds}"
            f" ORDER BY position {order} LIMIT %(n)s"
        )
    left = limit
    while left is None or left > 0:
        size = chunk if left is None else min(chunk, left)
        values["n"] = size
        rows = connection.execute(query, values, binary=True).fetchall()
        if rows:
            events = [StoredEvent(*row) for row in rows]
            yield events
            values["high" if backwards else "low"] = events[-1].position - backwards
        if len(rows) < size:
            return
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
) -> list[Recorded]:
    """The events with their payloads read: upcast, personal values filled in where not erased."""
    personal = personal_values(connection, events)
    return [
        Recorded(
            event.position,
            event.recorded_at,
            event.actor,
            event.run_id,
            event.cause,
            catalogue.read(event.type, event.schema_version, event.payload, personal),
        )
        for event in events
    ]


def personal_values(
    connection: psycopg.Connection[Any], events: Sequence[StoredEvent]
) -> dict[str, str]:
    """The personal values that events refer to, by digest, but for those erased."""
    digests = [digest for event in events for digest in personal_digests(event.payload)]
    if not digests:
        return {}
    rows = connection.execute(
        "SELECT encode(digest, 'hex'), value FROM ledger.personal"
        " WHERE digest = ANY(SELECT decode(unnest(%b::text[]), 'hex'))",
        (digests,),
    )
    return {digest: unescaped(value) for digest, value in rows.fetchall()}


def lock(connection: psycopg.Connection[Any]) -> None:
    """Keeps everybody else from appending until the transaction ends, as ``append`` does itself."""
    connection.execute("SELECT pg_advisory_xact_lock(4701961204418127873)")


def head(connection: psycopg.Connection[Any]) -> tuple[int, bytes]:
    """The last position and the chain's link there; 0 and no bytes for an empty ledger."""
    row = connection.execute(
        "SELECT first_position + count - 1, link FROM ledger.appends"
        " ORDER BY first_position DESC LIMIT 1"
    ).fetchone()
    return (row[0], row[1]) if row else (0, b"")
