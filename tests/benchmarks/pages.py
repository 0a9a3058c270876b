"""The audit pages over a ledger of years of nights: how long the server takes for each."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from ledger.events import EntitySynced, FieldChange, RecordChanged
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from sync.sandbox.process import start_sandbox
from tests.benchmarks import venues
from tests.benchmarks.measure import Bench, Line
from tests.importer.company import a_workbook, an_own_event, an_own_session, link
from tests.importer.pages.serving import Visit, served
from tests.importer.sitting import EVENTS
from tests.program import environment

_LIMIT, _GRID_LIMIT = 100.0, 300.0  # milliseconds
_VENUES = 1_000
_PAGES = {
    "today": "/today",
    "runs": "/runs",
    "a run": "/runs/last",
    "a run's failures": "/runs/last?type=failures",
    "a record": "/records/adm.venues/VmVudWU6{:08d}",
    "its changes": "/records/adm.venues/VmVudWU6{:08d}?only=changes",
    "discrepancies": "/discrepancies?entity=venues",
    "decisions": "/decisions",
    "drift": "/drift",
    "events": "/events",
    "search": "/search?q=room 77",
    "one event": "/ledger/100",
    "its past": "/records/adm.venues/VmVudWU6{:08d}?at=1000",
    "the chart of links": "/charts/linked.svg",
}


def lines(bench: Bench) -> Iterator[Line]:
    """The median time of each page, in a ledger of nights that changed every venue."""
    count = 1_000_000 if bench.million else bench.size(100_000, 2_000)
    known = bench.size(_VENUES, 50)
    with bench.database() as database:
        ledger = Ledger(database, actor=venues.ACTOR)
        venues.provide(ledger, known)
        venues.fill(ledger, 0, 2 * known)
        for night in range(count // known):
            _night(ledger, night, known)
        with database.transaction() as connection:
            connection.exec_driver_sql("ANALYZE")
        with served(database) as pages, pages.visited() as visit:
            visit.enter()
            for name, path in _PAGES.items():
                what = f"page {name}, {count:,} events"
                yield _line(visit, what, path.format(known // 2), bench.samples, _LIMIT)
    yield from _grid(bench)


def _grid(bench: Bench) -> Iterator[Line]:
    """The same of the sheet of a whole sitting, once it is planned."""
    rows = [
        row
        for number in range(bench.size(EVENTS, 4))
        for row in (an_own_event(f"G{number}"), *(an_own_session(f"G{number}", d) for d in (2, 3)))
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        bench.database() as database,
        start_sandbox(Path(folder, "administrate")) as sandbox,
    ):
        link(database, sandbox)
        given = {**environment(bench.databases.admin_url, sandbox.settings)}
        given["ADMSYNC_DATA_DIR"] = folder
        path = a_workbook(Path(folder), *rows)
        with served(database, given=given) as pages, pages.visited() as visit:
            files = {"workbook": (path.name, path.read_bytes())}
            shown = visit.enter().post("/import", {}, files=files)
            address = shown.url.removeprefix(visit.base)
            what = f"page the grid of {bench.size(EVENTS, 4)} events"
            yield _line(visit, what, address, bench.samples, _GRID_LIMIT)


def _night(ledger: Ledger, night: int, known: int) -> None:
    """A sync in which every venue got another description."""
    before, after = f"as of night {night - 1}", f"as of night {night}"
    changes = [
        RecordChanged(
            table="adm.venues",
            key=f"VmVudWU6{venue:08d}",
            row_id=venue + 1,
            changes={"description": FieldChange(before=before, after=after)},
        )
        for venue in range(known)
    ]
    with new_run(ledger, "sync venues", {"entities": ["venues"]}) as run:
        run.append(*changes, EntitySynced(entity="venues", counts={"updated": known}))


def _line(visit: Visit, what: str, path: str, samples: int, limit: float) -> Line:
    visit.page(path)  # the first reads what it needs from the disk
    taken = [_milliseconds(visit, path) for _ in range(3 * samples)]
    return Line(
        what=what,
        ours=median(taken),
        against="what it may take",
        theirs=limit,
        ratio=limit / median(taken),
        unit="ms",
        aim=1.0,
    )


def _milliseconds(visit: Visit, path: str) -> float:
    started = perf_counter()
    visit.page(path)
    return 1000 * (perf_counter() - started)
