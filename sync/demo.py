"""The demonstration's environment, a fictional company on both sides, and its syncs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve
from sqlalchemy import text

from ledger.database.connection import Database, driver, open_database
from ledger.database.settings import DatabaseSettings
from ledger.migrations.migrate import migrate
from ledger.runs.kinds import SYNC
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.pace.reservations import CallReservations
from sync.administrate.settings import AdministrateSettings
from sync.entities import ENTITIES
from sync.report import PrintedReport
from sync.run import SyncOptions, new_sync
from sync.sandbox.company import tutorial_tables
from sync.sandbox.process import start_sandbox
from sync.tutorial_rows import load_tutorial_rows

ACTOR = "demo"


@contextmanager
def stage(home: Path, linger: float = 0.0) -> Iterator[tuple[Ledger, Administrate]]:
    """A PostgreSQL and an Administrate in a directory of their own, made anew, with the company in
    both. The PostgreSQL stays up for ``linger`` seconds after its last use."""
    database = open_database(DatabaseSettings(None, home, linger))
    try:
        _begin_anew(database)
        state = home / "administrate"
        shutil.rmtree(state, ignore_errors=True)
        with start_sandbox(state) as sandbox:
            settings = AdministrateSettings.from_environment(sandbox.settings)
            reservations = CallReservations(database)
            with Administrate(settings, reservations=reservations) as client:
                yield Ledger(database, ACTOR), client
    finally:
        database.close()


def link_twice(ledger: Ledger, client: Administrate, say: Callable[[str], object]) -> None:
    """Syncs everything, and once more to show that nothing changes."""
    _sync(ledger, client)
    say("\nThe same again: nothing has changed, and the ledger says so.")
    _sync(ledger, client, quiet=True)


def _begin_anew(database: Database) -> None:
    with database.transaction() as connection:
        for schema in ("ledger", "adm", "acted"):
            connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(text("DROP TABLE IF EXISTS public.auth_user"))
    migrate(database, actor=ACTOR)
    with database.transaction() as connection:
        load_tutorial_rows(driver(connection), tutorial_tables())


def _sync(ledger: Ledger, client: Administrate, *, quiet: bool = False) -> None:
    options = SyncOptions(tuple(entity.name for entity in ENTITIES))
    reporter = evolve(PrintedReport(), discrepancies=not quiet)
    with new_sync(ledger, client, SYNC.command("all"), options, reporter) as under_way:
        under_way.take_all()
