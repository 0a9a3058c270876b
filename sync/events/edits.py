"""What the web application changed in tutorial rows of this program's making, as events. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from attrs import frozen

from ledger.events import (
    Event,
    FieldChange,
    SessionInstructor,
    SessionInstructorsChanged,
    TutorialRecordDeleted,
    TutorialRecordEdited,
    TutorialSessionFound,
)
from ledger.schema.column_values import Row
from ledger.tables.shapes.shape import SESSION_INSTRUCTORS, TUTORIAL_SESSIONS
from sync.events.tutorial_rows import TutorialRow

# Columns that the web application counts down with each sale, and stamps: nobody's edit.
NOBODYS = frozenset({"id", "remain_space", "created_at", "updated_at"})


@frozen
class KnownRow:
    """A row as the ledger knows it: its columns, and a session's instructors."""

    columns: Row
    instructors: tuple[SessionInstructor, ...] = ()


def known_rows(rows: Mapping[str, Mapping[int, Row]], table: str) -> dict[int, KnownRow]:
    """The rows of this program's making as the ledger has them, by id."""
    teaching: dict[int, list[SessionInstructor]] = defaultdict(list)
    if table == TUTORIAL_SESSIONS:
        for row_id, row in rows[SESSION_INSTRUCTORS].items():
            one = SessionInstructor(row_id=row_id, instructor_id=row["tutorialinstructor_id"])
            teaching[row["tutorialsessions_id"]].append(one)
    return {
        row_id: KnownRow(row, tuple(teaching.get(row_id, ())))
        for row_id, row in rows[table].items()
    }


def edits(
    table: str,
    known: Mapping[int, KnownRow],
    current: Mapping[int, TutorialRow],
    there: Collection[int],
    personal: Collection[str] = (),
) -> Iterator[Event]:
    """The events of rows that were edited or deleted since the ledger last saw them.

    ``there`` are the ids that exist, rows that are busy included; columns that are ``personal`` are
    not recorded.
    """
    for row_id, row in known.items():
        if row_id not in there:
            yield TutorialRecordDeleted(
                table=table,
                row_id=row_id,
                fields={
                    name: value
                    for name, value in row.columns.items()
                    if name != "id" and name not in personal
                },
                instructors=row.instructors,
            )
        elif row_id in current:
            yield from _edited(table, row, current[row_id], personal)


def sessions_found(rows: Mapping[int, Mapping[str, Any]]) -> Iterator[TutorialSessionFound]:
    """The events of sessions that the web application added to events of this program's making."""
    for row_id, row in rows.items():
        fields = {n: v for n, v in row.items() if n not in ("id", "tutorial_event_id")}
        yield TutorialSessionFound(row_id=row_id, event_id=row["tutorial_event_id"], fields=fields)


def _edited(
    table: str, known: KnownRow, current: TutorialRow, personal: Collection[str]
) -> Iterator[Event]:
    changes = {
        name: FieldChange(before=value, after=current.columns[name])
        for name, value in known.columns.items()
        if name in current.columns
        and name not in NOBODYS
        and name not in personal
        and current.columns[name] != value
    }
    if changes:
        yield TutorialRecordEdited(table=table, row_id=current.row_id, changes=changes)
    before, after = set(known.instructors), set(current.instructors)
    if before != after:
        yield SessionInstructorsChanged(
            row_id=current.row_id,
            added=tuple(sorted(after - before, key=_row_id)),
            removed=tuple(sorted(before - after, key=_row_id)),
            edited=True,
        )


def _row_id(one: SessionInstructor) -> int:
    return one.row_id
