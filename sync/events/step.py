"""Compares the linked pairs of a sync with their tutorial rows, inside its transaction.

What the web application changed in rows of this program is recorded first; then the fields of each
pair are agreed on, applied or listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
from attrs import define, field
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.events import (
    Event,
    FieldsDiffer,
    SessionInstructor,
    SessionInstructorsChanged,
    TutorialRecordChanged,
    TutorialRecordDeleted,
    TutorialRecordEdited,
    TutorialSessionFound,
)
from ledger.replay.ledger_rows import tutorial_ledger_rows
from ledger.schema import acted, adm
from ledger.schema.column_values import Row
from ledger.store.entries import Entry
from ledger.store.tutorial_shape import recorded_tables
from ledger.tables.keys import next_keys
from ledger.tables.shapes.observed import still_there
from ledger.tables.shapes.shape import (
    SESSION_INSTRUCTORS,
    TUTORIAL_EVENTS,
    TUTORIAL_SESSIONS,
    TutorialTables,
)
from ledger.zones import zone_or_default
from sync.events.base import read_bases
from sync.events.decide import Comparing, LinkedRecord
from sync.events.edits import KnownRow, edits, sessions_found
from sync.events.fields import TUTORIAL_TABLES, held_fields
from sync.events.kinds import Translation
from sync.events.tutorial_rows import TutorialRows, read_tutorial_rows

# Keys of rows of instructors, taken from the sequence so many at a time.
_KEYS = 50


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

    def note(self, event: Event) -> None:
        match event:
            case TutorialRecordChanged() | SessionInstructorsChanged(edited=False):
                self.applied += 1
            case TutorialRecordEdited(changes=changes):
                self.edited.append(f"{event.record()}: {', '.join(changes)}")
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
    tables = still_there(reader, recorded_tables(reader))
    ledger = tutorial_ledger_rows(reader, tables)
    known = _known(ledger, tutorial)
    ids = {*known, *(one.tutorial_id for one in records)}
    rows = read_tutorial_rows(reader, tables, tutorial, ids, known)
    for event in _edits(reader, tables, tutorial, ledger, known, rows):
        done.note(event)
        yield Entry(event)
    comparing = Comparing(tables, held_fields(table, tables), _new_keys(connection))
    bases = read_bases(reader, [one.name for one in records])
    translations = _Translations(reader)
    for record in records:
        row = rows.rows.get(record.tutorial_id)
        if row is None:
            if record.tutorial_id in rows.busy:
                done.busy.append(record.key)
            continue
        by = translations.of(record)
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


def _known(rows: Mapping[str, Mapping[int, Row]], table: str) -> dict[int, KnownRow]:
    """The rows of this program's making as the ledger has them."""
    teaching: dict[int, list[SessionInstructor]] = defaultdict(list)
    if table == TUTORIAL_SESSIONS:
        for row_id, row in rows[SESSION_INSTRUCTORS].items():
            one = SessionInstructor(row_id=row_id, instructor_id=row["tutorialinstructor_id"])
            teaching[row["tutorialsessions_id"]].append(one)
    return {
        row_id: KnownRow(row, tuple(teaching.get(row_id, ())))
        for row_id, row in rows[table].items()
    }


def _new_keys(connection: Connection) -> Iterator[int]:
    while True:
        yield from next_keys(connection, acted.SESSION_INSTRUCTORS, _KEYS)


class _Translations:
    """What ids of Administrate are in the tutorial tables, by the links of now; and the zones of
    events."""

    def __init__(self, reader: psycopg.Connection[Any]) -> None:
        linked = {
            adm.LOCATIONS.fullname: "tutorial_location_id",
            adm.VENUES.fullname: "tutorial_venue_id",
            adm.INSTRUCTORS.fullname: "tutorial_instructor_id",
            # May's tutorial events refer to the bridge row of their course template.
            adm.COURSE_TEMPLATES.fullname: "id",
        }
        self._tutorial = {
            table: dict(
                reader.execute(
                    f"SELECT external_id, {column} FROM {table} WHERE {column} IS NOT NULL"
                ).fetchall()
            )
            for table, column in linked.items()
        }
        self._administrate = {
            table: {tutorial: key for key, tutorial in links.items()}
            for table, links in self._tutorial.items()
        }

    def of(self, record: LinkedRecord) -> Translation:
        zone = zone_or_default(record.values.get("timezone"))
        return Translation(zone, self._tutorial, self._administrate)
