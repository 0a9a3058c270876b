"""Appending: the store alone and from event objects, against ``COPY`` and against a library.

Each contender has a database of its own on the one server, in which the same events are already.

``COPY`` is given finished rows, of the same bytes, into the same table with its six indexes: 68 ms
of the server's CPU for 10,000 events (PostgreSQL 18), where ``ledger.append`` takes 127. Of these
the hash of each event takes 17, its text 5, the check of what is refused 5, splitting and rows that
are carried from one step to the next 5; the order of the chain is too little to be seen. The other
95 are an ``INSERT`` that places rows one by one, where ``COPY`` fills pages: 0.71 is what is left
without any promise, and 0.85 is out of reach. From objects, 41 ms of the client's CPU come on top:
about 0.4 in CPU, for an aim of 0.50.

The library makes none of these promises, and keeps five columns under two indexes: that four times
its speed is missed is their price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import psycopg
from attrs import frozen
from eventsourcing.persistence import StoredEvent as LibraryEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.rows import TupleRow

from ledger.database.connection import Database, driver
from ledger.events import CATALOGUE
from ledger.store.append import append, append_batch
from ledger.store.batch import Batch, batch_of
from ledger.store.entries import Entry, StoredEvent
from tests.benchmarks import venues
from tests.benchmarks.copying import Rows, copy, copy_bytes
from tests.benchmarks.measure import Bench, Contender, Line, race

_STORE, _OBJECTS, _COPY, _LIBRARY = "store alone", "from objects", "raw COPY", "eventsourcing"
# Events in a batch, and how many batches a sample takes.
_BATCHES = ((1, 50), (100, 20), (10_000, 2))
# The library's inserts are one pipeline, which from about 2,000 of them can stand still for good:
# the client waits to send, and the server to be read. So it commits larger batches in parts.
_LIBRARY_BATCH = 500


@frozen
class _Round:
    """The same events as each contender wants them."""

    entries: Sequence[Entry]
    batch: Batch
    rows: Sequence[StoredEvent]


def lines(bench: Bench) -> Iterator[Line]:
    """Three lines for each size of batch."""
    for size, rounds in _BATCHES:
        yield from _lines(bench, min(size, bench.size(size, 500)), bench.size(rounds, 2))


def _lines(bench: Bench, size: int, rounds: int) -> Iterator[Line]:
    rows = Rows()

    def feed(number: int) -> _Round:
        entries = venues.entries(number * size, size)
        batch = batch_of(entries, venues.RUN, CATALOGUE)
        return _Round(entries, batch, rows.of(batch))

    with ExitStack() as stack:
        contenders: dict[str, Contender[_Round]] = {}
        for name, enter in _ENTERED.items():
            database = stack.enter_context(bench.database())
            contenders[name] = enter(stack, database)
        run = race(contenders, feed, each=size, rounds=rounds, samples=bench.samples)
    for ours, theirs, aim in (
        (_STORE, _COPY, 0.85),
        (_OBJECTS, _COPY, 0.5),
        (_OBJECTS, _LIBRARY, 4.0),
    ):
        yield run.line(f"append {size:,}, {ours}", ours, theirs, aim if size >= 100 else None)


def _connection(stack: ExitStack, database: Database) -> psycopg.Connection[TupleRow]:
    return driver(stack.enter_context(database.engine.connect()))


def _store_alone(stack: ExitStack, database: Database) -> Contender[_Round]:
    connection = _connection(stack, database)

    def appended(batch: Batch) -> None:
        append_batch(connection, batch, actor=venues.ACTOR, run_id=venues.RUN)
        connection.commit()

    return lambda fed: lambda: appended(fed.batch)


def _from_objects(stack: ExitStack, database: Database) -> Contender[_Round]:
    connection = _connection(stack, database)

    def appended(entries: Sequence[Entry]) -> None:
        append(connection, entries, actor=venues.ACTOR, run_id=venues.RUN)
        connection.commit()

    return lambda fed: lambda: appended(fed.entries)


def _raw_copy(stack: ExitStack, database: Database) -> Contender[_Round]:
    connection = _connection(stack, database)

    def prepared(fed: _Round) -> Callable[[], object]:
        data = copy_bytes(connection, fed.rows)
        return lambda: copy(connection, data)

    return prepared


def _library(stack: ExitStack, database: Database) -> Contender[_Round]:
    found = _connection(stack, database).info
    datastore = stack.enter_context(
        PostgresDatastore(
            dbname=found.dbname,
            host=found.host,
            port=found.port,
            user=found.user,
            password=found.password,
            originator_id_type="text",
        )
    )
    recorder = PostgresApplicationRecorder(datastore)
    recorder.create_table()

    def prepared(fed: _Round) -> Callable[[], object]:
        events = [
            LibraryEvent(row.stream, row.version, f"ledger.events:{row.type}", row.payload.encode())
            for row in fed.rows
        ]
        parts = [events[at : at + _LIBRARY_BATCH] for at in range(0, len(events), _LIBRARY_BATCH)]
        return lambda: [recorder.insert_events(part) for part in parts]

    return prepared


_ENTERED: dict[str, Callable[[ExitStack, Database], Contender[_Round]]] = {
    _STORE: _store_alone,
    _OBJECTS: _from_objects,
    _COPY: _raw_copy,
    _LIBRARY: _library,
}
