"""``admsync doctor``: each thing a run needs is a line, and what is wrong says what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from ledger.database.connection import Database
from ledger.migrations.migrate import grant
from ledger.migrations.privileges import missing_privileges, missing_to_migrate
from sync.sandbox.process import start_sandbox
from tests.databases import Databases, database_name
from tests.deployed import SHAPES, Shape, deployed_template
from tests.program import admsync


def checks(printed: str) -> list[str]:
    """The lines of the checks, between the settings and the last line."""
    return [line for line in printed.splitlines() if line.startswith(("✓", "✗"))]


@contextmanager
def role(owner_url: str, *statements: str) -> Iterator[str]:
    """The URL of a role of its own, which nothing is granted but by the statements."""
    name = f"admsync_{uuid4().hex}"
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'gooseberry'".encode())
        for statement in statements:
            owner.execute(statement.replace("ROLE_", name).encode())
        yield name
        owner.execute(f"DROP OWNED BY {name}".encode())
        owner.execute(f"DROP ROLE {name}".encode())


def missing(url: str, *granted: str) -> list[str]:
    """What a role lacks to which these statements grant something."""
    with role(url, *granted) as name, psycopg.connect(url) as connection:
        connection.execute(f"SET ROLE {name}".encode())
        return missing_privileges(connection)


def writing(url: str, **settings: str) -> tuple[bool, str]:
    """What the doctor says of whether a run could write."""
    told = json.loads(admsync("doctor", "--json", url=url, settings=settings).stdout)
    [found] = [check for check in told["checks"] if check["name"] == "writing"]
    return found["ok"], found["said"]


def test_all_is_well_with_a_migrated_database_and_an_administrate(
    database_url: str, tmp_path: Path
) -> None:
    with start_sandbox(tmp_path) as sandbox:
        done = admsync("doctor", url=database_url, settings=sandbox.settings)
    assert done.returncode == 0, done.stdout
    assert [line[0] for line in checks(done.stdout)] == ["✓"] * 8
    assert done.stdout.endswith("\nEvery check passed.\n")
    assert done.stderr == ""


def test_each_setting_is_told_with_where_it_comes_from_and_no_secret(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        "ADMINISTRATE_API_URL=api.example.com\nADMINISTRATE_AUTH_URL=auth.example.com\n"
        "ADMINISTRATE_INSTANCE_URL=acme.example.com\nADMINISTRATE_API_KEY=gooseberry-key\n"
        "ADMINISTRATE_API_SECRET=gooseberry-secret\nDB_NAME=elsewhere\nDB_PASSWORD=gooseberry\n"
        "HTTPS_PROXY=http://me:gooseberry@127.0.0.1:9\nNO_PROXY=example.org\n"
    )
    done = admsync("doctor", url=database_url, cwd=tmp_path)
    told = json.loads(admsync("doctor", "--json", url=database_url, cwd=tmp_path).stdout)
    for printed in (done.stdout, done.stderr, json.dumps(told)):
        assert "gooseberry" not in printed
    found = {one["name"]: one for one in told["settings"]}
    assert found["DATABASE_URL"]["source"] == "the environment"
    assert found["ADMINISTRATE_API_URL"]["source"] == str(tmp_path / ".env")
    assert found["ADMINISTRATE_API_URL"]["value"] == "api.example.com"
    assert found["ADMINISTRATE_API_SECRET"]["value"] is None
    assert found["ADMSYNC_ENV_FILE"]["source"] == "default"
    assert found["DB_NAME"]["note"] == "not used: DATABASE_URL goes before it"
    lines = done.stdout.splitlines()
    assert lines[0] == "  From the environment:"
    assert f"  From {tmp_path / '.env'}:" in lines
    assert "    ADMINISTRATE_API_URL: api.example.com" in lines
    assert "    ADMINISTRATE_API_SECRET: (not shown)" in lines


@pytest.mark.parametrize(
    "wrong",
    [
        {"ADMINISTRATE_INSTANCE_URL": "me:gooseberry@acme.example.com"},
        {"ADMINISTRATE_API_URL": "https://gooseberry@api.example.com/graphql"},
        {"ADMINISTRATE_AUTH_URL": "auth.example.com/oauth?secret=gooseberry"},
        {"DB_NAME": "postgresql://app:gooseberry@db.example.com/app"},
        {"DB_HOST": "app:gooseberry@db.example.com"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_password_in_a_setting_that_is_no_place_for_one_is_not_told(
    wrong: dict[str, str], database_url: str
) -> None:
    done = admsync("doctor", url=database_url, settings=wrong)
    told = admsync("doctor", "--json", url=database_url, settings=wrong)
    assert "gooseberry" not in done.stdout + done.stderr + told.stdout + told.stderr
    assert f"    {next(iter(wrong))}: (not shown)" in done.stdout


def test_what_is_wrong_with_a_setting_is_told_before_a_run_meets_it(
    database_url: str, tmp_path: Path
) -> None:
    wrong = {
        "ADMINISTRATE_API_URL": "http://api.example.com",
        "ADMINISTRATE_AUTH_URL": "auth.example.com/login",
        "REQUESTS_CA_BUNDLE": str(tmp_path / "gone.pem"),
    }
    done = admsync("doctor", url=database_url, settings=wrong)
    assert done.returncode == 1
    [line] = [one for one in checks(done.stdout) if one.startswith("✗ Administrate's settings")]
    for name in (*wrong, "ADMINISTRATE_API_KEY", "gone.pem"):
        assert name in line
    (tmp_path / ".env").mkdir()
    done = admsync("doctor", url=database_url, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    line, failed = done.stdout.splitlines()
    assert line.startswith(f"✗ settings: {tmp_path / '.env'} is a directory")
    assert failed == "Failed: settings."


def test_a_role_is_told_what_it_lacks_until_it_has_it(database_url: str) -> None:
    granted = [
        "GRANT USAGE ON SCHEMA ledger, adm, acted TO ROLE_",
        "GRANT SELECT ON ALL TABLES IN SCHEMA ledger, adm, acted, public TO ROLE_",
    ]
    lacking = {
        "EXECUTE on ledger.append": "GRANT EXECUTE ON FUNCTION ledger.append TO ROLE_",
        "INSERT on ledger.personal": "GRANT INSERT ON ledger.blobs, ledger.personal TO ROLE_",
        "DELETE, INSERT, UPDATE on adm.venues": (
            "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA adm TO ROLE_"
        ),
        "DELETE, INSERT, UPDATE on acted.tutorial_events": (
            "GRANT INSERT, DELETE ON acted.tutorial_events TO ROLE_"
        ),
        "UPDATE on acted.tutorial_events": "GRANT UPDATE ON acted.tutorial_events TO ROLE_",
    }
    for privilege, statement in lacking.items():
        assert privilege in missing(database_url, *granted)
        granted.append(statement)
        assert privilege not in missing(database_url, *granted)


def test_a_role_that_may_only_read_is_told_so_in_one_line(database_url: str) -> None:
    seeing = (
        "GRANT USAGE ON SCHEMA ledger, adm, acted TO ROLE_",
        "GRANT SELECT ON ALL TABLES IN SCHEMA ledger, adm, acted, public TO ROLE_",
    )
    with role(database_url, *seeing) as name:
        as_role = f"-c role={name}"
        ok, said = writing(f"{database_url}&options={quote(as_role)}")
    assert not ok
    assert f"admsync migrate --grant {name}" in said
    assert "EXECUTE on ledger.append" in said


@pytest.mark.parametrize("shape", SHAPES)
def test_a_role_that_cannot_migrate_is_told_so_before_it_tries(
    databases: Databases, shape: Shape
) -> None:
    reading = (
        "GRANT USAGE ON SCHEMA adm, acted TO ROLE_",
        "GRANT SELECT ON ALL TABLES IN SCHEMA adm, acted, public TO ROLE_",
    )
    with deployed_template(databases, shape) as template, databases.fresh(template) as url:
        assert writing(url) == (True, "a run can write, as postgres")
        with role(url, *reading) as name:
            ok, said = writing(f"{url}&options={quote(f'-c role={name}')}")
    assert not ok
    assert "CREATE on the database" in said
    assert f"admsync migrate --grant {name}" in said


@pytest.mark.parametrize(
    ("lacking", "told"),
    [
        ("GRANT CREATE ON DATABASE DATABASE_ TO ROLE_", "CREATE on the database"),
        ('ALTER TABLE public."adm.events" OWNER TO ROLE_', 'the ownership of "adm.events"'),
        ("GRANT ALL ON SCHEMA adm TO ROLE_", "CREATE on the schema adm"),
        ("GRANT ALL ON acted.tutorial_venues TO ROLE_", "REFERENCES, SELECT on acted.tutorial"),
    ],
    ids=lambda one: one.split()[1],
)
def test_what_a_role_lacks_to_migrate_is_told_until_it_has_it(
    lacking: str, told: str, empty_database_url: str
) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA adm")
        owner.execute("CREATE SCHEMA acted")
        owner.execute("CREATE TABLE acted.tutorial_venues (id bigint PRIMARY KEY)")
        owner.execute('CREATE TABLE public."adm.events" (id bigint PRIMARY KEY)')
    grants = lacking.replace("DATABASE_", database_name(empty_database_url))
    for statements, missed in (((), True), ((grants,), False)):
        with (
            role(empty_database_url, *statements) as name,
            psycopg.connect(empty_database_url) as connection,
        ):
            connection.execute(f"SET ROLE {name}".encode())
            assert any(one.startswith(told) for one in missing_to_migrate(connection)) is missed


def test_the_granted_role_lacks_nothing(database: Database, database_url: str) -> None:
    with role(database_url) as name:
        grant(database, name)
        with psycopg.connect(database_url) as connection:
            connection.execute(f"SET ROLE {name}".encode())
            assert missing_privileges(connection) == []


def test_a_database_that_is_only_read_is_told(database_url: str) -> None:
    assert writing(database_url) == (True, "a run can write, as postgres")
    ok, said = writing(f"{database_url}&options=-c%20default_transaction_read_only%3Don")
    assert not ok
    assert "default_transaction_read_only" in said
    name = database_name(database_url)
    for setting, value in {
        "default_transaction_read_only": "on",
        "session_replication_role": "replica",
    }.items():
        with psycopg.connect(database_url, autocommit=True) as owner:
            owner.execute(f"ALTER DATABASE {name} SET {setting} = {value}".encode())
        ok, said = writing(database_url)
        assert not ok
        assert setting in said
        off = "-c default_transaction_read_only=off"
        with psycopg.connect(database_url, autocommit=True, options=off) as owner:
            owner.execute(f"ALTER DATABASE {name} RESET {setting}".encode())


def test_what_is_wrong_is_a_line_each_and_exits_1(empty_database_url: str) -> None:
    done = admsync("doctor", "--json", url=empty_database_url)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["ok"] is False
    wrong = {check["name"]: check["said"] for check in told["checks"] if not check["ok"]}
    assert "admsync migrate" in wrong["schema"]
    assert "ADMINISTRATE_API_URL" in wrong["Administrate's settings"]


def test_credentials_that_are_refused_are_told_without_the_secret(
    database_url: str, tmp_path: Path
) -> None:
    with start_sandbox(tmp_path) as sandbox:
        settings = {**sandbox.settings, "ADMINISTRATE_API_SECRET": "gooseberry-fool-1234"}
        done = admsync("doctor", url=database_url, settings=settings)
    assert done.returncode == 1
    assert "✗ Administrate: " in done.stdout
    assert "gooseberry" not in done.stdout + done.stderr


def test_its_calls_count_among_those_of_the_database(database_url: str, tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as sandbox:
        admsync("doctor", url=database_url, settings=sandbox.settings)
    with psycopg.connect(database_url) as connection:
        counted = connection.execute("SELECT sum(calls) FROM ledger.call_reservations")
        assert counted.fetchone() == (2,)  # the token, and who we are
