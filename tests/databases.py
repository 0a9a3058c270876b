"""Real databases for the tests: one server a run, a fresh database a test.

The server is the one that comes with the program, in a temporary directory, or any PostgreSQL 15 or
later whose administrator's URL is in TEST_DATABASE_URL.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from attrs import field, frozen
from sqlalchemy.engine import make_url

from ledger.database.connection import Database, open_database
from ledger.database.settings import DatabaseSettings
from ledger.migrations.migrate import migrate

# A process that uses the server until its standard input ends, which it does even where the one
# that holds the other end is killed. Several share one server; the last stops it and removes it.
_USER = """
import atexit, shutil, sys
from pathlib import Path
from ledger.database.builtin import embedded_url

data_dir = Path(sys.argv[1])

@atexit.register
def remove():
    if not (data_dir / "postgresql" / "postmaster.pid").exists():
        shutil.rmtree(data_dir, ignore_errors=True)

print(embedded_url(data_dir), flush=True)
sys.stdin.read()
"""


def server_directory() -> Path:
    """The directory for a server's data, the same for all processes of one run of the tests.

    Not one of pytest's own: another run closes those to the user that the server runs as.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    return Path(tempfile.gettempdir()) / f"admsync-tests-{run}"


@contextmanager
def embedded_server(data_dir: Path) -> Iterator[str]:
    """The URL of an embedded server that another process keeps running for as long as needed."""
    command = [sys.executable, "-c", _USER, str(data_dir)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # whoever interrupts the tests interrupts their process group
    ) as holder:
        assert holder.stdout is not None
        url = holder.stdout.readline().strip()
        assert url, "the embedded server did not start"
        yield url
        holder.communicate()


def hurry(admin_url: str) -> None:
    """Spares a server of our own the waiting for its disk: nothing in it outlives the tests."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        # Not synchronous_commit: making and dropping databases wait longer without it.
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        connection.execute("SELECT pg_reload_conf()")


@frozen
class Databases:
    """A server's databases: made on demand, dropped when done with."""

    admin_url: str = field(repr=False)

    @contextmanager
    def fresh(self, template: str = "template0") -> Iterator[str]:
        """The URL of a database of its own, a copy of the template."""
        name = f"admsync_test_{uuid4().hex}"
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
            try:
                yield self.url(name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def url(self, name: str) -> str:
        """The URL of one of the server's databases."""
        return make_url(self.admin_url).set(database=name).render_as_string(hide_password=False)


def database_name(url: str) -> str:
    """The name of the database that a URL leads to."""
    name = make_url(url).database
    assert name
    return name


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database at a URL, its connections closed at the end."""
    database = open_database(DatabaseSettings(url, Path()))
    try:
        yield database
    finally:
        database.close()


@contextmanager
def migrated_template(databases: Databases) -> Iterator[str]:
    """The name of a migrated database that nobody is connected to, to copy tests' own from."""
    with databases.fresh() as url:
        with opened(url) as database:
            migrate(database, actor="tests")
        yield database_name(url)
