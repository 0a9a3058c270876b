"""Append-only: whoever changes the ledger by hand is refused, and told what to do instead."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import psycopg
import pytest

from ledger.database.connection import Database
from ledger.store.ledger import Ledger
from ledger.values import Personal
from ledger.verify.verify import verify_chain
from tests.databases import opened
from tests.ledger.builders import counted, observed
from tests.roles import granted_role, role_name

TABLES = ["events", "appends", "blobs", "personal"]
CHANGES = ["UPDATE ledger.{0} SET {1} = {1}", "DELETE FROM ledger.{0}", "TRUNCATE ledger.{0}"]
ROUNDABOUT = [
    "DELETE FROM ONLY ledger.{0} WHERE false",
    "TRUNCATE ledger.{0}, ledger.runs CASCADE",
    "INSERT INTO ledger.{0} TABLE ledger.{0} ON CONFLICT ({1}) DO UPDATE SET {1} = EXCLUDED.{1}",
    "MERGE INTO ledger.{0} a USING ledger.{0} b ON a.{1} = b.{1} WHEN MATCHED THEN DELETE",
]
KEYS = {"events": "position", "appends": "first_position", "blobs": "digest", "personal": "digest"}


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """A ledger with a row in each of its tables."""
    ada = {"first_name": Personal("Ada"), "last_name": Personal("Lovelace")}
    ledger.append([observed("a", 1, ada, table="adm.instructors")], blobs=[b"a page"])
    return ledger


@pytest.fixture
def owner(filled: Ledger) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the one who owns the tables."""
    with filled.database.session() as connection:
        yield connection


@pytest.mark.parametrize("table", TABLES)
def test_the_owner_is_refused_and_told_what_to_do(
    owner: psycopg.Connection[Any], table: str
) -> None:
    for role, change in product(["origin", "replica"], CHANGES):
        owner.execute(f"SET session_replication_role = {role}".encode())
        with pytest.raises(psycopg.Error) as refused:
            owner.execute(change.format(table, KEYS[table]).encode())
        verb = change.split(maxsplit=1)[0]
        assert refused.value.diag.message_primary == (
            f"{verb} on ledger.{table} is refused: the ledger is append-only"
        )
        assert "admsync erase" in str(refused.value.diag.message_hint)


@pytest.mark.parametrize("table", TABLES)
def test_no_roundabout_form_of_a_change_passes(owner: psycopg.Connection[Any], table: str) -> None:
    for change in ROUNDABOUT:
        with pytest.raises(psycopg.Error, match="the ledger is append-only"):
            owner.execute(change.format(table, KEYS[table]).encode())


def test_erasing_does_not_open_the_events(owner: psycopg.Connection[Any]) -> None:
    owner.execute("SET ledger.erasing = 'yes'")
    for change in (
        "DELETE FROM ledger.events",
        "DELETE FROM ledger.appends",
        "TRUNCATE ledger.blobs",
    ):
        with pytest.raises(psycopg.Error, match="the ledger is append-only"):
            owner.execute(change.encode())


@pytest.fixture
def program(filled: Ledger, database_url: str) -> Iterator[tuple[Ledger, Database]]:
    """The ledger as a role sees it that was given no more than the program needs."""
    with granted_role(filled.database, database_url) as url, opened(url) as database:
        yield Ledger(database, actor=role_name(url)), filled.database


def test_the_programs_role_appends_projects_and_reads(program: tuple[Ledger, Database]) -> None:
    ledger, _ = program
    appended = ledger.append([observed("b", 2, {"name": "B"})], blobs=[b"another page"])
    assert appended.positions == [2]
    assert len(list(ledger.read())) == 2
    assert counted(ledger, "adm.venues") == 1
    assert verify_chain(ledger.database).ok


FORBIDDEN = [
    "INSERT INTO ledger.events SELECT * FROM ledger.events",
    "INSERT INTO ledger.appends VALUES (9, 1, '', '')",
    "UPDATE ledger.blobs SET content = content",
    "DELETE FROM ledger.personal",
    "TRUNCATE ledger.appends",
    "ALTER TABLE ledger.events DISABLE TRIGGER append_only",
    "DROP TABLE ledger.events",
    "CREATE TABLE ledger.mine (id int)",
    "SELECT * FROM ledger.events FOR UPDATE",
    "SET session_replication_role = replica",
]


def test_the_programs_role_may_not_pass_by_the_function(program: tuple[Ledger, Database]) -> None:
    ledger, _ = program
    with ledger.database.session() as connection:
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_a_role_that_was_given_nothing_may_not_append(
    program: tuple[Ledger, Database],
) -> None:
    ledger, owned = program
    with owned.transaction() as connection:
        connection.exec_driver_sql(f"REVOKE EXECUTE ON FUNCTION ledger.append FROM {ledger.actor}")
    with pytest.raises(Exception, match="admsync migrate --grant ROLE"):
        ledger.append([observed("b", 2)])
