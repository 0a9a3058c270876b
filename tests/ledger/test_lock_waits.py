"""Whoever waits for a lock in vain is told who holds it; nobody waits for each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from ledger.database.connection import driver
from ledger.errors import LockNotGiven, StoppedResumably
from ledger.migrations.migrate import migrate
from ledger.replay.compare import replay
from ledger.runs.run import new_run
from ledger.store.append import lock
from ledger.store.ledger import Ledger
from tests.databases import opened
from tests.ledger.builders import observed
from tests.ledger.pausing import wait_for_a_waiter
from tests.roles import granted_role, role_name

# How long a lock is waited for: the next where nobody had looked by then who holds it, on a machine
# that has much else to do.
PATIENCES = ("500ms", "3s", "30s")


def told_who_holds(act: Callable[[str], None]) -> str:
    """What was told of a wait in vain, once somebody has looked."""
    told = ""
    for patience in PATIENCES:
        with pytest.raises((LockNotGiven, StoppedResumably)) as problem:
            act(patience)
        told = str(problem.value)
        if "is held by" in told:
            break
    return told


@contextmanager
def holding(url: str, statement: str) -> Iterator[int]:
    """A session of another program that has carried out a statement and does not commit: its
    process."""
    with psycopg.connect(url, application_name="the web application") as connection:
        connection.execute(statement.encode())
        yield connection.info.backend_pid
        connection.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_advisory_xact_lock(4701961204418127873)",
        "LOCK TABLE adm.venues IN SHARE MODE",
        "UPDATE adm.venues SET name = 'Somebody Else' WHERE external_id = 'V'",
    ],
)
@pytest.mark.usefixtures("in_kolkata")
def test_a_run_that_waits_in_vain_tells_who_holds_the_lock(
    ledger: Ledger, database_url: str, statement: str
) -> None:
    ledger.append([observed("V", 1, {"name": "Waterloo"})])
    said: list[int] = []

    def kept_waiting(patience: str) -> None:
        with (
            new_run(ledger, "sync venues"),
            holding(database_url, statement) as process,
            ledger.database.transaction() as connection,
        ):
            said[:] = [process]
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{patience}'")
            connection.exec_driver_sql("UPDATE adm.venues SET name = name")
            lock(driver(connection))

    told = told_who_holds(kept_waiting)
    assert "go on with: admsync resume" in told
    assert f"a lock that it needs is held by process {said[0]} (role postgres," in told
    assert "application the web application, since 20" in told
    word = statement.partition(" ")[0]
    assert f" IST, idle in transaction: {word})" in told
    # Of what it does, nothing that may name a person.
    assert "Somebody Else" not in told


@pytest.mark.usefixtures("in_kolkata")
def test_another_role_is_told_as_much_as_it_may_see(ledger: Ledger, database_url: str) -> None:
    def read(patience: str) -> None:
        with database.driver_transaction() as connection:
            connection.execute(f"SET LOCAL lock_timeout = '{patience}'".encode())
            connection.execute("SELECT FROM adm.venues")

    with (
        granted_role(ledger.database, database_url) as url,
        opened(url) as database,
        holding(database_url, "LOCK TABLE adm.venues") as process,
    ):
        told = told_who_holds(read)
    assert f"process {process} (role {role_name(database_url)}, application the" in told
    assert " IST at the latest)" in told


def test_a_migration_lets_whoever_appends_come_to_its_end(
    ledger: Ledger, database_url: str
) -> None:
    ledger.append([observed("V", 1, {"name": "Waterloo"})])
    with ledger.database.session() as connection:
        connection.execute("ALTER TABLE adm.venues DROP COLUMN name")
    with opened(database_url) as other, ThreadPoolExecutor(1) as beside:
        with ledger.database.transaction() as connection:
            lock(driver(connection))
            migrating = beside.submit(migrate, other, actor="tests")
            wait_for_a_waiter(ledger.database)
            # What it comes for is not held by a migration that waits.
            connection.exec_driver_sql("SELECT FROM adm.venues")
            connection.exec_driver_sql("SELECT FROM ledger.runs")
        steps = migrating.result()
    assert "adm.venues: 1 rows filled again." in steps
    assert replay(ledger.database).ok


@pytest.mark.parametrize(("first", "second"), [("venues", "locations"), ("locations", "venues")])
def test_a_migration_lets_whoever_reads_one_table_read_the_next(
    ledger: Ledger, database_url: str, first: str, second: str
) -> None:
    with ledger.database.session() as connection:
        connection.execute("ALTER TABLE adm.venues DROP COLUMN name")
        connection.execute("ALTER TABLE adm.locations DROP COLUMN name")
    with opened(database_url) as other, ThreadPoolExecutor(1) as beside:
        with ledger.database.transaction() as connection:
            connection.exec_driver_sql(f"SELECT FROM adm.{first}")
            migrating = beside.submit(migrate, other, actor="tests")
            wait_for_a_waiter(ledger.database)
            connection.exec_driver_sql(f"SELECT FROM adm.{second}")
        assert len(migrating.result()) == 2
