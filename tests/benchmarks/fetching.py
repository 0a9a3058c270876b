"""Fetching venues from a sandbox: against what its latency alone costs, and memory by their number.

Memory is measured in a process of its own: ``python -m tests.benchmarks.fetching``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from statistics import median
from time import perf_counter

from attrs import evolve

from sync.administrate.client import Administrate
from sync.administrate.reads.pages import Completeness, Page, Paging, fetch_pages
from sync.administrate.reads.queries import VENUES
from sync.administrate.settings import AdministrateSettings
from sync.sandbox.company.generate import Size
from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.benchmarks.measure import Bench, Line, peak_memory
from tests.sync.company import UNCOUNTED

LATENCY = 0.05  # seconds
# The client's own, so that it is measured as it is used.
PAGING = Paging()
# Within 1.3 times of what the latency alone costs.
AIM = 1 / 1.3


def lines(bench: Bench) -> Iterator[Line]:
    """One for the time, one for the memory."""
    yield _against_latency(bench.size(10_000, 300), bench.samples)
    yield _memory(bench.size(1_000, 100), bench.size(100_000, 500))


def _against_latency(venues: int, samples: int) -> Line:
    with _sandbox(venues, latency_ms=LATENCY * 1000) as sandbox:
        settings = AdministrateSettings.from_environment(sandbox.settings)
        settings = evolve(settings, rate=UNCOUNTED)
        taken = []
        for _ in range(samples + 1):
            with Administrate(settings) as client:
                # The token is not a part of it.
                next(fetch_pages(client, VENUES))
                started = perf_counter()
                fetched = _fetch(client)
                taken.append(perf_counter() - started)
    # Each page but the first repeats the last record of the one before.
    pages = 1 + ceil((fetched - PAGING.page_size) / (PAGING.page_size - 1))
    bound = pages * LATENCY / PAGING.workers
    ours = median(taken[1:])
    return Line(
        what=f"fetch {fetched:,} venues",
        ours=ours * 1000,
        against=f"{pages} pages, {LATENCY * 1000:.0f} ms each, {PAGING.workers} at once",
        theirs=bound * 1000,
        ratio=bound / ours,
        unit="ms",
        aim=AIM,
    )


def _memory(few: int, many: int) -> Line:
    small, large = _peak(few), _peak(many)
    return Line(
        what=f"peak memory, fetching {many:,} venues",
        ours=large,
        against=f"{few:,} venues",
        theirs=small,
        ratio=small / large,
        unit="MB",
        aim=0.8,
    )


def _peak(venues: int) -> float:
    """The most memory, in MB, of a process that fetches so many and keeps none."""
    with _sandbox(venues) as sandbox:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.fetching"],
            env={**os.environ, **sandbox.settings},
            check=True,
            stdout=subprocess.PIPE,
        )
    return float(done.stdout)


@contextmanager
def _sandbox(venues: int, latency_ms: float = 0) -> Iterator[RunningSandbox]:
    with tempfile.TemporaryDirectory() as folder:
        size = Size(locations=50, venues=venues)
        with start_sandbox(Path(folder), company=size, latency_ms=latency_ms) as sandbox:
            yield sandbox


def _fetch(client: Administrate) -> int:
    """Fetches every venue there is, keeps none, and gives their number."""
    fetched = 0
    for item in fetch_pages(client, VENUES, None, PAGING):
        match item:
            case Page(records=records):
                fetched += len(records)
            case Completeness(complete=complete):
                assert complete
    return fetched


def _measure() -> float:
    settings = AdministrateSettings.from_environment(os.environ)
    with Administrate(evolve(settings, rate=UNCOUNTED)) as client:
        _fetch(client)
    return peak_memory()


if __name__ == "__main__":
    sys.stdout.write(str(_measure()))
