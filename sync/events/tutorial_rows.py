"""The tutorial rows of linked events and sessions, as the web application has them now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import psycopg
from attrs import frozen
from sqlalchemy import Connection

from ledger.events import SessionInstructor
from ledger.schema import acted
from ledger.tables.keys import next_keys
from ledger.tables.shapes.shape import SESSION_INSTRUCTORS, TUTORIAL_SESSIONS, TutorialTables
from ledger.values import Value
from sync.events.fields import HeldField

# Keys of rows of instructors, so many at a time.
_KEYS = 50


@frozen
class TutorialRow:
    """A tutorial event or session: its columns, a session's instructors, and whether this program
    made it."""

    row_id: int
    columns: Mapping[str, Any]
    instructors: tuple[SessionInstructor, ...] = ()
    ours: bool = False

    def value(self, held: HeldField) -> Value:
        """A field's value as it is compared."""
        if not held.columns:
            raw: Any = [one.instructor_id for one in self.instructors]
        else:
            raw = self.columns[held.columns[0].name]
        return held.field.kind.of_tutorial(raw)


@frozen
class TutorialRows:
    """Rows by primary key. ``busy`` are those of this program that somebody else is changing, which
    are not read."""

    rows: Mapping[int, TutorialRow]
    busy: frozenset[int] = frozenset()


def read_tutorial_rows(
    connection: psycopg.Connection[Any],
    tables: TutorialTables,
    table: str,
    ids: Collection[int],
    ours: Collection[int],
) -> TutorialRows:
    """The rows of these ids; those of ``ours`` are locked until the transaction ends, so that what
    is decided about them holds. Nothing is waited for."""
    made, theirs = [i for i in ids if i in ours], [i for i in ids if i not in ours]
    columns = _columns(connection, tables, table, made, "FOR UPDATE SKIP LOCKED")
    there = connection.execute(f"SELECT id FROM {table} WHERE id = ANY(%s)", (made,)).fetchall()
    busy = {row_id for (row_id,) in there} - columns.keys()
    columns |= _columns(connection, tables, table, theirs, "")
    teaching: Mapping[int, list[SessionInstructor]] = {}
    if table == TUTORIAL_SESSIONS:
        teaching, moving = _instructors(connection, columns, ours)
        busy |= moving
    return TutorialRows(
        {
            row_id: TutorialRow(row_id, row, tuple(teaching.get(row_id, ())), row_id in ours)
            for row_id, row in columns.items()
            if row_id not in busy
        },
        frozenset(busy),
    )


def new_instructor_keys(connection: Connection) -> Iterator[int]:
    """Keys for new rows of instructors, taken from their sequence as they are needed."""
    while True:
        yield from next_keys(connection, acted.SESSION_INSTRUCTORS, _KEYS)


def _columns(
    connection: psycopg.Connection[Any],
    tables: TutorialTables,
    table: str,
    ids: Iterable[int],
    locked: str,
) -> dict[int, dict[str, Any]]:
    names = ["id", *(column.name for column in tables.columns(table))]
    rows = connection.execute(
        f"SELECT {', '.join(names)} FROM {table} WHERE id = ANY(%s) ORDER BY id {locked}",
        (list(ids),),
    )
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows.fetchall()}


def _instructors(
    connection: psycopg.Connection[Any], sessions: Collection[int], ours: Collection[int]
) -> tuple[Mapping[int, list[SessionInstructor]], set[int]]:
    """The instructors of sessions, and the sessions whose rows of instructors are being changed."""
    query = (
        "SELECT id, tutorialsessions_id, tutorialinstructor_id"
        f" FROM {SESSION_INSTRUCTORS} WHERE tutorialsessions_id = ANY(%s) ORDER BY id"
    )
    made = [one for one in sessions if one in ours]
    locked = {row[0] for row in connection.execute(f"{query} FOR UPDATE SKIP LOCKED", (made,))}
    found: dict[int, list[SessionInstructor]] = defaultdict(list)
    moving: set[int] = set()
    for row_id, session, instructor in connection.execute(query, (list(sessions),)).fetchall():
        found[session].append(SessionInstructor(row_id=row_id, instructor_id=instructor))
        if session in ours and row_id not in locked:
            moving.add(session)
    return found, moving
