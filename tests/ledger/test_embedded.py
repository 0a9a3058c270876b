"""The server that comes with the program, and the database settings that cannot be used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import pytest
from sqlalchemy.engine import make_url

from ledger.database.connection import open_database
from ledger.database.settings import DatabaseSettings
from ledger.errors import DatabaseError, NotMigrated
from ledger.migrate import migrate, require_current
from tests.databases import Databases, opened
from tests.proxy import proxied

# Uses the embedded server until its standard input ends.
USES = """
import sys
from pathlib import Path
from ledger.database.connection import open_database
from ledger.database.builtin import embedded_url
from ledger.database.settings import DatabaseSettings
open_database(DatabaseSettings(None, Path(sys.argv[1])))
print(embedded_url(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the embedded server of a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USES, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def url(self) -> str:
        """The server's URL, once it is up."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ends(self) -> None:
        """The process comes to its end by itself."""
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def is_killed(self) -> None:
        """The process is killed, and what it started for a moment with it, but not the server."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A directory for the server's data that the user whom the server runs as can reach."""
    with tempfile.TemporaryDirectory(prefix="admsync-", ignore_cleanup_errors=True) as name:
        directory = Path(name) / "data"
        yield directory
        pid = postmaster(directory)
        if pid is not None:
            psutil.Process(pid).send_signal(signal.SIGQUIT)


@pytest.fixture
def used(data_dir: Path) -> Iterator[Callable[[], User]]:
    """Starts processes that use the server; those left at the end are ended."""
    with ExitStack() as users:

        def start() -> User:
            user = User(data_dir)
            users.enter_context(user.process)
            return user

        yield start


def postmaster(data_dir: Path) -> int | None:
    """The server's process, where it runs."""
    path = data_dir / "postgresql" / "postmaster.pid"
    pid = int(path.read_text().split()[0]) if path.exists() else None
    return pid if pid is not None and psutil.pid_exists(pid) else None


def test_two_processes_share_the_server_and_the_last_stops_it(
    used: Callable[[], User], data_dir: Path
) -> None:
    first, second = used(), used()
    assert first.url() == second.url() != ""
    server = postmaster(data_dir)
    assert server is not None
    first.ends()
    assert postmaster(data_dir) == server
    second.ends()
    assert postmaster(data_dir) is None


def test_a_server_left_by_a_killed_process_is_used_and_stopped_by_the_next(
    used: Callable[[], User], data_dir: Path
) -> None:
    killed = used()
    url = killed.url()
    server = postmaster(data_dir)
    killed.is_killed()
    assert postmaster(data_dir) == server
    following = used()
    assert following.url() == url
    assert postmaster(data_dir) == server
    following.ends()
    assert postmaster(data_dir) is None


def test_a_cluster_whose_making_was_killed_is_made_again(
    used: Callable[[], User], data_dir: Path
) -> None:
    killed = used()
    while not list(data_dir.glob("postgresql.new-*/PG_VERSION")):
        assert killed.process.poll() is None
    for child in psutil.Process(killed.process.pid).children(recursive=True):
        child.kill()
    killed.is_killed()
    assert not (data_dir / "postgresql").exists()
    following = used()
    with opened(following.url()) as database:
        migrate(database, actor="tests")
        require_current(database)
    following.ends()
    assert not list(data_dir.glob("postgresql.new-*"))


def assert_one_line(url: str | None, data_dir: Path, *parts: str) -> None:
    """The database cannot be opened, and one line says why without a secret."""
    with pytest.raises(DatabaseError) as refused:
        open_database(DatabaseSettings(url, data_dir)).close()
    message = str(refused.value)
    assert "\n" not in message
    assert "s3cret" not in message
    for part in parts:
        assert part in message


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.touch()
    assert_one_line(None, file / "data", str(file / "data"), "ADMSYNC_DATA_DIR")
    assert_one_line(None, Path("/proc/none"), "/proc/none", "cannot be used")


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("postgresql://ada:s3cret@127.0.0.1:1/d", "cannot be reached"),
        ("postgresql://ada:s3cret@nowhere.invalid/d", "cannot be reached"),
        ("postgresql://ada:s3cret@127.0.0.1:port/d", "DATABASE_URL is not a URL"),
        ("host=127.0.0.1 password=s3cret", "DATABASE_URL is not a URL"),
        ("mysql://ada:s3cret@127.0.0.1/d", "mysql"),
        ("postgresql://ada:s3cret@127.0.0.1/d?nonsense=1", "nonsense"),
    ],
)
def test_a_url_that_leads_nowhere_is_told_in_one_line(tmp_path: Path, url: str, part: str) -> None:
    assert_one_line(url, tmp_path, part)


def test_a_wrong_password_is_told_in_one_line(used: Callable[[], User], tmp_path: Path) -> None:
    url = used().url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE ada LOGIN PASSWORD 'another'")
    wrong = make_url(url).set(username="ada", password="s3cret")
    text = wrong.render_as_string(hide_password=False)
    assert_one_line(text, tmp_path, 'password authentication failed for user "ada"')


def test_a_server_older_than_15_is_told_in_one_line(database_url: str, tmp_path: Path) -> None:
    with proxied(database_url) as faults:
        faults.version = 14
        assert_one_line(faults.url, tmp_path, "PostgreSQL 14", "needs 15 or later")


def test_a_database_that_is_not_there_is_told_in_one_line(
    databases: Databases, tmp_path: Path
) -> None:
    assert_one_line(databases.url("not_there"), tmp_path, '"not_there" does not exist')


@pytest.fixture
def powerless(databases: Databases, database_url: str) -> Iterator[str]:
    """The URL of a migrated database for a role that was given nothing."""
    role = f"admsync_test_{uuid4().hex}"
    with psycopg.connect(databases.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 's3cret'".encode())
        url = make_url(database_url).set(username=role, password="s3cret")
        try:
            yield url.render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP ROLE {role}".encode())


def test_a_role_without_rights_is_told_who_can_give_them(powerless: str) -> None:
    with opened(powerless) as database:
        for act in (require_current, lambda found: migrate(found, actor="tests")):
            with pytest.raises(DatabaseError, match="admsync migrate --grant ROLE") as refused:
                act(database)
            assert not isinstance(refused.value, NotMigrated)
            assert "\n" not in str(refused.value)
