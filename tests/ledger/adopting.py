"""Migrating a deployed database, and what is looked at before and after."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ledger.errors import DatabaseError
from ledger.events import BridgeRowAdopted
from ledger.migrations.migrate import migrate
from ledger.migrations.schema_version import require_current
from ledger.replay.compare import replay
from ledger.store.ledger import Ledger
from ledger.verify.verify import verify_chain
from tests.databases import opened
from tests.deployed import facts_of
from tests.deployed.values import values_of

EVERY = ("acted", "adm", "public")


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def migrated(url: str) -> list[str]:
    """Migrates, twice: the second time changes nothing; and the tables are as the ledger says."""
    with opened(url) as database:
        said = migrate(database, actor="tests")
        require_current(database)
        assert migrate(database, actor="tests") == []
        replayed = replay(database)
        assert replayed.ok, replayed.differences
        assert verify_chain(database).ok
    return said


def refused(url: str) -> str:
    """What stands in the migration's way; nothing was done."""
    with psycopg.connect(url) as connection:
        before = values_of(connection, *EVERY), facts_of(connection, *EVERY)
    with opened(url) as database, pytest.raises(DatabaseError) as problem:
        migrate(database, actor="tests")
    with psycopg.connect(url) as connection:
        assert (values_of(connection, *EVERY), facts_of(connection, *EVERY)) == before
    assert "\n" not in str(problem.value)
    return str(problem.value)


def adopted(url: str) -> list[BridgeRowAdopted]:
    with opened(url) as database:
        events = [recorded.event for recorded in Ledger(database, actor="tests").read()]
    return [event for event in events if isinstance(event, BridgeRowAdopted)]
