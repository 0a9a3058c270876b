"""Schema ``ledger`` explains itself to people who read it with SQL, and shows them no more than
they may see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from ledger.database.connection import Database
from ledger.events.runs import ENDED
from ledger.migrations.migrate import migrate
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.databases import Databases
from tests.ledger.builders import observed, unmatched

VIEWS = ("field_discrepancies", "open_discrepancies", "readable_events", "run_summaries")


def read(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@pytest.fixture
def reader(databases: Databases) -> Iterator[str]:
    """A role that may do nothing yet."""
    name = f"reader_{uuid4().hex[:12]}"
    with psycopg.connect(databases.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name}".encode())
        yield name
        connection.execute(f"DROP ROLE {name}".encode())


def test_every_table_and_view_says_what_it_is(database: Database) -> None:
    silent = read(
        database,
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'ledger'::regnamespace"
        " AND c.relkind IN ('r', 'v') AND obj_description(c.oid, 'pg_class') IS NULL",
    )
    assert silent == []


def test_the_comment_on_a_runs_state_names_each(database: Database) -> None:
    [(said,)] = read(
        database,
        "SELECT col_description('ledger.runs'::regclass, attnum) FROM pg_attribute"
        " WHERE attrelid = 'ledger.runs'::regclass AND attname = 'state'",
    )
    for state in ("running", "stopped", *ENDED):
        assert re.search(rf"\b{state}\b", said), state


def test_a_run_is_told_with_its_events(ledger: Ledger) -> None:
    with new_run(ledger, "sync", {}) as run:
        run.append_entries([observed("a", 1)])
    [row] = read(
        ledger.database,
        "SELECT command, actor, state, events, open_writes FROM ledger.run_summaries",
    )
    assert row == ("sync", "tests", "done", 3, 0)


def test_an_event_is_told_with_its_record_and_command(ledger: Ledger) -> None:
    with new_run(ledger, "sync", {}) as run:
        run.append_entries([observed("a/b", 1)])
    rows = read(
        ledger.database,
        "SELECT command, record_table, record_key, payload ->> 'table'"
        " FROM ledger.readable_events WHERE type = 'RecordObserved'",
    )
    assert len(rows) == 1
    assert rows[0][0] == "sync"
    assert rows[0][1] == rows[0][3]


def test_a_discrepancy_is_told_with_its_run(ledger: Ledger) -> None:
    with new_run(ledger, "sync", {}) as run:
        run.append_entries([unmatched(5)])
    [row] = read(
        ledger.database,
        "SELECT record_table, record_key, outcome, last_command FROM ledger.open_discrepancies",
    )
    assert row == ("acted.tutorial_venues", "5", "unmatched", "sync")


@pytest.mark.parametrize("granted", [True, False])
def test_who_could_read_the_tables_before_can_read_the_views(
    database: Database, reader: str, *, granted: bool
) -> None:
    with database.transaction() as connection:
        for view in VIEWS:
            connection.execute(text(f"DROP VIEW ledger.{view}"))
        connection.execute(text("UPDATE ledger.schema_versions SET version_num = '0004'"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA ledger TO {reader}"))
        if granted:
            connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO {reader}"))
    migrate(database, actor="tests")
    try:
        for view in VIEWS:
            allowed = f"SELECT has_table_privilege('{reader}', 'ledger.{view}', 'SELECT')"
            assert read(database, allowed) == [(granted,)]
    finally:
        with database.transaction() as connection:
            connection.execute(text(f"DROP OWNED BY {reader}"))


def test_a_view_shows_nobody_what_its_tables_do_not(database: Database, reader: str) -> None:
    with database.transaction() as connection:
        connection.execute(text(f"GRANT USAGE ON SCHEMA ledger TO {reader}"))
        connection.execute(text(f"GRANT SELECT ON ledger.readable_events TO {reader}"))
    try:
        with database.transaction() as connection:
            connection.execute(text(f"SET LOCAL ROLE {reader}"))
            with pytest.raises(Exception, match="permission denied for table events"):
                connection.execute(text("SELECT * FROM ledger.readable_events"))
            connection.rollback()
    finally:
        with database.transaction() as connection:
            connection.execute(text(f"DROP OWNED BY {reader}"))
