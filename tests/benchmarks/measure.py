"""Measuring: contenders take turns in one run, and a line says how two of them compare."""

from __future__ import annotations

import gc
import re
import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeAlias, TypeVar

import psycopg
from attrs import frozen

from ledger.database.connection import Database
from tests.databases import Databases, opened

SAMPLES = 5
Fed = TypeVar("Fed")
# Prepares a round from what all contenders are fed in it, and gives the work that is timed.
Contender: TypeAlias = Callable[[Fed], Callable[[], object]]


@frozen
class Line:
    """A figure beside the one it is held against. ``ratio`` is 1 where both are as good;
    ``aim`` is what it should reach, ``note`` what is printed below."""

    what: str
    ours: float
    against: str
    theirs: float
    ratio: float
    unit: str = "/s"
    aim: float | None = None
    note: str = ""


@frozen
class Race:
    """The seconds each contender took in each sample, for the same amount of things done."""

    amount: int
    seconds: Mapping[str, Sequence[float]]

    def line(self, what: str, ours: str, theirs: str, aim: float | None = None) -> Line:
        """Medians, in things a second; the ratio is the median of the samples' own ratios, since
        what slows the machine slows both."""
        mine, other = self.seconds[ours], self.seconds[theirs]
        return Line(
            what=what,
            ours=self.amount / median(mine),
            against=theirs,
            theirs=self.amount / median(other),
            ratio=median(b / a for a, b in zip(mine, other, strict=True)),
            aim=aim,
        )


def race(
    contenders: Mapping[str, Contender[Fed]],
    feed: Callable[[int], Fed],
    *,
    each: int,
    rounds: int,
    samples: int,
) -> Race:
    """Has the contenders take turns, ``each`` things a round; the first sample only warms up.

    ``feed`` makes, once a round, from its number, what all of them work on.
    """
    names = list(contenders)
    taken: list[dict[str, float]] = []
    for sample in range(samples + 1):
        sums = dict.fromkeys(names, 0.0)
        with _garbage_kept():
            for number in range(sample * rounds, (sample + 1) * rounds):
                fed = feed(number)
                first = number % len(names)
                for name in names[first:] + names[:first]:
                    sums[name] += _seconds(contenders[name](fed))
        taken.append(sums)
    return Race(each * rounds, {name: [sums[name] for sums in taken[1:]] for name in names})


def peak_memory() -> float:
    """This process's peak of resident memory so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says counts in the process that started this one, before it became this.
        [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(kilobytes) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes, on macOS


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@contextmanager
def _garbage_kept() -> Iterator[None]:
    # As timeit does: it is left by all contenders, and would be collected in the turn of any.
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@frozen
class Bench:
    """Where to measure, and how much: all of it, or (``quick``) just enough to see that it runs."""

    databases: Databases
    template: str
    quick: bool = False
    million: bool = False
    reasons: int = 0

    def size(self, full: int, quick: int) -> int:
        """How many, by whether it has to be quick."""
        return quick if self.quick else full

    @property
    def samples(self) -> int:
        return self.size(SAMPLES, 1)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a migrated database that nothing works on but what is measured."""
        with self.databases.fresh(self.template) as url:
            with psycopg.connect(url, autocommit=True) as connection:
                # A vacuum would flush the index of subjects for one contender and not the other.
                connection.execute("ALTER TABLE ledger.events SET (autovacuum_enabled = off)")
            yield url

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The same, opened."""
        with self.fresh() as url, opened(url) as database:
            yield database
