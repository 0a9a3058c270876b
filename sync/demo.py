"""The demonstration's environment, a fictional company on both sides, and its syncs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from attrs import evolve
from psycopg import sql
from sqlalchemy import text

from ledger.database.connection import Database, driver, open_database
from ledger.database.settings import DatabaseSettings
from ledger.migrations.migrate import migrate
from ledger.output.lines import report
from ledger.runs.kinds import SYNC
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.pace.reservations import CallReservations
from sync.administrate.settings import AdministrateSettings
from sync.entities import ENTITIES
from sync.report import PrintedReport
from sync.run import SyncOptions, new_sync
from sync.sandbox.company.tutorial import tutorial_tables
from sync.sandbox.process import start_sandbox

ACTOR = "demo"
Row = Mapping[str, object]


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


def link_twice(ledger: Ledger, client: Administrate) -> None:
    """Syncs everything, and once more to show that nothing changes."""
    _sync(ledger, client)
    report()
    report("The same again: nothing has changed, and the ledger says so.")
    _sync(ledger, client, quiet=True)


def load_tutorial_rows(
    connection: psycopg.Connection, tables: Iterable[tuple[str, Iterable[Row]]]
) -> None:
    """Copies each table's rows, ids included, and lets the ids that follow count on from there."""
    for name, rows in tables:
        schema, _, table = name.partition(".")
        target = sql.Identifier(schema, table)
        waiting = iter(rows)
        first = next(waiting, None)
        if first is None:
            continue
        columns = list(first)
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
            target, sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with connection.cursor() as cursor, cursor.copy(copy) as into:
            into.write_row([first[column] for column in columns])
            for row in waiting:
                into.write_row([row[column] for column in columns])
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}").format(
                sql.Literal(f'{schema}."{table}"'), target
            )
        )


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
