"""The owner and a granted role on one database: each is told of the other what it needs to know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from ledger.database.connection import Database
from ledger.errors import DatabaseError
from ledger.migrations.migrate import Blocked, grant, migrate
from ledger.runs.locks import Busy
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.databases import opened
from tests.ledger.builders import observed
from tests.program import admsync
from tests.roles import granted_role, login_role, role_name


@contextmanager
def reading(url: str, table: str) -> Iterator[int]:
    """A session in whose open transaction a table was read: its process."""
    with psycopg.connect(url, application_name="the web application") as connection:
        connection.execute(f"SELECT FROM {table}".encode())
        yield connection.info.backend_pid


@pytest.mark.usefixtures("in_kolkata")
@pytest.mark.parametrize("granted_holds", [True, False])
def test_who_holds_a_lock_and_since_when_is_told_whichever_role_asks(
    ledger: Ledger, database_url: str, *, granted_holds: bool
) -> None:
    with granted_role(ledger.database, database_url) as url, opened(url) as database:
        granted = Ledger(database, "cron")
        holder, other = (granted, ledger) if granted_holds else (ledger, granted)
        role = role_name(url if granted_holds else database_url)
        with new_run(holder, "sync venues", holds=("adm.venues",)) as run:
            [started] = ledger.read()
            with pytest.raises(Busy) as busy, new_run(other, "sync", holds=("adm.venues",)):
                pass
            said = str(busy.value)
    since = f"{started.recorded_at.astimezone():%Y-%m-%d %H:%M:%S %Z} for {holder.actor}"
    assert f"run {run.run_id} works on adm.venues since {since}" in said
    assert f"as the database's role {role};" in said


def behind(database: Database) -> None:
    """Takes a database back to before the tables' comments and views."""
    with database.session() as connection:
        connection.execute("DROP VIEW ledger.run_summaries, ledger.readable_events")
        connection.execute("DROP VIEW ledger.open_discrepancies")
        connection.execute("UPDATE ledger.schema_versions SET version_num = '0004'")


def test_migrate_waits_for_a_lock_for_some_time_and_says_who_holds_it(
    database: Database, database_url: str
) -> None:
    behind(database)
    with database.session() as connection:
        connection.execute("ALTER TABLE adm.venues DROP COLUMN name")
    with granted_role_before(database, database_url) as url:
        with reading(url, "adm.venues") as process:
            done = admsync("migrate", "--wait", "2", url=database_url)
        assert done.returncode == 3
        [said] = done.stderr.splitlines()
        assert "nothing was done" in said
        assert f"process {process} (role {role_name(url)}, application the web" in said
        assert "pg_terminate_backend" in said
        with database.session() as connection:
            [(version,)] = connection.execute("TABLE ledger.schema_versions").fetchall()
            assert version == "0004"
        assert admsync("migrate", url=database_url).returncode == 0


@contextmanager
def granted_role_before(database: Database, url: str) -> Iterator[str]:
    """The URL for a role that may read the bridge, as that of another program."""
    with login_role(url) as own, database.session() as connection:
        connection.execute(f"GRANT USAGE ON SCHEMA adm TO {role_name(own)}".encode())
        connection.execute(f"GRANT SELECT ON adm.venues TO {role_name(own)}".encode())
        yield own


def test_a_second_migration_waits_for_the_first_for_some_time(
    empty_database: Database,
) -> None:
    with empty_database.session() as first:
        first.execute("SELECT pg_advisory_lock(4701961204418127874)")
        with pytest.raises(Blocked, match=rf"process {first.info.backend_pid} \(role postgres"):
            migrate(empty_database, actor="tests", patience=2)
    assert migrate(empty_database, actor="tests")


def test_a_granted_role_need_not_migrate_a_current_schema(
    database: Database, database_url: str
) -> None:
    with granted_role(database, database_url) as url:
        done = admsync("migrate", url=url)
        assert (done.returncode, done.stderr) == (0, "")
        assert "The schema is current; nothing to do" in done.stdout
        assert f"{role_name(url)} lacks CREATE on the schema" in done.stdout
        with database.session() as connection:
            connection.execute("ALTER TABLE adm.venues DROP COLUMN name")
        done = admsync("migrate", url=url)
        assert done.returncode == 1
        assert "adm.venues" in done.stderr
        assert "run: admsync migrate, as the owner of the tables" in done.stderr


def test_a_server_that_is_only_read_need_not_be_migrated(database_url: str) -> None:
    done = admsync("migrate", url=f"{database_url}&options=-c%20default_transaction_read_only%3Don")
    assert done.returncode == 0
    assert "nothing to do" in done.stdout


def test_what_somebody_else_than_the_owner_grants_is_not_called_granted(
    database: Database, database_url: str
) -> None:
    with (
        granted_role(database, database_url) as url,
        login_role(database_url) as poor,
        opened(url) as limited,
        pytest.raises(DatabaseError, match="as the owner"),
    ):
        grant(limited, role_name(poor))


def test_a_migration_names_the_tables_that_were_made_after_a_grant(
    database: Database, database_url: str
) -> None:
    with granted_role(database, database_url) as url, database.session() as owner:
        owner.execute("CREATE TABLE acted.places (event_id bigint)")
        role = role_name(url)
        said = admsync("migrate", url=database_url).stdout
        expected = f"⚠ {role} lacks SELECT on acted.places: run admsync migrate --grant {role}"
        assert expected in said.splitlines()
        assert "lacks" not in admsync("migrate", "--grant", role, url=database_url).stdout


def test_a_trigger_that_needs_more_than_was_granted_is_named(
    ledger: Ledger, database_url: str
) -> None:
    with ledger.database.session() as owner:
        owner.execute("CREATE SCHEMA shop CREATE TABLE log (id bigint)")
        owner.execute(
            "CREATE FUNCTION public.noted() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN INSERT INTO shop.log VALUES (NEW.id); RETURN NEW; END'"
        )
        owner.execute(
            "CREATE TRIGGER noted AFTER INSERT ON adm.venues"
            " FOR EACH ROW EXECUTE FUNCTION public.noted()"
        )
    with (
        granted_role(ledger.database, database_url) as url,
        opened(url) as database,
        pytest.raises(DatabaseError, match=r"PL/pgSQL function (public\.)?noted\(\).*its owner"),
    ):
        Ledger(database, "cron").append([observed("V", 1, {"name": "Waterloo"})])


def test_a_granted_role_sees_of_the_applications_users_only_their_names(
    database: Database, database_url: str
) -> None:
    with granted_role(database, database_url) as url, psycopg.connect(url) as connection:
        connection.execute("SELECT id, first_name, last_name FROM public.auth_user")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT username FROM public.auth_user")
