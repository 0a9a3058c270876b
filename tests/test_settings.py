"""A setting that cannot be used is one line on standard error, exit code 1, and no secret in it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import unquote
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from ledger.database.connection import Database
from tests.program import ADMSYNC, SECRET, admsync, environment
from tests.proxy import proxied


def complaint(
    url: str | None = None, *, command: str = "runs", cwd: Path | None = None, **settings: str
) -> str:
    """The one line that the program says, with and without ``--debug``; the latter shows more."""
    short = admsync(command, url=url, settings=settings, cwd=cwd)
    long = admsync(command, "--debug", url=url, settings=settings, cwd=cwd)
    for done in (short, long):
        assert (done.returncode, done.stdout) == (1, "")
        for secret in (SECRET, unquote(SECRET)):
            assert secret not in done.stderr
    assert "Traceback" in long.stderr
    assert long.stderr.endswith(short.stderr)
    [line] = short.stderr.splitlines()
    assert line.startswith("admsync: ")
    return line


@contextmanager
def refusing_server() -> Iterator[int]:
    """The port of something that speaks PostgreSQL's protocol far enough to refuse a password."""

    def field(code: bytes, value: bytes) -> bytes:
        return code + value + b"\0"

    said = field(b"S", b"FATAL") + field(b"C", b"28P01")
    said += field(b"M", b'password authentication failed for user "web"') + b"\0"

    def refuse() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                client.recv(1024)
                client.sendall(b"R" + (8).to_bytes(4) + (3).to_bytes(4))  # asks for the password
                client.recv(1024)
                client.sendall(b"E" + (len(said) + 4).to_bytes(4) + said)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        answering = Thread(target=refuse)
        answering.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        answering.join()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"web:{SECRET}@localhost", "DATABASE_URL is not a URL; expected postgresql://"),
        (f"postgresql://web:{SECRET}@localhost:port/db", "DATABASE_URL is not a URL"),
        (f"host=localhost user=web password={SECRET}", "DATABASE_URL is not a URL"),
        (f"mysql://web:{SECRET}@localhost/db", "DATABASE_URL names a mysql database"),
        (f"postgresql://web:{SECRET}@localhost/db?sslmode=gooseberry", "invalid sslmode value"),
        (f"postgresql://web:{SECRET}@localhost/db?fool=1", "invalid connection option"),
    ],
)
def test_a_url_that_is_none(url: str, said: str) -> None:
    assert said in complaint(url)


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    line = complaint(f"postgresql://web:{SECRET}@127.0.0.1:{port}/db")
    assert "the database cannot be reached: " in line
    assert line.endswith("; see DATABASE_URL")


def test_a_password_that_is_wrong() -> None:
    with refusing_server() as port:
        line = complaint(
            f"postgresql://web:{SECRET}@127.0.0.1:{port}/db?sslmode=disable&gssencmode=disable"
        )
    assert 'password authentication failed for user "web"' in line


def test_a_database_that_is_not_there(database_url: str) -> None:
    elsewhere = make_url(database_url).set(database="gooseberries")
    line = complaint(elsewhere.render_as_string(hide_password=False))
    assert 'database "gooseberries" does not exist' in line


def test_a_server_that_is_too_old(database_url: str) -> None:
    with proxied(database_url) as faults:
        faults.version = 14
        line = complaint(faults.url)
    assert line == "admsync: the server is PostgreSQL 14; admsync needs 15 or later"


def test_a_database_that_was_never_migrated(empty_database_url: str) -> None:
    for command in ("runs", "verify", "replay"):
        assert complaint(empty_database_url, command=command).endswith("run: admsync migrate")


def test_a_role_without_rights(database: Database, database_url: str) -> None:
    role = f"admsync_{uuid4().hex}"
    url = make_url(database_url).set(username=role, password=SECRET)
    with database.session() as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'".encode())
        try:
            for command in ("runs", "migrate"):
                line = complaint(url.render_as_string(hide_password=False), command=command)
                assert "permission denied" in line
                assert "admsync migrate --grant ROLE" in line
        finally:
            owner.execute(f"DROP ROLE {role}".encode())


def test_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    taken = tmp_path / "a file"
    taken.touch()
    line = complaint(ADMSYNC_DATA_DIR=str(taken))
    assert f"the data directory {taken} cannot be used" in line
    assert "ADMSYNC_DATA_DIR" in line


def test_settings_are_read_from_a_file_and_the_environment_goes_before_it(
    tmp_path: Path, database_url: str
) -> None:
    (tmp_path / ".env").write_text(f"DATABASE_URL={database_url}\n")
    assert admsync("runs", cwd=tmp_path).stdout == "Nothing has run yet.\n"
    (tmp_path / ".env").write_text("DATABASE_URL=nonsense\n")
    assert admsync("runs", cwd=tmp_path, url=database_url).returncode == 0
    assert "DATABASE_URL is not a URL" in complaint(cwd=tmp_path)


def test_a_file_of_settings_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DATABASE_URL=\xff\xfe\n")
    line = complaint(cwd=tmp_path)
    assert ".env cannot be read" in line


def test_the_demonstration_and_the_sandbox_use_none_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    others = {
        "DATABASE_URL": f"postgresql://web:{SECRET}@192.0.2.1/db",
        "DB_HOST": "192.0.2.1",
        "PGHOST": "192.0.2.1",
        "PGSERVICE": "another",
        "PGOPTIONS": "-c search_path=nowhere",
        "ADMINISTRATE_API_URL": "https://api.example.com",
        "ADMINISTRATE_API_SECRET": SECRET,
        "ADMSYNC_ENV_FILE": str(tmp_path / "gone"),
        "HTTP_PROXY": "http://192.0.2.1:9",
        "ALL_PROXY": "nonsense://",
        "REQUESTS_CA_BUNDLE": str(tmp_path / "gone.pem"),
    }
    with TemporaryDirectory(prefix="admsync-", ignore_cleanup_errors=True) as name:
        settings = {**others, "ADMSYNC_DATA_DIR": name, "ADMSYNC_LINGER": "0"}
        done = admsync("demo", settings=settings, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert SECRET not in done.stdout + done.stderr
        assert f"unset DATABASE_URL DB_HOST PGHOST PGSERVICE ADMSYNC_ENV_FILE; cd {name}/demo" in (
            done.stdout
        )
    listed = admsync("sandbox", "--list-faults", settings=others, cwd=tmp_path)
    assert (listed.returncode, listed.stderr) == (0, "")
    state = f"--state={tmp_path}/state"
    with Popen(
        [ADMSYNC, "sandbox", "--port=0", state],
        env=environment(settings=others),
        cwd=tmp_path,
        stdout=PIPE,
        text=True,
    ) as sandbox:
        assert sandbox.stdout is not None
        assert sandbox.stdout.readline().startswith("export ADMINISTRATE_API_URL=http://127.0.0.1:")
        sandbox.terminate()
