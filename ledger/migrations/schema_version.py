"""The version of the database's schema, and whether it is the one this program works on."""

from __future__ import annotations

import re
from typing import Any

import psycopg

from ledger.database.connection import Database
from ledger.errors import NotMigrated

# The last of the migrations under migrations/versions.
CURRENT = "0011"


def schema_version(connection: psycopg.Connection[Any]) -> str | None:
    """The version of the last migration that was carried out; ``None`` before the first."""
    [(known,)] = connection.execute("SELECT to_regclass('ledger.schema_versions')").fetchall()
    if known is None:
        return None
    found = connection.execute("SELECT version_num FROM ledger.schema_versions").fetchone()
    return None if found is None else str(found[0])


def require_current(database: Database) -> None:
    """Raises ``NotMigrated`` where the database's schema is not the one this program works on."""
    with database.driver_transaction() as connection:
        found = schema_version(connection)
    refuse_later(found)
    if found != CURRENT:
        raise NotMigrated(
            f"the database's schema is {found or 'not there yet'}, this program works on {CURRENT};"
            " run: admsync migrate"
        )


def refuse_later(found: str | None) -> None:
    """Raises ``NotMigrated`` where a later program made the schema, to which no migration leads
    back, or something else than a program did."""
    if found is None:
        return
    if not re.fullmatch("[0-9]{4}", found):
        raise NotMigrated(
            f"the version of the database's schema is {found!r}, which no admsync wrote there; put"
            " the row of ledger.schema_versions back from a backup"
        )
    if found > CURRENT:
        raise NotMigrated(
            f"the database's schema is {found}, of a later version of admsync; this program works"
            f" on {CURRENT}: upgrade admsync"
        )
