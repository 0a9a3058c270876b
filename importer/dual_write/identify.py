"""Records the Administrate ids of bridge rows, and merges rows the web application made meanwhile.

In May's shape it receives Administrate's webhooks: before an import has recorded the id of its
event, the web application may insert a bridge row for it. The two are merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import psycopg
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import DatabaseError
from ledger.events import BridgeRowMerged, RecordIdentified
from ledger.rollback.changes import RowKey
from ledger.rollback.facts import lock_rows, references_to
from ledger.runs.run import Run
from ledger.schema import adm
from ledger.schema.column_values import field_value

_ATTEMPTS = 5


class DoublyBridged(DatabaseError):
    """A record has a second bridge row, which cannot be deleted."""


def append_identified(run: Run, events: Sequence[RecordIdentified], *, cause: int) -> None:
    """Appends the events; another writer's bridge row with one of their ids is deleted by an event
    in the same append.

    Raises ``DoublyBridged`` where rows of other tables refer to it.
    """
    lock = partial(_lock_tutorial_rows, events=events)
    for attempt in range(_ATTEMPTS):
        with run.ledger.database.transaction() as connection:
            merged = list(_merged(connection, events))
        try:
            run.append(*merged, *events, cause=cause, beside=lock)
        except DatabaseError as problem:
            # Inserted between the query and the append.
            if not _is_taken(problem) or attempt + 1 == _ATTEMPTS:
                raise
        else:
            return


def _merged(
    connection: Connection, events: Sequence[RecordIdentified]
) -> Iterator[BridgeRowMerged]:
    for name in dict.fromkeys(event.table for event in events):
        table, ours = adm.BY_NAME[name], {e.key: e.row_id for e in events if e.table == name}
        rows = driver(connection).execute(
            f"SELECT {table.selected} FROM {name}"
            " WHERE external_id = ANY(%s) AND id <> ALL(%s) ORDER BY id",
            (list(ours), list(ours.values())),
        )
        theirs = [dict(zip(table.by_name, row, strict=True)) for row in rows.fetchall()]
        for reference in references_to(connection, [RowKey(name, row["id"]) for row in theirs]):
            raise DoublyBridged(
                f"{name} has a row id={reference.to.id} of another writer for a record that this"
                f" import made, and {reference.table}.{reference.column} refers to it: point that"
                f" to id={ours[_key(theirs, reference.to.id)]} and resume"
            )
        for row in theirs:
            yield BridgeRowMerged(
                table=name,
                key=row["external_id"],
                row_id=ours[row["external_id"]],
                merged=row["id"],
                fields={c: field_value(table, c, v) for c, v in row.items() if c != "id"},
            )


def _key(rows: Sequence[dict[str, object]], row_id: object) -> str:
    return next(str(row["external_id"]) for row in rows if row["id"] == row_id)


def _lock_tutorial_rows(connection: Connection, events: Sequence[RecordIdentified]) -> None:
    """Locks the tutorial rows, as webhooks do before bridge rows, so that none writes
    concurrently."""
    lock_rows(connection, [RowKey.of(event.linked) for event in events if event.linked])


def _is_taken(problem: DatabaseError) -> bool:
    return isinstance(problem.__cause__, psycopg.errors.UniqueViolation)
