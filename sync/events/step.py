"""Compares the linked pairs of a sync with their tutorial rows, inside its transaction.

What the web application changed in rows of this program is recorded first; then the fields of each
pair are agreed on, applied or listed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import psycopg
from attrs import define, field
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.events import (
    Event,
    FieldsDiffer,
    SessionInstructorsChanged,
    TutorialRecordChanged,
    TutorialRecordDeleted,
    TutorialRecordEdited,
    TutorialSessionFound,
)
from ledger.replay.ledger_rows import tutorial_ledger_rows
from ledger.schema.column_values import Row
from ledger.store.entries import Entry
from ledger.store.tutorial_shape import present_tables
from ledger.tables.shapes.shape import (
    TUTORIAL_EVENTS,
    TUTORIAL_SESSIONS,
    TutorialTables,
)
from sync.events.base import read_bases
from sync.events.decide import Comparing, LinkedRecord
from sync.events.edits import KnownRow, edits, known_rows, sessions_found
from sync.events.fields import TUTORIAL_TABLES, held_fields
from sync.events.translations import Translations
from sync.events.tutorial_rows import TutorialRows, new_instructor_keys, read_tutorial_rows


@define
class Compared:
    """What a comparison did: rows changed, edits seen, fields listed anew, records left because
    somebody else is changing their rows, and records to ask Administrate for once more."""

    applied: int = 0
    edited: list[str] = field(factory=list)
    listed: int = 0
    busy: list[str] = field(factory=list)
    ask_again: list[str] = field(factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Its counts, by the names that a run has them under."""
        return {
            "applied": self.applied,
            "edited": len(self.edited),
            "out of step": self.listed,
            "busy": len(self.busy),
        }

    def and_again(self, other: Compared) -> Compared:
        """Together with a second pass over some of its records."""
        return Compared(
            self.applied + other.applied,
            [*self.edited, *other.edited],
            self.listed + other.listed,
            list(dict.fromkeys((*self.busy, *other.busy))),
        )

    def note(self, event: Event, taken_over: Collection[str] = ()) -> None:
        """``taken_over`` are columns that the web application sets to what Administrate has: that
        is no edit of its own."""
        match event:
            case TutorialRecordChanged() | SessionInstructorsChanged(edited=False):
                self.applied += 1
            case TutorialRecordEdited(changes=changes):
                if own := [name for name in changes if name not in taken_over]:
                    self.edited.append(f"{event.record()}: {', '.join(own)}")
            case SessionInstructorsChanged():
                self.edited.append(f"{event.record()}: instructors")
            case TutorialRecordDeleted():
                self.edited.append(f"{event.record()}: deleted")
            case TutorialSessionFound():
                self.edited.append(f"{event.record()}: added")
            case FieldsDiffer(fields=fields):
                self.listed += len(fields)


def compare_pairs(
    connection: Connection,
    table: str,
    records: Sequence[LinkedRecord],
    done: Compared,
    *,
    last: bool = False,
) -> Iterator[Entry]:
    """The events that follow from a bridge table's linked pairs, whose records were just fetched;
    what they did is noted in ``done``. ``last``: the records were asked for again already.

    Called with the append lock held. Rows of this program are locked, none is waited for.
    """
    reader, tutorial = driver(connection), TUTORIAL_TABLES[table]
    tables = present_tables(reader)
    ledger = tutorial_ledger_rows(reader, tables, keep=True)
    known = known_rows(ledger, tutorial)
    ids = {*known, *(one.tutorial_id for one in records)}
    rows = read_tutorial_rows(reader, tables, tutorial, ids, known)
    taken_over = {one.name for one in tables.columns(tutorial) if one.overwritten}
    for event in _edits(reader, tables, tutorial, ledger, known, rows):
        done.note(event, taken_over)
        yield Entry(event)
    comparing = Comparing(tables, held_fields(table, tables), new_instructor_keys(connection))
    bases = read_bases(reader, [one.name for one in records])
    translations = Translations.read(reader)
    for record in records:
        row = rows.rows.get(record.tutorial_id)
        if row is None:
            if record.tutorial_id in rows.busy:
                done.busy.append(record.key)
            continue
        by = translations.by(record.values.get("timezone"))
        decided = comparing.decide(record, row, bases[record.name], by, last=last)
        if decided.ask_again:
            done.ask_again.append(record.key)
        for event in decided.events():
            done.note(event)
            yield Entry(event, record.page)


def _edits(
    reader: psycopg.Connection[Any],
    tables: TutorialTables,
    table: str,
    ledger: Mapping[str, Mapping[int, Row]],
    known: Mapping[int, KnownRow],
    rows: TutorialRows,
) -> Iterator[Event]:
    personal = {one.name for one in tables.columns(table) if one.personal}
    yield from edits(table, known, rows.rows, {*rows.rows, *rows.busy}, personal)
    if table == TUTORIAL_SESSIONS:
        events = list(ledger[TUTORIAL_EVENTS])
        yield from sessions_found(_sessions_found(reader, tables, events, list(known)))


def _sessions_found(
    reader: psycopg.Connection[Any],
    tables: TutorialTables,
    events: list[int],
    known: list[int],
) -> Mapping[int, Row]:
    """The sessions of events of this program's making that it neither made nor has recorded."""
    names = ["id", *(one.name for one in tables.columns(TUTORIAL_SESSIONS))]
    found = reader.execute(
        f"SELECT {', '.join(names)} FROM {TUTORIAL_SESSIONS} s"
        " WHERE tutorial_event_id = ANY(%s) AND id <> ALL(%s) AND NOT EXISTS (SELECT"
        " FROM ledger.events WHERE stream = %s || s.id AND type = %s) ORDER BY id",
        (events, known, f"{TUTORIAL_SESSIONS}/", TutorialSessionFound.__name__),
    )
    return {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}
