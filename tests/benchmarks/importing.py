"""Importing a sitting, 100 ms on every answer, against the least that any importer could do: the
calls the plan needs, and their latency divided among the workers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from importer.dual_write.progress import SilentProgress
from importer.dual_write.run import new_import
from importer.planning.prepare import ImportOptions, prepare
from importer.workbook.archive import read_file
from sync.administrate.client import Administrate
from sync.administrate.pace.reservations import CallReservations
from sync.administrate.settings import AdministrateSettings
from sync.sandbox.process import start_sandbox
from tests.benchmarks.measure import Bench, Line
from tests.importer.company import Company, a_workbook, an_own_event, an_own_session, link

WORKERS, LATENCY = 4, 0.1
# Within 1.15 times of what the latency alone costs.
AIM = 1 / 1.15


def lines(bench: Bench) -> Iterator[Line]:
    """One for the calls, one for the time: of some 2,940 calls, as a whole sitting takes."""
    events = bench.size(420, 4)
    least, calls, seconds = _imported(bench, events)
    what, against = f"import {events} events", "the least possible"
    yield Line(what, calls, against, least, least / calls, unit="calls", aim=1.0)
    floor = least * LATENCY / WORKERS
    yield Line(what, 1000 * seconds, against, 1000 * floor, floor / seconds, unit="ms", aim=AIM)


def _imported(bench: Bench, events: int) -> tuple[int, int, float]:
    """The least calls there could be, those there were, and the seconds they took."""
    rows = [
        row
        for number in range(events)
        for row in (an_own_event(f"B{number}"), *(an_own_session(f"B{number}", d) for d in (2, 3)))
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        bench.database() as database,
        start_sandbox(Path(folder, "administrate"), latency_ms=1000 * LATENCY) as sandbox,
    ):
        link(database, sandbox)
        company = Company(database, sandbox)
        path = a_workbook(Path(folder), *rows)
        settings = AdministrateSettings.from_environment(sandbox.settings)
        with Administrate(settings, reservations=CallReservations(database)) as client:
            prepared = prepare(company.ledger, client, read_file(path), {})
            options = ImportOptions(str(path), prepared.file.digest, workers=WORKERS)
            company.control.forget()
            start = perf_counter()
            opening = new_import(company.ledger, client, options, SilentProgress(), prepared)
            with opening as imported:
                imported.make_all()
            seconds = perf_counter() - start
        return prepared.plan.calls, len(company.control.calls()), seconds
