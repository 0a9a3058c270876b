"""Memory: what verifying and replaying take at their peak, by the size of the ledger.

Each measurement is a process of its own: ``python -m tests.benchmarks.memory URL``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter

from attrs import asdict, frozen

from ledger.replay.compare import replay
from ledger.store.ledger import Ledger
from ledger.verify.verify import verify_chain
from tests.benchmarks import venues
from tests.benchmarks.measure import Bench, Line, peak_memory
from tests.databases import opened


@frozen
class Measured:
    """A process's peak of resident memory in MB, and the seconds it took for each."""

    peak: float
    verify: float
    replay: float


def lines(bench: Bench) -> Iterator[Line]:
    """For each ledger three lines, held against the smallest: memory should be flat."""
    sizes = [200, 1_000] if bench.quick else [10_000, 100_000]
    if bench.million:
        sizes.append(1_000_000)
    with bench.fresh() as url, opened(url) as database:
        ledger = Ledger(database, actor=venues.ACTOR)
        venues.provide(ledger, sizes[-1] // 2 + 1)
        venues.fill(ledger, 0, sizes[0])
        base = _measured(url)
        for filled, size in pairwise(sizes):
            venues.fill(ledger, filled, size)
            yield from _lines(size, _measured(url), sizes[0], base)


def _lines(size: int, found: Measured, base_size: int, base: Measured) -> Iterator[Line]:
    against = f"{base_size:,} events"
    yield Line(
        what=f"peak memory, {size:,} events",
        ours=found.peak,
        against=against,
        theirs=base.peak,
        ratio=base.peak / found.peak,
        unit="MB",
        aim=0.8,
    )
    for name in ("verify", "replay"):
        ours, theirs = size / getattr(found, name), base_size / getattr(base, name)
        yield Line(f"{name} {size:,} events", ours, against, theirs, ours / theirs)


def _measured(url: str) -> Measured:
    command = [sys.executable, "-m", "tests.benchmarks.memory", url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return Measured(**json.loads(done.stdout))


def _measure(url: str) -> Measured:
    with opened(url) as database:
        started = perf_counter()
        assert verify_chain(database).ok
        verified = perf_counter()
        assert replay(database).ok
        replayed = perf_counter()
    return Measured(peak_memory(), verified - started, replayed - verified)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_measure(sys.argv[1]))))
