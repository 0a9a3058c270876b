"""Connections lost around a COMMIT: what was asked is done once, whichever side of it was cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve
from sqlalchemy import Connection

from ledger.database.connection import Database
from ledger.errors import DatabaseUnreachable
from ledger.store.ledger import Ledger
from ledger.verify.verify import verify_chain
from tests.databases import opened
from tests.ledger.builders import counted, observed, unmatched
from tests.proxy import Faults, proxied


@pytest.fixture
def faults(database_url: str) -> Iterator[Faults]:
    with proxied(database_url) as faults:
        yield faults


@pytest.fixture
def distant(faults: Faults) -> Iterator[Ledger]:
    """The ledger, reached by a connection that can be cut."""
    with opened(faults.url) as database:
        yield Ledger(database, actor="tests")


def create_note(connection: Connection) -> None:
    connection.exec_driver_sql(
        "INSERT INTO acted.tutorial_locations (name) VALUES ('made beside the append')"
    )


def test_an_append_whose_answer_is_lost_is_in_once(
    distant: Ledger, faults: Faults, database: Database
) -> None:
    faults.lost_answers = 1
    appended = distant.append(
        [observed("a", 1), observed("b", 2)], blobs=[b"page"], beside=create_note
    )
    assert appended.known
    assert appended.positions == [1, 2]
    direct = evolve(distant, database=database)
    assert counted(direct, "ledger.events") == 2
    assert counted(direct, "adm.venues") == 2
    assert counted(direct, "acted.tutorial_locations") == 1
    assert verify_chain(database).ok


def test_an_append_whose_commit_is_lost_is_made_again(
    distant: Ledger, faults: Faults, database: Database
) -> None:
    faults.lost_commits = 1
    appended = distant.append([observed("a", 1)], blobs=[b"page"], beside=create_note)
    assert not appended.known
    direct = evolve(distant, database=database)
    assert counted(direct, "ledger.events") == 1
    assert counted(direct, "ledger.blobs") == 1
    assert counted(direct, "acted.tutorial_locations") == 1


def test_an_append_that_cannot_be_made_says_that_the_database_is_lost(
    distant: Ledger, faults: Faults, ledger: Ledger
) -> None:
    faults.lost_commits = 2
    with pytest.raises(
        DatabaseUnreachable, match=r"the database cannot be reached: .*DATABASE_URL"
    ):
        distant.append([unmatched()])
    assert counted(ledger, "ledger.events") == 0


def test_the_next_append_finds_a_new_connection(distant: Ledger, faults: Faults) -> None:
    faults.lost_commits = 2
    with pytest.raises(DatabaseUnreachable):
        distant.append([unmatched()])
    assert distant.append([unmatched()]).positions == [1]
