"""Syncing, first time and again: fetching, matching and projecting, each against its floor.

The floors: the pages fetched and thrown away, one look-up a record in a dictionary, COPY of the
same rows. Each sync is a process of its own, ``python -m tests.benchmarks.syncing URL NAME``, and
says what it took at its peak; how long its parts took, the ledger says.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import psycopg
from attrs import evolve

from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.reads.pages import fetch_pages
from sync.administrate.settings import AdministrateSettings
from sync.decide.current_state import read_current_state
from sync.decide.links import LiveRow, decide, live_record
from sync.demo import load_tutorial_rows
from sync.entities import BY_NAME
from sync.fetch.sources import source_of
from sync.reports.sync_report import JsonReport
from sync.run import SyncOptions, new_sync
from sync.sandbox.company.generate import Size
from sync.sandbox.company.tutorial import tutorial_tables
from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.benchmarks.measure import Bench, Line, peak_memory
from tests.databases import opened
from tests.sync.company import UNCOUNTED

# How many of each the benchmark adds to the company, in full and where it has to be quick.
SIZES = {"locations": (10_000, 20), "venues": (50_000, 50), "instructors": (10_000, 20)}
MEMORY = ((1_000, 20), (100_000, 200))
# When a sync's fetch began and ended, and when all of it was done, from its own events.
_MOMENTS = """
SELECT extract(epoch FROM min(recorded_at) FILTER (WHERE type = 'RunStarted')),
    extract(epoch FROM max(recorded_at) FILTER (WHERE type = 'FetchCompleted')),
    extract(epoch FROM max(recorded_at) FILTER (WHERE type = 'RunCompleted'))
FROM ledger.events
WHERE run_id = (SELECT run_id FROM ledger.runs ORDER BY first_position DESC LIMIT 1)
"""


def lines(bench: Bench) -> Iterator[Line]:
    """Three lines for each entity and time, then memory."""
    sizes = {name: bench.size(*both) for name, both in SIZES.items()}
    if bench.quick:
        del sizes["instructors"]  # measured by the same lines as the others
    with bench.fresh() as url, _company(url, Size(**sizes)) as sandbox:
        for name in sizes:
            for time in ("first", "again"):
                _synced(url, sandbox, name)
                yield from _lines(url, sandbox, name, time)
    yield _memory(bench)


def _lines(url: str, sandbox: RunningSandbox, name: str, time: str) -> Iterator[Line]:
    entity = BY_NAME[name]
    with psycopg.connect(url) as connection:
        began, fetched, done = (float(str(one)) for one in _one(connection, _MOMENTS))
        count = int(str(_one(connection, f"SELECT count(*) FROM {entity.table.fullname}")[0]))
        copied = _copy_seconds(connection, entity.table.fullname)
    alone = _fetch_seconds(sandbox, name)
    match, look_up = _match_seconds(url, name)
    parts = {
        "fetch": (fetched - began, "fetch alone", alone),
        "match": (match, "a look-up each", look_up),
        "project": (done - fetched - match, "COPY", copied),
    }
    for part, (seconds, against, floor) in parts.items():
        what = f"sync {count:,} {entity.many} {time}: {part}"
        yield Line(what, count / seconds, against, count / floor, floor / seconds)


def _memory(bench: Bench) -> Line:
    peaks = []
    for full, quick in MEMORY:
        venues = bench.size(full, quick)
        with bench.fresh() as url, _company(url, Size(locations=10, venues=venues)) as sandbox:
            _synced(url, sandbox, "locations")
            peaks.append((venues, _synced(url, sandbox, "venues")))
    (few, low), (many, high) = peaks
    what = f"peak memory, sync {many:,} venues"
    return Line(what, high, f"{few:,} venues", low, low / high, unit="MB")


@contextmanager
def _company(url: str, size: Size) -> Iterator[RunningSandbox]:
    """The company at a size: its tutorial rows in the database, its Administrate in a sandbox."""
    with psycopg.connect(url) as connection:
        load_tutorial_rows(connection, tutorial_tables(size))
    with (
        tempfile.TemporaryDirectory() as state,
        start_sandbox(Path(state) / "administrate", company=size) as sandbox,
    ):
        yield sandbox


def _synced(url: str, sandbox: RunningSandbox, name: str) -> float:
    """Syncs in a process of its own; its peak of resident memory in MB."""
    command = [sys.executable, "-m", "tests.benchmarks.syncing", url, name]
    environment = {**os.environ, **sandbox.settings}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return float(done.stdout.splitlines()[-1])


def _sync(url: str, name: str) -> float:
    settings = AdministrateSettings.from_environment(os.environ)
    settings = evolve(settings, rate=UNCOUNTED)
    with opened(url) as database, Administrate(settings) as client:
        ledger, options = Ledger(database, "benchmark"), SyncOptions((name,))
        with new_sync(ledger, client, f"sync {name}", options, JsonReport()) as under_way:
            under_way.take_all()
    return peak_memory()


def _fetch_seconds(sandbox: RunningSandbox, name: str) -> float:
    settings = AdministrateSettings.from_environment(sandbox.settings)
    [part] = source_of(BY_NAME[name]).parts
    with Administrate(evolve(settings, rate=UNCOUNTED)) as client:
        started = perf_counter()
        for _ in fetch_pages(client, part.listing, part.variables):
            pass
        return perf_counter() - started


def _match_seconds(url: str, name: str) -> tuple[float, float]:
    """Deciding everything by the rows that stand; one look-up for each of them."""
    entity = BY_NAME[name]
    with opened(url) as database, database.driver_transaction() as connection:
        current = read_current_state(connection, entity)
    live = [
        LiveRow(row, live_record(entity, key, row.columns, current), None)
        for key, row in current.rows.items()
    ]
    started = perf_counter()
    decide(entity, live, current)
    decided = perf_counter()
    known = {tuple(part.casefold() for part in one.key): one.id for one in current.tutorial}
    for one in live:
        known.get(tuple(part.casefold() for part in one.record.key))
    return decided - started, perf_counter() - decided


def _copy_seconds(connection: psycopg.Connection, table: str) -> float:
    """COPY of the table's rows into another of its shape, indexes included."""
    connection.execute(f"CREATE TABLE copied (LIKE {table} INCLUDING ALL)".encode())
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} TO STDOUT".encode()) as out:
            rows = b"".join(bytes(block) for block in out)
        started = perf_counter()
        with cursor.copy(b"COPY copied FROM STDIN") as into:
            into.write(rows)
        seconds = perf_counter() - started
    connection.rollback()
    return seconds


def _one(connection: psycopg.Connection, query: str) -> tuple[object, ...]:
    row: tuple[object, ...] | None = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row


if __name__ == "__main__":
    sys.stdout.write(f"{_sync(sys.argv[1], sys.argv[2])}\n")
