"""Tutorial tables that are not quite as they are deployed, and imports begun before a migration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.migrations.migrate import migrate, shortcomings
from ledger.tables.shapes.observed import ShapeUnknown, tables_in
from tests.databases import opened
from tests.deployed import SHAPES, become_may, generate_ids_always
from tests.deployed.imports import imported, made, newest_run, proven, rolled_back, workbook
from tests.importer.company import a_workbook, an_own_event
from tests.sync.company import Company

SQL = Path(__file__).parent / "sql"


def become_acted_may(connection: psycopg.Connection[Any]) -> None:
    """The web application's migrations of its own schema alone."""
    connection.execute("SELECT set_config('deployed.zone', 'Europe/London', true)")
    connection.execute((SQL / "may_acted.sql").read_bytes())


@pytest.mark.parametrize("company", SHAPES, indirect=True)
def test_ids_may_be_generated_always_or_by_a_sequence_of_nobodys(
    company: Company, tmp_path: Path
) -> None:
    with psycopg.connect(company.url) as connection:
        generate_ids_always(connection, "acted")
        connection.execute(
            "ALTER TABLE acted.tutorial_session_instructors ALTER id DROP IDENTITY;"
            "CREATE SEQUENCE acted.of_nobody START 9001;"
            "ALTER TABLE acted.tutorial_session_instructors"
            " ALTER id SET DEFAULT nextval('acted.of_nobody')"
        )
    rolled_back(company, imported(company, tmp_path))


@pytest.mark.parametrize("column", ["tutorial_events.branch_id", "tutorial_sessions.room"])
def test_a_column_that_nobody_can_fill_is_named_before_anything_is_written(
    company: Company, tmp_path: Path, column: str
) -> None:
    table, _, name = column.partition(".")
    company.change(f"ALTER TABLE acted.{table} ADD {name} int")
    company.change(f"UPDATE acted.{table} SET {name} = 1")
    company.change(f"ALTER TABLE acted.{table} ALTER {name} SET NOT NULL")
    before = company.values("SELECT max(position) FROM ledger.events")
    said = company.admsync("import-events", str(workbook(tmp_path)), "--no-prompt", code=1).stderr
    assert f"acted.{column} may not be NULL and has no default" in said
    assert company.values("SELECT max(position) FROM ledger.events") == before
    proven(company)
    with opened(company.url) as database:
        [shortcoming] = shortcomings(database)
    assert f"acted.{column}" in shortcoming


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("ALTER TABLE acted.tutorial_events DROP code", "acted.tutorial_events.code is missing"),
        (
            "ALTER TABLE acted.tutorial_events ALTER lms_start_date TYPE text",
            "acted.tutorial_events.lms_start_date is text, not timestamp with time zone",
        ),
        (
            "ALTER TABLE acted.tutorial_sessions RENAME sequence TO day",
            "acted.tutorial_sessions.sequence is missing",
        ),
    ],
)
def test_what_a_shape_lacks_is_named(company: Company, statement: str, said: str) -> None:
    company.change(statement)
    with psycopg.connect(company.url) as connection, pytest.raises(ShapeUnknown, match=said):
        tables_in(connection)
    with opened(company.url) as database:
        migrate(database, actor="tests")
    proven(company)


@pytest.mark.parametrize("table", ["tutorial_session_instructors", "tutorial_sessions"])
def test_verify_does_without_a_table_to_which_nothing_was_written(
    company: Company, table: str
) -> None:
    company.change(f"DROP TABLE acted.{table} CASCADE")
    proven(company)


@pytest.mark.parametrize("company", ["february"], indirect=True)
@pytest.mark.parametrize("fault", ["errors:event.createBlended", "errors:session.update"])
def test_an_import_stopped_before_the_migration_goes_on_after_it_and_not_before(
    company: Company, tmp_path: Path, fault: str
) -> None:
    company.control.set_faults(fault)
    company.admsync("import-events", str(workbook(tmp_path)), "--no-prompt", code=3)
    company.control.set_faults()
    with psycopg.connect(company.url) as connection:
        become_may(connection)
    assert "run: admsync migrate" in company.admsync("resume", code=1).stderr
    company.admsync("migrate")
    company.admsync("resume")
    assert [one["lifecycle_state"] for one in made(company)] == ["draft"] * 3
    proven(company)


@pytest.mark.parametrize("company", ["february"], indirect=True)
def test_a_rollback_may_be_the_first_to_see_the_new_shape(company: Company, tmp_path: Path) -> None:
    run = imported(company, tmp_path)
    with psycopg.connect(company.url) as connection:
        become_acted_may(connection)
    proven(company)
    plan = company.document("rollback", run, "--dry-run")
    assert plan["kept"] == []
    rolled_back(company, run)


@pytest.mark.parametrize("company", ["february"], indirect=True)
def test_a_code_with_a_number_planned_before_the_migration_is_not_made_after_it(
    company: Company, tmp_path: Path
) -> None:
    first = a_workbook(tmp_path, an_own_event("NEW-A"), name="first.xlsx")
    company.admsync("import-events", str(first), "--no-prompt")
    second = an_own_event("NEW-A", code="CM1_LO_1")
    path = a_workbook(tmp_path, an_own_event("NEW-B"), second, name="second.xlsx")
    company.control.set_faults("errors:courseTemplate.update")
    company.admsync("import-events", str(path), "--no-prompt", "--workers", "1", code=3)
    company.control.set_faults()
    run = newest_run(company)
    with psycopg.connect(company.url) as connection:
        become_may(connection)
    company.admsync("migrate")
    resumed = company.admsync("resume", code=3)
    assert "'NEW-A-2' is not its title" in resumed.stdout + resumed.stderr
    codes = [one["code"] for one in company.control.dump("Event")]
    assert "NEW-A-2" not in codes
    assert "NEW-B" in codes
    # The instructors it approved stay so.
    company.admsync("rollback", run, "--yes", "--reason", "a test", code=4)
    assert [one["code"] for one in made(company)] == ["NEW-A"]
    proven(company)


def test_a_person_is_erased_from_the_events_that_name_them(
    company: Company, tmp_path: Path
) -> None:
    run = imported(company, tmp_path)
    reason = ("--reason", "asked to be forgotten", "--yes")
    company.admsync("erase", "Callum Jessop", *reason)
    proven(company)
    [named] = company.values(
        "SELECT count(*) FROM ledger.personal WHERE value ILIKE %s", "%jessop%"
    )
    assert named == 0
    rolled_back(company, run)
