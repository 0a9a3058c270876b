"""What the database may do later stops a run where it can go on, and does not fail it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from ledger.database.connection import Database, driver
from ledger.errors import AdmsyncError, DatabaseBusy, DatabaseError, StoppedResumably
from ledger.runs.run import new_run, resumed_run
from ledger.runs.states import run_states
from ledger.store.append import lock
from ledger.store.ledger import Ledger
from tests.databases import opened
from tests.ledger.record_events import observed

VENUE = observed("adm.venues", "V1", 1, name="Waterloo")


@pytest.fixture
def impatient(database_url: str) -> Iterator[Ledger]:
    """The ledger, whose every lock is waited for only a moment."""

    def connected(connection: Any, _record: object) -> None:
        connection.execute("SET lock_timeout = '50ms'")
        connection.commit()

    with opened(database_url) as database:
        database.engine.dispose()
        event.listen(database.engine, "connect", connected)
        yield Ledger(database, "tests")


@contextmanager
def appending(database: Database) -> Iterator[None]:
    """Somebody else appends all the while."""
    with database.transaction() as connection:
        lock(driver(connection))
        yield


def raising(database: Database, code: str) -> None:
    """Has the server refuse a statement for a reason of this code."""
    with database.transaction() as connection:
        connection.exec_driver_sql(f"DO $$ BEGIN RAISE 'not now' USING ERRCODE = '{code}'; END $$")


def test_a_run_that_gets_no_lock_in_time_stops_and_goes_on(
    impatient: Ledger, database: Database
) -> None:
    def kept_waiting() -> None:
        with new_run(impatient, "sync venues") as run, appending(database):
            run.append(VENUE)

    with pytest.raises(StoppedResumably, match="lock timeout; go on with: admsync resume"):
        kept_waiting()
    [stopped] = run_states(database)
    assert stopped.state == "stopped"
    with resumed_run(impatient, stopped.run_id) as run:
        run.append(VENUE)
    assert [state.state for state in run_states(database)] == ["done"]


@pytest.mark.parametrize("code", ["40001", "40P01", "53100", "53200", "55P03", "57014"])
def test_what_may_pass_is_told_apart(database: Database, code: str) -> None:
    with pytest.raises(DatabaseBusy, match="the database could not do it now: not now"):
        raising(database, code)


@pytest.mark.parametrize("code", ["22003", "23505", "42501"])
def test_from_what_will_not(database: Database, code: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        raising(database, code)
    assert not isinstance(refused.value, DatabaseBusy)


def test_what_failed_a_run_is_told_even_where_the_ledger_cannot_be(
    impatient: Ledger, database: Database
) -> None:
    def failed() -> None:
        with ExitStack() as others, new_run(impatient, "sync venues"):
            others.enter_context(appending(database))
            raise AdmsyncError("adm.locations is empty")

    with pytest.raises(AdmsyncError, match="is empty"):
        failed()
