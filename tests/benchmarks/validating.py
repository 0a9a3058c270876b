"""Reading and validating a whole sitting's workbook, against openpyxl merely reading it.

The workbook is the shared one of 348 events where it is there, else one of as many made for this.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from openpyxl import load_workbook

from importer.validation.validate import validate
from importer.validation.verdicts import Accepted
from tests.benchmarks.measure import Bench, Contender, Line, race
from tests.importer.references import reference_for
from tests.importer.sitting import EVENTS, a_sitting
from tests.importer.workbooks import SHARED, read_workbook, write_rows

_VALIDATE, _READ = "read and validate", "openpyxl reading"


def lines(bench: Bench) -> Iterator[Line]:
    """One line, in events a second; half of merely reading, or better, is the aim."""
    with tempfile.TemporaryDirectory() as folder:
        path = SHARED if SHARED.exists() else write_rows(Path(folder, "made.xlsx"), a_sitting())
        reference = reference_for(read_workbook(path))

        def read_and_validate() -> None:
            verdicts = validate(read_workbook(path).rows, reference)
            accepted = sum(isinstance(verdict, Accepted) for verdict in verdicts)
            assert accepted == EVENTS

        def merely_read() -> None:
            book = load_workbook(path, read_only=True, data_only=True)
            assert sum(1 for _ in book["Import"].iter_rows(values_only=True)) > EVENTS
            book.close()

        contenders: dict[str, Contender[None]] = {
            _VALIDATE: lambda _: read_and_validate,
            _READ: lambda _: merely_read,
        }
        run = race(contenders, lambda _: None, each=EVENTS, rounds=1, samples=bench.samples)
    yield run.line(f"{_VALIDATE} {EVENTS} events", _VALIDATE, _READ, aim=0.5)
