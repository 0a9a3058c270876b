"""The demonstration's environment, a fictional company on both sides, and its syncs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import text

from ledger.database.connection import Database, driver, open_database
from ledger.database.settings import DatabaseSettings
from ledger.migrations.migrate import migrate
from ledger.output.lines import report, report_lines
from ledger.runs.kinds import SYNC
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.pace.reservations import CallReservations
from sync.administrate.settings import AdministrateSettings
from sync.entities import ENTITIES
from sync.events.drift import read_drift
from sync.events.names import ValueNames
from sync.events.settle import out_of_step, settle
from sync.reports.drift_lines import drift_lines
from sync.reports.sync_report import PrintedReport
from sync.run import SyncOptions, new_sync
from sync.sandbox.company.generate import Size
from sync.sandbox.company.tutorial import tutorial_tables
from sync.sandbox.control.client import ControlClient
from sync.sandbox.process import RunningSandbox, start_sandbox

ACTOR = "demo"
Row = Mapping[str, object]


@contextmanager
def stage(home: Path, linger: float = 0.0) -> Iterator[tuple[Ledger, Administrate, RunningSandbox]]:
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
                yield Ledger(database, ACTOR), client, sandbox
    finally:
        database.close()


def link_twice(ledger: Ledger, client: Administrate) -> None:
    """Syncs everything, and once more to show that nothing changes."""
    _sync(ledger, client)
    report()
    report("The same again: nothing has changed, and the ledger says so.")
    _sync(ledger, client, quiet=True)


def edit_both_sides(ledger: Ledger, client: Administrate, control: ControlClient) -> None:
    """Has people edit imported events on both sides, syncs, and decides the conflict."""
    _sync_events(ledger, client)
    report()
    report(
        "Meanwhile, people go on working. One session is moved in Administrate, one event is sold"
        " out in the web application, and one session is renamed in both:"
    )
    moved, renamed = _edited(ledger.database, control)
    _sync_events(ledger, client)
    with ledger.database.driver_transaction() as connection:
        found = read_drift(connection)
        lines = list(drift_lines(found, ValueNames.learned(connection, found)))
        conflict = out_of_step(connection, renamed, "title")
    report()
    report(f"The move of {moved} is in the tutorial tables. What is out of step:")
    report_lines(f"  {line}" for line in lines)
    settled = settle(ledger, conflict, "administrate", "the course book calls it so")
    report()
    report("The conflict, decided for Administrate by a person:")
    report(f"  ✓ {conflict.tutorial} was changed to it, in run {settled.run_id}")


def _edited(database: Database, control: ControlClient) -> tuple[str, str]:
    """Edits three events; the records of the session that was moved, and of the one renamed."""
    with database.driver_transaction() as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (e.id) e.external_id, s.external_id, s.tutorial_session_id,"
            " e.tutorial_event_id FROM adm.sessions s JOIN adm.events e ON e.id = s.event_id"
            " WHERE s.tutorial_session_id IS NOT NULL ORDER BY e.id, s.day_number"
        ).fetchall()
        (moved_event, moved, *_), (*_, sold_out), (renamed_event, renamed, tutorial, _) = rows[:3]
        connection.execute(
            "UPDATE acted.tutorial_events SET is_soldout = true WHERE id = %s", (sold_out,)
        )
        connection.execute(
            "UPDATE acted.tutorial_sessions SET title = 'Day 1 (bring a calculator)' WHERE id = %s",
            (tutorial,),
        )
    control.edit_event(moved_event, session=1, move=1)
    control.edit_event(renamed_event, session=1, title="Day 1: Probability")
    return f"adm.sessions/{moved}", f"adm.sessions/{renamed}"


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


def fill_tutorial_tables(database: Database, size: Size) -> bool:
    """Fills the tutorial tables with the company's, of a size; False where they hold rows already,
    of which none is touched. Brings the database to the current schema first.

    Raises ``DatabaseError`` where the tables are of another shape: nothing was filled.
    """
    migrate(database, actor=ACTOR)
    with database.driver_transaction() as connection:
        tables = list(tutorial_tables(size))
        for name, _ in tables:
            schema, _, table = name.partition(".")
            held = sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(schema, table))
            if connection.execute(held).rowcount:
                return False
        load_tutorial_rows(connection, tables)
    return True


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
    _carry_out(ledger, client, "all", options, quiet=quiet)


def _sync_events(ledger: Ledger, client: Administrate) -> None:
    # All of them: the sample's may be over on the day of the demonstration.
    options = SyncOptions(tuple(one.name for one in ENTITIES if one.windowed), every=True)
    _carry_out(ledger, client, "events", options, quiet=True)


def _carry_out(
    ledger: Ledger, client: Administrate, name: str, options: SyncOptions, *, quiet: bool
) -> None:
    reporter = PrintedReport(discrepancies=not quiet)
    with new_sync(ledger, client, SYNC.command(name), options, reporter) as under_way:
        under_way.take_all()
