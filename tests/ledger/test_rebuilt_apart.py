"""Where no temporary tables can be made, the tables are rebuilt elsewhere, with the same answer."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from ledger.values import Personal
from tests.databases import Databases, database_name
from tests.ledger.builders import observed
from tests.ledger.builtin.using import User, server_process
from tests.ledger.pausing import wait_for_a_waiter
from tests.program import ADMSYNC, admsync, environment
from tests.roles import granted_role, role_name
from tests.standby import caught_up, standby_of

Server = Callable[[Ledger, str], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """Where the built-in server keeps its data."""
    with tempfile.TemporaryDirectory(prefix="admsync-", ignore_cleanup_errors=True) as name:
        yield Path(name) / "data"


@pytest.fixture(scope="module")
def standby(databases: Databases) -> Iterator[Databases]:
    with standby_of(databases) as standby:
        yield standby


@contextmanager
def only_read(_ledger: Ledger, url: str) -> Iterator[str]:
    yield f"{url}&options=-c%20default_transaction_read_only%3Don"


@contextmanager
def without_temporary_tables(ledger: Ledger, url: str) -> Iterator[str]:
    with granted_role(ledger.database, url) as granted, ledger.database.session() as owner:
        owner.execute(f"REVOKE TEMPORARY ON DATABASE {database_name(url)} FROM PUBLIC".encode())
        yield granted


@pytest.fixture(params=["a standby", "only read", "no temporary tables"])
def limited(request: pytest.FixtureRequest, ledger: Ledger, database_url: str) -> Iterator[str]:
    """The URL of the ledger's database where no temporary tables can be made."""
    ada = {"first_name": Personal("Ada"), "last_name": Personal("Lovelace")}
    ledger.append([observed("A", 1, ada, table="adm.instructors")])
    ledger.append([observed("V", 1, {"name": "Waterloo"}), observed("W", 2, {"name": "Bank"})])
    change(database_url, "UPDATE adm.venues SET name = 'Euston' WHERE id = 1")
    change(database_url, "DELETE FROM adm.venues WHERE id = 2")
    change(database_url, "INSERT INTO adm.venues (id, external_id, name) VALUES (9, 'X', 'Angel')")
    if request.param == "a standby":
        standby: Databases = request.getfixturevalue("standby")
        caught_up(database_url, standby)
        yield standby.url(database_name(database_url))
        return
    made: Server = only_read if request.param == "only read" else without_temporary_tables
    with made(ledger, database_url) as url:
        yield url


def change(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def asked(url: str, data_dir: Path, *arguments: str) -> tuple[int, Any, str]:
    """The exit code, the document, and what is told beside it."""
    settings = {"ADMSYNC_DATA_DIR": str(data_dir)}
    done = admsync(*arguments, "--json", url=url, settings=settings)
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


@pytest.mark.parametrize(
    "question", [("verify",), ("replay",), ("replay", "--at", "3"), ("replay", "--at", "1")]
)
def test_the_answer_is_the_same_and_says_where_the_tables_were_rebuilt(
    limited: str, database_url: str, data_dir: Path, question: tuple[str, ...]
) -> None:
    code, document, told = asked(limited, data_dir, *question)
    assert (code, document) == asked(database_url, data_dir, *question)[:2], told
    assert code == (0 if "--at" in question else 1)
    assert "the tables are rebuilt in the built-in PostgreSQL" in told
    assert str(data_dir) in told


def test_what_is_not_there_is_not_corrected_and_the_grant_is_named(
    ledger: Ledger, database_url: str, data_dir: Path
) -> None:
    ledger.append([observed("V", 1, {"name": "Waterloo"})])
    change(database_url, "UPDATE adm.venues SET name = 'Euston'")
    with without_temporary_tables(ledger, database_url) as url:
        code, _, told = asked(url, data_dir, "replay", "--apply")
        role, name = role_name(url), database_name(database_url)
    assert code == 1
    assert f"GRANT TEMPORARY ON DATABASE {name} TO {role}" in told


def test_a_run_of_the_primary_is_not_called_stopped_on_a_standby(
    ledger: Ledger, database_url: str, standby: Databases, data_dir: Path
) -> None:
    with new_run(ledger, "sync venues", holds=("adm.venues",)):
        caught_up(database_url, standby)
        url = standby.url(database_name(database_url))
        [found] = asked(url, data_dir, "runs")[1]
    assert found["state"] == "running"


def test_killed_while_the_tables_are_rebuilt_it_leaves_no_table_and_no_server(
    ledger: Ledger, database_url: str, data_dir: Path
) -> None:
    ledger.append([observed("V", 1, {"name": "Waterloo"})])
    with only_read(ledger, database_url) as url, psycopg.connect(database_url) as writing:
        # The last of the tables to be copied; others are there by then.
        writing.execute("LOCK TABLE acted.tutorial_session_instructors")
        verifying = subprocess.Popen(
            [ADMSYNC, "verify"],
            env=environment(url, {"ADMSYNC_DATA_DIR": str(data_dir)}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_a_waiter(ledger.database)
        server = server_process(data_dir)
        assert server is not None
        verifying.kill()
        assert verifying.wait(60) == -signal.SIGKILL
    server.wait(60)
    user = User(data_dir)
    with psycopg.connect(user.url()) as connection:
        left = connection.execute("SELECT relname FROM pg_class WHERE relname LIKE 'current%'")
        assert left.fetchall() == []
    user.ends()
    assert server_process(data_dir) is None
    # As it was: the built-in server has nothing of it, and the ledger's database neither.
    assert asked(database_url, data_dir, "verify")[0] == 0
