"""Importing against the least that any importer could do, with 100 ms on every answer.

Run alone with ``python -m tests.benchmarks.importing [EVENTS]``. The aims: no more calls than the
least possible, and a wall time below 1.3 of the least calls' latency divided among the workers.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from importer.importing import new_import
from importer.preparing import ImportOptions, prepare
from importer.progress import SilentProgress
from importer.recording import digest_of
from sync.sandbox.process import start_sandbox
from tests.databases import Databases, embedded_server, migrated_template, opened, server_directory
from tests.importer.company import Company, a_workbook, an_own_event, an_own_session, link

EVENTS, WORKERS, LATENCY = 40, 4, 0.1


def main() -> None:
    """Print the calls and the seconds an import takes, each beside the least possible."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    rows = [
        row
        for number in range(events)
        for row in (an_own_event(f"B{number}"), *(an_own_session(f"B{number}", d) for d in (2, 3)))
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        server_directory() as directory,
        embedded_server(directory) as server,
        migrated_template(Databases(server)) as template,
        Databases(server).fresh(template) as url,
        opened(url) as database,
        start_sandbox(Path(folder, "administrate"), latency_ms=1000 * LATENCY) as sandbox,
    ):
        link(database, sandbox)
        company = Company(database, sandbox)
        path = a_workbook(Path(folder), *rows)
        with company.administrate() as client:
            prepared = prepare(company.ledger, client, path, {})
            options = ImportOptions(str(path), digest_of(prepared.content), workers=WORKERS)
            company.control.forget()
            start = perf_counter()
            with new_import(company.ledger, client, options, SilentProgress()) as imported:
                imported.record(prepared)
                imported.make_all()
            took = perf_counter() - start
        calls = len(company.control.calls())
    least = prepared.plan.calls
    floor = least * LATENCY / WORKERS
    sys.stdout.write(
        f"{events} events imported, {WORKERS} at a time, {1000 * LATENCY:.0f} ms an answer\n"
        f"calls    {calls:7}    least possible {least:7}    ratio {calls / least:.2f}\n"
        f"seconds  {took:7.1f}    least possible {floor:7.1f}    ratio {took / floor:.2f}\n"
    )


if __name__ == "__main__":
    main()
