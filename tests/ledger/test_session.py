"""A session's settings are the program's, whatever a role or a database has set for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from ledger.database.connection import driver
from ledger.database.session import PINNED
from tests.databases import database_name, opened
from tests.program import admsync
from tests.sync.company import fill_tutorial_side

HOSTILE = {
    "search_path": "elsewhere, public",
    "datestyle": "German, DMY",
    "intervalstyle": "sql_standard",
    "timezone": "America/St_Johns",
    "client_encoding": "LATIN1",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "bytea_output": "escape",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "statement_timeout": "2min",
    "lock_timeout": "2min",
    "idle_in_transaction_session_timeout": "2min",
    "idle_session_timeout": "2min",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
    "client_min_messages": "debug1",
    "synchronous_commit": "off",
    "gin_fuzzy_search_limit": "5",
    "exit_on_error": "on",
}


@contextmanager
def hostile(url: str) -> Iterator[None]:
    """The settings of the database at a URL, all as nobody would have them."""
    name = database_name(url)
    with psycopg.connect(url, autocommit=True) as connection:
        # Not yet for this connection itself.
        for setting, value in HOSTILE.items():
            quoted = value if "," in value else f"'{value}'"
            connection.execute(f"ALTER DATABASE {name} SET {setting} = {quoted}".encode())
        yield


def test_what_a_database_sets_for_its_sessions_does_not_count(database_url: str) -> None:
    names = (*PINNED, "synchronous_commit")
    asked = ", ".join(f"current_setting('{name}')" for name in names)
    with (
        hostile(database_url),
        opened(database_url) as database,
        database.transaction() as opened_transaction,
    ):
        connection = driver(opened_transaction)
        row = connection.execute(f"SELECT {asked}".encode()).fetchone()
        assert row is not None
        found = dict(zip(names, row, strict=True))
        values = connection.execute(
            "SELECT '2026-06-30 23:30Z'::timestamptz, 0.1::float8, '\\x00ff'::bytea, 'ä',"
            " '2026-06-30'::date::text, '\\x00ff'::bytea::text, null = 1"
        ).fetchone()
    # The server writes a minute its own way; on a socket there is nothing to keep alive.
    other = {name for name in PINNED if found[name] != PINNED[name]}
    assert other <= {"lock_timeout", "tcp_keepalives_idle", "tcp_keepalives_interval"}
    assert found["lock_timeout"] == "1min"
    assert found["synchronous_commit"] == "on"
    midnight = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert values == (midnight, 0.1, b"\x00\xff", "ä", "2026-06-30", "\\x00ff", None)


def test_no_setting_goes_with_a_rollback_and_each_connection_has_them(database_url: str) -> None:
    with hostile(database_url), opened(database_url) as database:
        for _ in range(2):
            with database.transaction() as connection:
                connection.rollback()
            with database.snapshot() as connection, database.session() as session:
                for one in (driver(connection), session):
                    assert one.execute("SHOW datestyle").fetchone() == ("ISO, MDY",)


@pytest.mark.parametrize("schema", ["public", "elsewhere"])
def test_a_table_of_the_same_name_elsewhere_shadows_none_of_ours(
    database_url: str, schema: str
) -> None:
    fill_tutorial_side(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS elsewhere")
        tables = connection.execute(
            "SELECT DISTINCT tablename::text FROM pg_tables"
            " WHERE schemaname IN ('ledger', 'adm', 'acted')"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f'CREATE TABLE {schema}."{table}" (trap int)'.encode())
        connection.execute(
            f"CREATE FUNCTION {schema}.to_regclass(varchar) RETURNS regclass"
            " LANGUAGE sql RETURN NULL".encode()
        )
    with hostile(database_url):
        for command in ("runs", "verify", "replay", "migrate", "verify-schema-placement"):
            done = admsync(command, url=database_url)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
