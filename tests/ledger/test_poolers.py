"""A pooler before the server: one that keeps sessions serves, any other is refused in one line."""

from __future__ import annotations

from contextlib import ExitStack

import psycopg
import pytest

from ledger.database.pooling import session_pid
from ledger.database.session import PINNED, connect
from ledger.errors import DatabaseError
from ledger.runs.locks import Busy
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.databases import opened
from tests.poolers import needs_pgbouncer, pooled
from tests.program import admsync

pytestmark = needs_pgbouncer
IGNORED = ["", "options,extra_float_digits"]


@pytest.mark.parametrize("ignored", IGNORED, ids=["refuses options", "drops options"])
def test_a_pooler_that_keeps_sessions_serves(database_url: str, ignored: str) -> None:
    with pooled(database_url, "session", ignored=ignored) as url:
        with opened(url) as database, opened(database_url) as direct, ExitStack() as stack:
            # A run's locks are looked for by the server's own number of the process.
            run = stack.enter_context(
                new_run(Ledger(database, "tests"), "sync venues", holds=("venues",))
            )
            with pytest.raises(Busy, match=str(run.run_id)):
                stack.enter_context(
                    new_run(Ledger(direct, "tests"), "sync venues", holds=("venues",))
                )
            run.counts["created"] = 1
        for command in ("runs", "verify", "doctor"):
            done = admsync(command, url=url)
            assert "pool" not in done.stderr + done.stdout
            assert done.returncode == (command == "doctor"), done.stderr  # no Administrate is set
        assert admsync("migrate", url=url).stdout == "The schema is current; nothing to do.\n"


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("ignored", IGNORED)
def test_a_pooler_that_keeps_none_is_refused(database_url: str, mode: str, ignored: str) -> None:
    with pooled(database_url, mode, ignored=ignored) as url:
        for command in ("runs", "migrate", "verify"):
            done = admsync(command, url=url)
            assert (done.returncode, done.stdout) == (1, "")
            [line] = done.stderr.splitlines()
            assert "pool_mode = session" in line
        told = admsync("doctor", url=url).stdout
        assert "✗ database: the database is reached through a pooler" in told


def test_a_pooler_is_recognised_among_other_clients_of_it(database_url: str) -> None:
    with pooled(database_url, "transaction", ignored="options") as url:
        others = [psycopg.connect(url) for _ in range(4)]
        for number, other in enumerate(others):
            # Some hold their sessions, some have let go of them.
            session_pid(other)
            if number % 2:
                other.rollback()
        with pytest.raises(DatabaseError, match="pool_mode = session"), opened(url):
            pass
        for other in others:
            other.close()


@pytest.mark.parametrize("ignored", IGNORED)
def test_what_a_pooler_drops_at_the_start_is_set_after_it(database_url: str, ignored: str) -> None:
    asked = {"options": "-c work_mem=7MB --temp-buffers=9MB -c search_path=nowhere"}
    with (
        pooled(database_url, "session", ignored=ignored) as url,
        connect({"conninfo": url, **asked}) as connection,
    ):
        shown = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("work_mem", "temp_buffers", "search_path", "datestyle")
        ]
    assert shown == [("7MB",), ("9MB",), (PINNED["search_path"],), (PINNED["datestyle"],)]
