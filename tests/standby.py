"""A standby of the tests' own server, which follows it and is only read."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ledger.database.builtin.account import server_account
from ledger.database.builtin.programs import programs_for
from tests.databases import Databases


@contextmanager
def standby_of(primary: Databases) -> Iterator[Databases]:
    """A standby of a server of the program's own kind, made by pg_basebackup; of a given one there
    is none, and the test is skipped."""
    if "TEST_DATABASE_URL" in os.environ:
        pytest.skip("a standby is made of the built-in server")
    with tempfile.TemporaryDirectory(prefix="admsync-") as name:
        directory = Path(name) / "standby"
        account = server_account(directory)
        os.chown(name, *account.owner)
        postgres = programs_for(account).postgres
        url = make_url(primary.admin_url)
        address = f"host={url.query['host']} port={url.query['port']} user={url.username}"
        copy: list[str | Path] = [
            postgres.with_name("pg_basebackup"),
            "-d",
            address,
            "-D",
            directory,
            "-R",
        ]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": name}
        as_account: dict[str, Any] = {**account.identity(), **silent}
        subprocess.run([*copy, "-c", "fast"], check=True, **as_account)
        command: list[str | Path] = [
            postgres,
            "-D",
            directory,
            "-c",
            f"unix_socket_directories={name}",
        ]
        with subprocess.Popen([*command, "-c", "listen_addresses="], **as_account) as server:
            try:
                own = url.update_query_dict({"host": name})
                standby = Databases(own.render_as_string(hide_password=False))
                _wait_until(standby, "SELECT pg_is_in_recovery()")
                yield standby
            finally:
                server.send_signal(signal.SIGINT)


def caught_up(primary_url: str, standby: Databases) -> None:
    """Waits until what is committed at the primary is seen at the standby."""
    with psycopg.connect(primary_url) as connection:
        [(end,)] = connection.execute("SELECT pg_current_wal_lsn()::text").fetchall()
    _wait_until(standby, f"SELECT pg_last_wal_replay_lsn() >= '{end}'")


def _wait_until(server: Databases, condition: str) -> None:
    for _ in range(600):
        with suppress(psycopg.OperationalError), psycopg.connect(server.admin_url) as connection:
            if connection.execute(condition.encode()).fetchone() == (True,):
                return
        time.sleep(0.05)
    raise AssertionError(f"the standby never came to: {condition}")
