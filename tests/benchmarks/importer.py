"""Validating a whole sitting's workbook against openpyxl merely reading it.

Run alone with ``python -m tests.benchmarks.importer``. The aim is a ratio below 2. The workbook is
the shared one of 348 events where it is there, else one of as many that is made for the purpose.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

from openpyxl import load_workbook

from importer.events import AcceptedEvent
from importer.validate import validate
from importer.workbook import read_workbook
from tests.importer.references import reference_for
from tests.importer.rows import TypedRow, a_session, an_event, taught_on
from tests.importer.workbooks import SHARED, write_rows

EVENTS = 348
RUNS = 7


def merely_read(path: Path) -> int:
    """Every cell of the sheet through openpyxl and no further."""
    book = load_workbook(path, read_only=True, data_only=True)
    rows = sum(1 for _ in book["Import"].iter_rows(values_only=True))
    book.close()
    return rows


def a_sitting() -> list[TypedRow]:
    """The rows of as many events as a sitting has, with three further sessions each."""
    rows: list[TypedRow] = []
    for number in range(EVENTS):
        rows.append(an_event(title=f"ELO-{number}"))
        for day in (2, 3, 4):
            on = date(2026, 1, 14) + timedelta(weeks=day)
            rows.append(a_session(session_title=f"ELO-{number}-{day}", day=day, **taught_on(on)))
    return rows


def seconds(work: Callable[[], object]) -> float:
    """The wall time of one run, with the garbage of the one before collected."""
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def main() -> None:
    """Print both times, medians of runs that take turns, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = SHARED if SHARED.exists() else write_rows(Path(folder, "made.xlsx"), a_sitting())
        reference = reference_for(read_workbook(path))

        def read_and_validate() -> int:
            verdicts = validate(read_workbook(path), reference)
            return sum(isinstance(verdict, AcceptedEvent) for verdict in verdicts)

        accepted = read_and_validate()
        pairs = [
            (seconds(lambda: merely_read(path)), seconds(read_and_validate)) for _ in range(RUNS)
        ]
    reading, validating = (statistics.median(times) for times in zip(*pairs, strict=True))
    sys.stdout.write(
        f"{path.name}: {accepted} events accepted\n"
        f"openpyxl reading it   {reading * 1000:7.0f} ms\n"
        f"read and validated    {validating * 1000:7.0f} ms\n"
        f"ratio                 {validating / reading:7.2f}\n"
    )


if __name__ == "__main__":
    main()
