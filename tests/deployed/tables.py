"""The tables of both deployed shapes: February's as SQL, May's by the migrations from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeAlias

import psycopg
from psycopg import sql

Shape: TypeAlias = Literal["february", "may"]
SHAPES: tuple[Shape, ...] = ("february", "may")

_SQL = Path(__file__).parent / "sql"


def make_february(connection: psycopg.Connection[Any], *, adm: bool) -> None:
    """Makes February's tables, empty, in a database that has none of them."""
    _run(connection, "february_acted")
    if adm:
        _run(connection, "february_adm")


def become_may(connection: psycopg.Connection[Any], *, zone: str = "Europe/London") -> None:
    """Runs the web application's migrations from February's shape to May's, in one transaction.

    Dates that become moments are midnights of the zone.
    """
    # A table with a key yet to be checked cannot be altered.
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    connection.execute("SELECT set_config('deployed.zone', %s, true)", [zone])
    _run(connection, "may_acted")
    found = connection.execute("SELECT to_regclass('adm.events')").fetchone()
    if found != (None,):
        _run(connection, "may_adm")


def generate_ids_always(connection: psycopg.Connection[Any], *schemas: str) -> None:
    """Makes every identity column of the schemas GENERATED ALWAYS."""
    columns = connection.execute(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = ANY(%s) AND is_identity = 'YES'",
        [list(schemas)],
    ).fetchall()
    for schema, table, column in columns:
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER {} SET GENERATED ALWAYS").format(
                sql.Identifier(schema, table), sql.Identifier(column)
            )
        )


def misplace(connection: psycopg.Connection[Any], *tables: str) -> None:
    """Puts tables of adm into schema public, the whole of their name for a name: events."""
    for table in tables:
        aside = sql.Identifier("adm", f"adm.{table}")
        connection.execute(
            sql.SQL("ALTER TABLE {} RENAME TO {}").format(
                sql.Identifier("adm", table), sql.Identifier(f"adm.{table}")
            )
        )
        connection.execute(sql.SQL("ALTER TABLE {} SET SCHEMA public").format(aside))


def _run(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute((_SQL / f"{name}.sql").read_bytes())
