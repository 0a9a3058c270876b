"""Following 348 current events of a company of ten years, 100 ms on every answer.

The first sync: what it takes at its peak, beside a company a tenth as large. The second, with ten
events edited: its calls beside the least there could be, and its time beside that of the same calls
alone. Each sync is a process of its own, ``python -m tests.benchmarks.following URL NAME…``.

The least calls: sessions and staff of every linked event that is not over are to be read whole, and
a page holds a hundred events; what is not known takes one call more. The token is not counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from time import perf_counter, process_time

import psycopg
import requests
from attrs import evolve

from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.reads.pages import LARGEST_PAGE
from sync.administrate.reads.queries import LISTINGS
from sync.administrate.settings import AdministrateSettings
from sync.demo import load_tutorial_rows
from sync.reports.sync_report import JsonReport
from sync.run import SyncOptions, entity_names, new_sync
from sync.sandbox.company.generate import Size
from sync.sandbox.company.tutorial import tutorial_tables
from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.benchmarks.measure import Bench, Line, peak_memory
from tests.databases import opened
from tests.sync.company import UNCOUNTED

LATENCY = 0.1  # seconds
EDITED = 10
# Beside latency, in seconds.
AIM = 2.0
BOTH = ("events", "sessions")


def lines(bench: Bench) -> Iterator[Line]:
    """One for the memory, one for the calls, one for the time."""
    current = bench.size(348, 12)
    few, many = bench.size(2_000, 20), bench.size(20_000, 40)
    with _company(bench, few, current) as (url, sandbox):
        low, *_ = _synced(url, sandbox, *entity_names("all"))
    with _company(bench, many, current) as (url, sandbox):
        high, *_ = _synced(url, sandbox, *entity_names("all"))
        what = f"peak memory, {current} of {many:,} events"
        yield Line(what, high, f"{current} of {few:,}", low, low / high, unit="MB", aim=0.9)
        yield from _again(url, sandbox, current)


def _again(url: str, sandbox: RunningSandbox, current: int) -> Iterator[Line]:
    """The second sync."""
    for number in range(min(EDITED, current)):
        sandbox.control.edit_event(f"N{number:06}", session=1, move=1)
    sandbox.control.set_faults(f"latency:*:*:{LATENCY}")
    sandbox.control.forget()
    _, seconds, working = _synced(url, sandbox, *BOTH)
    calls = [one for one in sandbox.control.calls() if one.operation in LISTINGS]
    least = ceil(current / LARGEST_PAGE) + 1
    what = f"sync {current} events, {EDITED} edited"
    counted = Counter(one.operation for one in calls)
    note = ", ".join(f"{number} {name}" for name, number in counted.items())
    against = "the least possible"
    yield Line(what, len(calls), against, least, least / len(calls), "calls", 1.0, note)
    alone = _alone(sandbox, [(one.operation, one.variables) for one in calls])
    beside = seconds - alone
    yield Line(what, 1000 * seconds, "the calls alone", 1000 * alone, alone / seconds, "ms")
    yield Line(
        f"{what}: beside them",
        1000 * beside,
        "the aim",
        1000 * AIM,
        AIM / beside,
        unit="ms",
        aim=1.0,
        note=f"{working:.2f} s of the process itself; the rest is the database's, and waiting",
    )


def _alone(sandbox: RunningSandbox, calls: list[tuple[str, dict[str, object]]]) -> float:
    """Seconds for the same calls one after the other, their answers thrown away."""
    form = {
        "grant_type": "client_credentials",
        "client_id": sandbox.api_key,
        "client_secret": sandbox.api_secret,
    }
    with requests.Session() as session:
        token = session.post(sandbox.token_url, data=form, timeout=60).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        started = perf_counter()
        for operation, variables in calls:
            query = {"query": LISTINGS[operation].operation.text, "variables": variables}
            session.post(sandbox.graphql_url, json=query, timeout=60).raise_for_status()
        return perf_counter() - started


@contextmanager
def _company(bench: Bench, events: int, current: int) -> Iterator[tuple[str, RunningSandbox]]:
    """A company of so many events, of which so many are current and in the tutorial tables."""
    size = Size(past_events=events - current, events=current)
    with bench.fresh() as url, tempfile.TemporaryDirectory() as state:
        with psycopg.connect(url) as connection:
            load_tutorial_rows(connection, tutorial_tables(size))
        with start_sandbox(Path(state) / "administrate", company=size) as sandbox:
            yield url, sandbox


def _synced(url: str, sandbox: RunningSandbox, *names: str) -> tuple[float, float, float]:
    """Syncs in a process of its own: its peak of resident memory in MB, its seconds, and those of
    them that it was at work itself."""
    command = [sys.executable, "-m", "tests.benchmarks.following", url, *names]
    environment = {**os.environ, **sandbox.settings}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    peak, seconds, working = map(float, done.stdout.split()[-3:])
    return peak, seconds, working


def _sync(url: str, names: tuple[str, ...]) -> tuple[float, float, float]:
    settings = evolve(AdministrateSettings.from_environment(os.environ), rate=UNCOUNTED)
    with opened(url) as database, Administrate(settings) as client:
        ledger = Ledger(database, "benchmark")
        started, worked = perf_counter(), process_time()
        with new_sync(ledger, client, "sync", SyncOptions(names), JsonReport()) as under_way:
            under_way.take_all()
        seconds, working = perf_counter() - started, process_time() - worked
    return peak_memory(), seconds, working


if __name__ == "__main__":
    sys.stdout.write("{} {} {}\n".format(*_sync(sys.argv[1], tuple(sys.argv[2:]))))
