"""Appends events, on a connection whose transaction is the caller's.

Positions are dense and in commit order: a reader that has seen *n* will never see *n - 1* appear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from attrs import frozen

from ledger.canonical import escaped
from ledger.errors import AppendRefused, PartlyKnown, VersionConflict
from ledger.events import CATALOGUE, Catalogue
from ledger.events.recorded import Recorded
from ledger.store.batch import Batch, batch_of
from ledger.store.entries import Entry

_REFUSALS: Mapping[str, type[AppendRefused]] = {
    "AL001": VersionConflict,
    "AL002": PartlyKnown,
    "AL003": AppendRefused,
    "AL004": AppendRefused,
}


@frozen
class Appended:
    """The positions of a batch. ``known``: it was in the ledger already, and nothing was done
    now."""

    events: Sequence[Recorded]
    known: bool

    @property
    def positions(self) -> list[int]:
        return [recorded.position for recorded in self.events]


@frozen
class Placed:
    """The result of ``ledger.append``: the positions, their time, whether the batch was in
    already."""

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

    ``expected`` maps streams to their required current version (0: no events). Raises
    ``VersionConflict`` where one differs, ``PartlyKnown`` where some of the event ids are in
    already; where all are, returns their positions. Other appends wait until the transaction ends.
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
    """``append`` for a prepared batch of the same run."""
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


def lock(connection: psycopg.Connection[Any]) -> None:
    """Locks the ledger against other appends until the transaction ends, as ``append`` does."""
    connection.execute("SELECT pg_advisory_xact_lock(4701961204418127873)")


def are_in(connection: psycopg.Connection[Any], entries: Sequence[Entry]) -> bool:
    """Whether the ledger has these entries of one batch: of any other, it may have a part."""
    found = connection.execute(
        "SELECT FROM ledger.events WHERE event_id = ANY(%s)",
        ([entry.event_id for entry in entries],),
    )
    return found.rowcount > 0


def head(connection: psycopg.Connection[Any]) -> tuple[int, bytes]:
    """The last position and the chain's link there; 0 and no bytes for an empty ledger."""
    row = connection.execute(
        "SELECT first_position + count - 1, link FROM ledger.appends"
        " ORDER BY first_position DESC LIMIT 1"
    ).fetchone()
    return (row[0], row[1]) if row else (0, b"")
