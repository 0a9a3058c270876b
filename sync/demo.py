"""The demonstration: a fictional company on both sides, synced twice, and where to look next."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from attrs import evolve
from sqlalchemy import text

from ledger.book import Ledger
from ledger.database import Database, driver, open_database
from ledger.migrate import migrate
from ledger.settings import DatabaseSettings
from sync.administrate.client import Administrate
from sync.administrate.settings import AdministrateSettings
from sync.entities import ENTITIES
from sync.report import PrintedReport
from sync.sandbox.company import tutorial_tables
from sync.sandbox.process import start_sandbox
from sync.steps import SyncOptions, new_sync
from sync.tutorial_rows import load_tutorial_rows

ACTOR = "demo"


def play(home: Path, say: Callable[[str], object]) -> None:
    """Plays the demonstration in a directory of its own, which it empties first."""
    say(f"A PostgreSQL and an Administrate of our own, under {home}")
    database = open_database(DatabaseSettings(None, home))
    try:
        _begin_anew(database)
        state = home / "administrate"
        shutil.rmtree(state, ignore_errors=True)
        with start_sandbox(state) as sandbox:
            settings = AdministrateSettings.from_environment(sandbox.settings)
            with Administrate(settings) as client:
                ledger = Ledger(database, ACTOR)
                say("")
                _sync(ledger, client)
                say("\nThe same again: nothing has changed, and the ledger says so.")
                _sync(ledger, client, quiet=True)
        say(_NEXT.format(home=home))
    finally:
        database.close()


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
    reporter = evolve(PrintedReport(), findings=not quiet)
    with new_sync(ledger, client, "sync all", options, reporter) as under_way:
        under_way.take_all()


_NEXT = """
Where to look next (with ADMSYNC_DATA_DIR={home} before each):
  admsync runs                      what ran, and how it ended
  admsync history "Waverley Hall"   why a venue is linked to what it is linked to
  admsync verify                    the chain is whole, and the tables equal it
  admsync replay --at 100           the tables as they were"""
