"""The fictional company linked on both sides, and workbooks that it would import."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from importer.dual_write.leave_out import LeavingOut
from importer.dual_write.progress import SilentProgress
from importer.dual_write.run import ImportRun, new_import, resumed_import
from importer.planning.prepare import ImportOptions, PreparedImport, prepare
from importer.workbook.archive import read_file
from importer.workbook.template import COLUMNS
from ledger.database.connection import Database, driver
from ledger.runs.states import run_to_resume
from ledger.schema.declared import Table
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.pace.retry import RetryBudget
from sync.administrate.recorder import Recorder
from sync.administrate.settings import AdministrateSettings
from sync.demo import load_tutorial_rows
from sync.entities import ENTITIES
from sync.reports.sync_report import JsonReport
from sync.run import SyncOptions, new_sync
from sync.sandbox.company.tutorial import tutorial_tables
from sync.sandbox.control.client import ControlClient
from sync.sandbox.process import RunningSandbox
from tests.importer.rows import TypedRow, a_session, an_event, an_lms_event, taught_on
from tests.importer.workbooks import write_rows
from tests.sync.company import UNCOUNTED

IMPATIENT = RetryBudget(attempts=3, first_wait=0.01, first_throttled_wait=0.01, longest_wait=0.02)


# Runs a command of the program, and returns what it prints.
Say = Callable[..., str]


@frozen
class Company:
    """A database of its own, linked with an Administrate put back to its start."""

    database: Database
    sandbox: RunningSandbox

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database, actor="operations")

    @property
    def control(self) -> ControlClient:
        return self.sandbox.control

    @contextmanager
    def administrate(self, recorder: Recorder | None = None) -> Iterator[Administrate]:
        """A client that does not wait long before it tries again."""
        settings = AdministrateSettings.from_environment(self.sandbox.settings)
        patient = evolve(settings, retries=IMPATIENT, rate=UNCOUNTED)
        with Administrate(patient, recorder=recorder) as client:
            yield client

    def prepared(self, path: Path, **options: Any) -> PreparedImport:
        with self.administrate() as client:
            return prepare(self.ledger, client, read_file(path), {}, **options)

    def imported(
        self, path: Path, *, workers: int = 1, recorder: Recorder | None = None, **options: Any
    ) -> ImportRun:
        """An import to its end; raises what ends it before."""
        file = read_file(path)
        asked = ImportOptions(str(path), file.digest, workers=workers, **options)
        with self.administrate(recorder) as client:
            prepared = prepare(self.ledger, client, file, {}, approve=asked.approve)
            with new_import(self.ledger, client, asked, SilentProgress(), prepared) as run:
                run.make_all()
            return run

    def resumed(
        self, recorder: Recorder | None = None, *, leave_out: tuple[str, ...] = (), reason: str = ""
    ) -> ImportRun:
        """The import that stopped, to its end."""
        leaving_out = LeavingOut(leave_out, reason)
        state = run_to_resume(self.database, None)
        with (
            self.administrate(recorder) as client,
            resumed_import(self.ledger, client, state, SilentProgress(), {}, leaving_out) as run,
        ):
            run.make_all()
        return run

    def rows(self, table: Table, *columns: str) -> list[tuple[Any, ...]]:
        """A table's rows, or some of their columns, by primary key."""
        chosen = ", ".join(columns) or table.selected
        with self.database.driver_transaction() as connection:
            found = connection.execute(f"SELECT {chosen} FROM {table.fullname} ORDER BY id")
            return found.fetchall()

    def changes(self) -> list[str]:
        """The changes made in Administrate, by mutation, in order."""
        return [change.mutation for change in self.control.changes()]


def link(database: Database, sandbox: RunningSandbox) -> None:
    """Fills a migrated database with the company's tutorial side, and links it."""
    with database.transaction() as connection:
        load_tutorial_rows(driver(connection), tutorial_tables())
    sync_all(database, sandbox)


def sync_all(database: Database, sandbox: RunningSandbox) -> None:
    """Links what is there."""
    options = SyncOptions(tuple(entity.name for entity in ENTITIES))
    settings = AdministrateSettings.from_environment(sandbox.settings)
    with (
        Administrate(settings) as client,
        new_sync(Ledger(database, "tests"), client, "sync all", options, JsonReport()) as sync,
    ):
        sync.take_all()


# Day 1 is in summer time, days 2 and 3 in winter: the clocks went back on 26 October 2025.
DAYS = (date(2025, 10, 20), date(2025, 11, 3), date(2026, 3, 30))


def an_own_event(title: str = "ELO-CB1-30-26A", **changes: Any) -> TypedRow:
    """An event that the company can hold, with its first session."""
    own = {
        "code": "CB1_LO_3",
        "title": title,
        "session_title": f"{title}-1",
        "location": "Live online",
        "venue": "Live online",
        "instructor": "Callum Jessop",
        "session_instructor": "Callum Jessop",
        **taught_on(DAYS[0]),
        "lms_start_date": date(2025, 9, 22),
    }
    return an_event(**own | changes)


def an_own_session(title: str = "ELO-CB1-30-26A", day: int = 2, **changes: Any) -> TypedRow:
    """A further session of ``an_own_event``."""
    own = {
        "session_title": f"{title}-{day}",
        "session_instructor": "Delphine Kirkbride",
        "day": day,
        **taught_on(DAYS[day - 1] if day <= len(DAYS) else date(2026, 4, day)),
    }
    return a_session(**own | changes)


def an_own_lms_event(title: str = "ELO-CB1-OC-26A", **changes: Any) -> TypedRow:
    """An LMS event that the company can hold."""
    return an_lms_event(**{"title": title, "location": "Online"} | changes)


def five_events(mark: str = "") -> list[TypedRow]:
    """Five events of every sort: a day more than the schedule has, an instructor to approve, an
    administrator, two who teach together, and one without a classroom. ``mark`` ends their titles.
    """
    a, b, c, d, e = (f"{letter}{mark}" for letter in "ABCDE")
    return [
        an_own_event(a, administrator="Ruth Calder", event_url="https://example.com/a"),
        an_own_session(a, 2, session_instructor="Delphine Kirkbride / Gareth Fairweather"),
        an_own_event(b, code="CB1_f2f_3", location="London", venue="Blackfriars House"),
        an_own_session(b, 2),
        an_own_session(b, 3, session_url="https://example.com/b3"),
        an_own_session(b, 4, session_instructor="Callum Jessop"),
        an_own_event(c, code="SP9_f2f_3", location="London", venue="TBC", sold_out="Y"),
        an_own_lms_event(d),
        an_own_event(e, code="CM1_LO_1", min_places=2, deadline=date(2025, 9, 1)),
    ]


def a_workbook(folder: Path, *rows: TypedRow, name: str = "events.xlsx") -> Path:
    """The rows as a workbook of every column there is."""
    return write_rows(folder / name, rows, columns=COLUMNS)
