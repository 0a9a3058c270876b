"""Changes one event: the writes to Administrate, then what follows from them here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import psycopg
from attrs import evolve, frozen
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import AdmsyncError
from ledger.events import (
    ChangePlanned,
    Event,
    FieldChange,
    RecordChanged,
    TutorialRecordChanged,
    tutorial_key,
)
from ledger.events.agreement import Pair
from ledger.output.words import shown
from ledger.replay.ledger_rows import tutorial_ledger_rows
from ledger.runs.run import Run
from ledger.schema import adm
from ledger.store.append import lock
from ledger.store.entries import Entry
from ledger.store.tutorial_shape import present_tables
from ledger.tables.shapes.shape import TutorialTables
from ledger.values import Value
from sync.administrate.reads.listings import Record
from sync.changes.chosen import Chosen, read_linked_events
from sync.changes.plan import values_set
from sync.changes.reading import read_as_they_are, values_there
from sync.changes.requests import Labels, request_again
from sync.events.base import read_bases
from sync.events.comparison import Decided
from sync.events.decide import Comparing, LinkedRecord
from sync.events.fields import FIELDS, TUTORIAL_TABLES, administrate_values, held_fields
from sync.events.kinds import Flag, Kind, Number, Word
from sync.events.labels import TYPES, read_labels
from sync.events.translations import Translations
from sync.events.tutorial_rows import TutorialRow, new_instructor_keys, read_tutorial_rows
from sync.writing.slots import not_done, open_requests
from sync.writing.writer import Writer

# Kinds whose values a bridge row's column of the field's name holds as they are.
_PLAIN = (Kind, Word, Number, Flag)
# The seats left of an event, which follow its places.
_SEATS, _SEATS_OF = "remain_space", "max_places"


@frozen
class ChangeOutcome:
    """What became of one event: what Administrate refused, what was not done in the tutorial
    tables, and the error that ended it early."""

    event: str
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stopped: AdmsyncError | None = None
    tried: bool = True

    @property
    def done(self) -> bool:
        return self.tried and self.stopped is None and not self.refused


@frozen
class EventChanger:
    """Changes events for one run; shared by its threads, each with an event of its own.

    ``agreed_as`` is how the bases are set; ``ours`` are, by tutorial table, the rows of this
    program's making; ``there`` is what Administrate holds of each record as the work begins.
    """

    run: Run
    writer: Writer
    agreed_as: str
    labels: Labels
    tables: TutorialTables
    ours: Mapping[str, Collection[int]]
    translations: Translations
    there: Mapping[str, Mapping[str, Value]]

    @classmethod
    def of(cls, run: Run, writer: Writer, agreed_as: str, events: Collection[str]) -> EventChanger:
        """With what is read once for all these events."""
        database = run.ledger.database
        linked = read_linked_events(database, Chosen(records=tuple(events)))
        there = values_there(read_as_they_are(database, writer.client, linked))
        with run.ledger.database.driver_transaction() as connection:
            tables = present_tables(connection)
            ours = tutorial_ledger_rows(connection, tables)
            labels = read_labels(connection)
            translations = Translations.read(connection)
        return cls(run, writer, agreed_as, labels, tables, ours, translations, there)

    def change(self, event: str, planned: Sequence[ChangePlanned]) -> ChangeOutcome:
        done: list[tuple[ChangePlanned, Record]] = []
        refused: list[str] = []
        notes: list[str] = []
        stopped = None
        try:
            for one in planned:
                request = request_again(one.operation, one.input)
                record = one.record()
                if moved := self._moved(one):
                    refused.append(moved)
                    if record == event:
                        break
                    continue
                answer = self.writer.write(request, about=record, slot=slot_of(record))
                if answer.done:
                    done.append((one, answer.record))
                    continue
                refused.append(f"{record}: {answer.said}")
                if record == event:
                    # Its sessions follow it.
                    break
        except AdmsyncError as problem:
            stopped = problem
        try:
            if done:
                notes += self._agree(done)
        except AdmsyncError as problem:
            stopped = stopped or problem
        return ChangeOutcome(event, tuple(refused), tuple(notes), stopped)

    def _moved(self, one: ChangePlanned) -> str:
        """Why a record is left as it is: somebody has changed it in Administrate since it was
        planned, be it long ago, of a run that stopped."""
        record = one.record()
        if self.writer.is_done(slot_of(record)):
            return ""
        now = self.there.get(record, {})
        for name, wanted in values_set(one).items():
            was = one.administrate.get(name, wanted)
            there = now.get(name, was)
            if name in one.administrate and there not in (was, wanted):
                by_now = f"Administrate holds {shown(there)} by now, not {shown(was)}"
                self._let_go(record, by_now)
                return f"{record}: {name.replace('_', ' ')}: {by_now}"
        return ""

    def _let_go(self, record: str, why: str) -> None:
        """Closes the write of a record that had no answer: whatever became of it is overtaken."""
        with self.run.ledger.database.transaction() as connection:
            lock(driver(connection))
            closed = [
                not_done(request, "Overtaken", why)
                for request in open_requests(connection, [self.run.run_id])
                if request.event.record() == record
            ]
            if closed:
                self.run.ledger.append_in(connection, closed, run_id=self.run.run_id)

    def _agree(self, done: Sequence[tuple[ChangePlanned, Record]]) -> list[str]:
        """Has the tutorial rows and what both sides agree on follow the answered writes, in one
        transaction; returns what did not."""
        notes: list[str] = []
        with self.run.ledger.database.transaction() as connection:
            lock(driver(connection))
            entries: list[Entry] = []
            for one, record in done:
                events, note = self._following(connection, one, record)
                entries += [Entry(event) for event in events]
                notes += [note] if note else []
            if entries:
                self.run.ledger.append_in(connection, entries, run_id=self.run.run_id)
        return notes

    def _following(
        self, connection: Connection, one: ChangePlanned, record: Record
    ) -> tuple[list[Event], str]:
        """What follows from one answered write: the bridge row's columns, the tutorial row, the
        base; and why that is not all."""
        reader = driver(connection)
        answered = administrate_values(record, one.table, self.labels.get(TYPES[one.table], {}))
        held = {name: answered.get(name, value) for name, value in one.wanted.items()}
        other = [name for name, value in one.wanted.items() if held[name] != value]
        if other:
            said = ", ".join(f"{name} is still {held[name]}" for name in other)
            return [], f"{one.record()}: Administrate answered that {said}"
        events: list[Event] = list(_bridge_columns(reader, one, held))
        if one.tutorial is None or not (one.before or _SEATS_OF in one.wanted):
            return events, ""
        table = TUTORIAL_TABLES[one.table]
        row_id = tutorial_key(one.tutorial)
        rows = read_tutorial_rows(reader, self.tables, table, [row_id], self.ours[table])
        row = rows.rows.get(row_id)
        if row is None:
            why = "somebody is changing it" if row_id in rows.busy else "it is gone"
            return events, f"{one.tutorial}: {why}; the next sync looks at it"
        fields = {of.field.name: of for of in held_fields(one.table, self.tables)}
        base = read_bases(reader, [one.record()])[one.record()]
        by = self.translations.by(_zone(reader, one))
        decided: dict[str, Decided] = {}
        for name, before in one.before.items():
            value = row.value(fields[name])
            if value != before.tutorial and value != held[name]:
                return events, f"{one.tutorial}: {name} has changed since it was planned"
            pair = Pair(administrate=held[name], tutorial=value)
            decided[name] = Decided("administrate", pair)
        linked = LinkedRecord(
            one.table, one.key, one.row_id, row_id, {name: held[name] for name in decided}
        )
        comparing = Comparing(
            self.tables,
            [fields[name] for name in decided],
            new_instructor_keys(connection),
        )
        decisions = comparing.decide(
            linked, row, evolve(base, decided={**base.decided, **decided}), by, last=True
        )
        events += decisions.events(self.agreed_as, self.agreed_as)
        if row.ours:
            events += _seats(one, row, events)
        if decisions.listed and not row.ours:
            return events, f"{one.tutorial}: not made by admsync, so it is left as it is"
        return events, ""


def slot_of(record: str) -> str:
    """The slot of a change's write of a record."""
    return f"{record} set"


def _seats(
    one: ChangePlanned, row: TutorialRow, events: Sequence[Event]
) -> Iterator[TutorialRecordChanged]:
    """The seats left, by as many more or fewer as the places, never below none; the row is locked.

    They go with the bridge row's places, so that a change done before an interruption adds none.
    """
    left = row.columns.get(_SEATS)
    for event in events:
        if isinstance(event, RecordChanged) and isinstance(left, int):
            places = event.changes.get(_SEATS_OF)
            if places and isinstance(places.before, int) and isinstance(places.after, int):
                after = max(0, left + places.after - places.before)
                yield TutorialRecordChanged(
                    table=TUTORIAL_TABLES[one.table],
                    row_id=row.row_id,
                    changes={_SEATS: FieldChange(before=left, after=after)},
                    why="command",
                )


def _bridge_columns(
    connection: psycopg.Connection[Any], one: ChangePlanned, held: Mapping[str, Value]
) -> Iterator[Event]:
    """The change of the bridge row's own columns, where they hold what was set."""
    there = adm.BY_NAME[one.table].by_name
    columns = {
        column: held[of.name]
        for of in FIELDS[one.table]
        if of.name in held and type(of.kind) in _PLAIN
        for column in [of.bridge or of.name]
        if column in there
    }
    if not columns:
        return
    row = connection.execute(
        f"SELECT {', '.join(columns)} FROM {one.table} WHERE id = %s", (one.row_id,)
    ).fetchone()
    changes = {
        name: FieldChange(before=before, after=after)
        for (name, after), before in zip(columns.items(), row or (), strict=False)
        if before != after
    }
    if changes:
        yield RecordChanged(table=one.table, key=one.key, row_id=one.row_id, changes=changes)


def _zone(connection: psycopg.Connection[Any], one: ChangePlanned) -> str | None:
    row = connection.execute(
        "SELECT timezone FROM adm.events WHERE external_id = %s", (one.event.partition("/")[2],)
    ).fetchone()
    return None if row is None else row[0]
