"""A database that cannot be used is told in one line, with what to do and without a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ledger.database.connection import open_database
from ledger.database.settings import DatabaseSettings
from ledger.errors import DatabaseError, NotMigrated
from ledger.migrations.migrate import migrate
from ledger.migrations.schema_version import require_current
from tests.databases import Databases, opened
from tests.proxy import proxied


def assert_one_line(url: str | None, data_dir: Path, *parts: str) -> None:
    """The database cannot be opened, and one line says why without a secret."""
    with pytest.raises(DatabaseError) as refused:
        open_database(DatabaseSettings(url, data_dir)).close()
    message = str(refused.value)
    assert "\n" not in message
    assert "s3cret" not in message
    for part in parts:
        assert part in message


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


def test_a_wrong_password_is_told_in_one_line(powerless: str, tmp_path: Path) -> None:
    right = make_url(powerless)
    wrong = right.set(password=f"{right.password}2").render_as_string(hide_password=False)
    assert_one_line(wrong, tmp_path, f'password authentication failed for user "{right.username}"')


def test_a_server_older_than_15_is_told_in_one_line(database_url: str, tmp_path: Path) -> None:
    with proxied(database_url) as faults:
        faults.version = 14
        assert_one_line(faults.url, tmp_path, "PostgreSQL 14", "needs 15 or later")


def test_a_database_that_is_not_there_is_told_in_one_line(
    databases: Databases, tmp_path: Path
) -> None:
    assert_one_line(databases.url("not_there"), tmp_path, '"not_there" does not exist')


def test_a_role_without_rights_is_told_who_can_give_them(powerless: str) -> None:
    with opened(powerless) as database:
        for act in (require_current, lambda found: migrate(found, actor="tests")):
            with pytest.raises(DatabaseError, match="admsync migrate --grant ROLE") as refused:
                act(database)
            assert not isinstance(refused.value, NotMigrated)
            assert "\n" not in str(refused.value)
