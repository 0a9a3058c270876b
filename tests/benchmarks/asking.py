"""Asking a large ledger: the history of one record, all tables rebuilt, a run's events told."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

from ledger.cli.history import print_events
from ledger.database.connection import Database, driver
from ledger.history.as_json import events_as_json
from ledger.history.find_record import find_record
from ledger.history.record_history import events_about, link_of
from ledger.replay.place import here
from ledger.replay.rebuild import rebuild
from ledger.store.append import head
from ledger.store.ledger import Ledger
from ledger.store.read import Selection, decoded, read_chunks
from tests.benchmarks import venues
from tests.benchmarks.measure import Bench, Contender, Line, race

# What the database may take for one history, in milliseconds.
_LIMIT = 50.0
_DURATION = re.compile(r"duration: ([\d.]+) ms")
_SHOW, _READ = "show", "reading them"
_SCAN = re.compile(r"\w[\w ]* Scan[\w ]*(?: using \w+)? on \w+")


def lines(bench: Bench) -> Iterator[Line]:
    """For each way to name a record what the database took, and how it found the rows; then the
    rebuild."""
    count = 1_000_000 if bench.million else bench.size(100_000, 1_000)
    with bench.database() as database:
        ledger = Ledger(database, actor=venues.ACTOR)
        venues.provide(ledger, count // 2)
        venues.fill(ledger, 0, count)
        with database.transaction() as connection:
            connection.exec_driver_sql("ANALYZE")
        venue = count // 4
        yield _history(database, "key", str(venues.observed(venue).event.record()), count)
        yield _history(database, "name", f"Town Hall, room {venue}", count)
        yield _rebuild(database, count)
        yield _shown(bench, database)


def _history(database: Database, way: str, typed: str, count: int) -> Line:
    with database.snapshot() as connection, _explained(driver(connection)) as plans:
        for _ in range(2):  # the first reads what it needs from the disk
            plans.clear()
            reader = driver(connection)
            link = link_of(reader, find_record(reader, typed).record)
            # Seen, linked, and its tutorial venue considered for the one before.
            assert len(list(events_as_json(reader, events_about(reader, [link])))) == 3
    taken = [float(time) for plan in plans for time in _DURATION.findall(plan)]
    notes = [
        f"{time:.2f} ms: {', '.join(dict.fromkeys(_SCAN.findall(plan)))}"
        for time, plan in zip(taken, plans, strict=True)
    ]
    return Line(
        what=f"history by {way}, {count:,} events",
        ours=sum(taken),
        against="what it may take",
        theirs=_LIMIT,
        ratio=_LIMIT / sum(taken),
        unit="ms",
        # A name is looked for in the tables, and those of the web application have no index for it.
        aim=1.0 if way == "key" else None,
        note="\n".join(notes),
    )


@contextmanager
def _explained(connection: psycopg.Connection[Any]) -> Iterator[list[str]]:
    """The plans of the statements that the connection executes, each with the time it took."""
    plans: list[str] = []

    def take(notice: psycopg.errors.Diagnostic) -> None:
        plans.append(notice.message_primary or "")

    connection.execute("LOAD 'auto_explain'")
    connection.execute("SET LOCAL client_min_messages = notice")
    connection.execute("SET LOCAL auto_explain.log_level = notice")
    connection.execute("SET LOCAL auto_explain.log_min_duration = 0")
    connection.add_notice_handler(take)
    yield plans
    connection.remove_notice_handler(take)


def _rebuild(database: Database, count: int) -> Line:
    with database.snapshot() as connection:
        reader = driver(connection)
        position, _ = head(reader)
        started = perf_counter()
        rebuild(here(reader), position)
        done = perf_counter()
        assert sum(map(len, read_chunks(reader))) == position
        took, reading = done - started, perf_counter() - done
    what = f"rebuild from {count:,} events"
    return Line(what, count / took, "reading them", count / reading, reading / took)


def _shown(bench: Bench, database: Database) -> Line:
    """``show`` of a run, to nobody, against reading its events."""
    count = bench.size(30_000, 300)
    run = Selection(run_id=venues.RUN, until=count + venues.LOCATIONS)

    def told() -> None:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            print_events(database, run, as_json=False)

    def read() -> None:
        with database.driver_transaction() as reader:
            assert sum(len(decoded(reader, events)) for events in read_chunks(reader, run)) == count

    contenders: dict[str, Contender[None]] = {_SHOW: lambda _: told, _READ: lambda _: read}
    run_ = race(contenders, lambda _: None, each=count, rounds=1, samples=bench.samples)
    return run_.line(f"{_SHOW} of {count:,} events", _SHOW, _READ)
