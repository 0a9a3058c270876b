"""Migrating: any of the three starting databases comes to the same schema, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import text

from ledger.database.connection import Database
from ledger.errors import DatabaseError, NotMigrated
from ledger.events import BridgeRowAdopted
from ledger.migrations.migrate import migrate
from ledger.migrations.placement import table_placements
from ledger.migrations.schema_version import CURRENT, require_current
from ledger.replay.compare import replay
from ledger.store.ledger import Ledger
from ledger.verify.verify import verify_chain
from tests.ledger.builders import observed
from tests.ledger.catalogue_dump import rows, shape
from tests.ledger.forger import fill
from tests.ledger.older_tool import make_older_bridge, make_tutorial_tables

OURS = ("ledger", "adm")
EVERY = ("ledger", "adm", "acted", "public")


@pytest.fixture
def populated(empty_database: Database) -> Database:
    """A database with the web application's tables and no others."""
    with empty_database.transaction() as connection:
        make_tutorial_tables(connection)
    return empty_database


@pytest.fixture
def older(populated: Database) -> Database:
    """A database with the tables of the older tool, too."""
    with populated.transaction() as connection:
        make_older_bridge(connection)
    return populated


def shape_of(database: Database, *schemas: str) -> dict[str, set[tuple[Any, ...]]]:
    with database.transaction() as connection:
        return shape(connection, *schemas)


def rows_of(database: Database, *schemas: str) -> dict[str, list[Any]]:
    with database.transaction() as connection:
        return rows(connection, *schemas)


def test_an_empty_database_gets_every_table(empty_database: Database) -> None:
    with pytest.raises(NotMigrated, match="run: admsync migrate"):
        require_current(empty_database)
    [said] = migrate(empty_database, actor="tests")
    assert CURRENT in said
    require_current(empty_database)
    with empty_database.transaction() as connection:
        assert {placement.state for placement in table_placements(connection)} == {"in place"}


def test_a_schema_of_a_later_program_asks_for_that_program(empty_database: Database) -> None:
    migrate(empty_database, actor="tests")
    with empty_database.session() as connection:
        connection.execute("UPDATE ledger.schema_versions SET version_num = '9999'")
    for act in (require_current, lambda found: migrate(found, actor="tests")):
        with pytest.raises(NotMigrated, match=r"is 9999, of a later version .*: upgrade admsync$"):
            act(empty_database)


def test_a_schema_of_no_program_asks_for_no_upgrade(database: Database) -> None:
    with database.session() as connection:
        connection.execute("UPDATE ledger.schema_versions SET version_num = 'head'")
    for act in (require_current, lambda found: migrate(found, actor="tests")):
        with pytest.raises(NotMigrated, match="is 'head', which no admsync wrote there; put"):
            act(database)


def test_tables_of_the_web_application_are_left_as_they_are(populated: Database) -> None:
    before = shape_of(populated, "acted"), rows_of(populated, "acted")
    migrate(populated, actor="tests")
    assert (shape_of(populated, "acted"), rows_of(populated, "acted")) == before


def test_a_populated_database_comes_to_the_schema_of_a_fresh_one(
    populated: Database, database: Database
) -> None:
    migrate(populated, actor="tests")
    assert shape_of(populated, *OURS) == shape_of(database, *OURS)
    assert rows_of(populated, "adm") == rows_of(database, "adm")


def test_a_web_application_column_of_another_kind_stays(populated: Database) -> None:
    with populated.transaction() as connection:
        connection.exec_driver_sql(
            "ALTER TABLE acted.tutorial_venues ALTER COLUMN name TYPE varchar(80)"
        )
    before = shape_of(populated, "acted")
    migrate(populated, actor="tests")
    assert shape_of(populated, "acted") == before


def test_an_older_tools_tables_get_what_is_missing_of_a_fresh_database(
    older: Database, database: Database
) -> None:
    before = shape_of(older, "adm", "public")["columns"]
    migrate(older, actor="tests")
    migrated, fresh = shape_of(older, *OURS), shape_of(database, *OURS)
    named = {kind: {row[:3] for row in migrated[kind]} for kind in migrated}
    assert {row[:3] for row in fresh["columns"]} <= named["columns"]
    assert fresh["rest"] == migrated["rest"]
    kept = {row[2:8] for row in before if row[1] not in ("auth_user", "adm.events", "adm.sessions")}
    # Of these only the legacy ids, integers, could not hold what Administrate has.
    lost = {row[0] for row in kept - {row[2:8] for row in migrated["columns"]}}
    assert lost == {"legacy_id"}
    references = {row[2] for row in migrated["constraints"] if "REFERENCES acted." in row[2]}
    assert len(references) == 6
    assert all("ON DELETE SET NULL" in one for one in references)


def test_an_older_tools_rows_keep_their_keys_and_values(older: Database) -> None:
    query = text(
        "SELECT 'locations', id, external_id, name, tutorial_location_id FROM adm.locations"
        " UNION ALL SELECT 'venues', id, external_id, name, tutorial_venue_id FROM adm.venues"
        " UNION ALL SELECT 'events', id, external_id, title, tutorial_event_id FROM adm.events"
        " UNION ALL SELECT 'sessions', id, external_id, title, event_id FROM adm.sessions"
        " ORDER BY 1, 2"
    )
    migrate(older, actor="tests")
    with older.transaction() as connection:
        assert [tuple(row) for row in connection.execute(query)] == [
            ("events", 51, "RXY6MQ==", "CB1-01-26A", 1),
            ("events", 52, None, "CB1-02-26A", None),
            ("locations", 11, "TG9jOjE=", "London", 1),
            ("locations", 12, "TG9jOjI=", "Leeds", None),
            ("sessions", 61, None, "Day 1", 51),
            ("venues", 21, "VmVuOjE=", "Waterloo", 1),
            ("venues", 22, "VmVuOjI=", "Old Street", None),
        ]
        fields = connection.exec_driver_sql("SELECT custom_fields::text FROM adm.course_templates")
        assert fields.scalar_one() == (
            '{"big": 12345678901234567890, "deep": [{"a": 0.1}], "tiny": 0.0000001, "weight": 1.50}'
        )


def test_links_found_are_adopted_as_events_and_replay(older: Database) -> None:
    migrate(older, actor="operations")
    ledger = Ledger(older, actor="tests")
    adopted = {
        recorded.event.record(): (recorded.event.row_id, recorded.event.linked)
        for recorded in ledger.read()
        if isinstance(recorded.event, BridgeRowAdopted)
    }
    assert adopted == {
        "adm.locations/TG9jOjE=": (11, "acted.tutorial_locations/1"),
        "adm.locations/TG9jOjI=": (12, None),
        "adm.venues/VmVuOjE=": (21, "acted.tutorial_venues/1"),
        "adm.venues/VmVuOjI=": (22, None),
        "adm.instructors/SW5zOjE=": (31, "acted.tutorial_instructors/1"),
        "adm.course_templates/Q1Q6MQ==": (41, None),
        "adm.events/RXY6MQ==": (51, "acted.tutorial_events/1"),
        "adm.events/id=52": (52, None),
        "adm.sessions/id=61": (61, None),
    }
    replayed = replay(older)
    assert replayed.ok, replayed.differences
    assert verify_chain(older).ok
    assert b"Lovelace" not in b"".join(str(event).encode() for event in ledger.read())


def test_new_rows_go_on_behind_the_older_tools(older: Database) -> None:
    migrate(older, actor="tests")
    with older.transaction() as connection:
        for name, last in (("venues", 22), ("instructors", 31), ("events", 52)):
            sequence = f"SELECT nextval(pg_get_serial_sequence('adm.{name}', 'id'))"
            assert connection.exec_driver_sql(sequence).scalar_one() > last
    Ledger(older, actor="tests").append([observed("new", 900, {"name": None})])
    assert replay(older).ok


def test_columns_of_the_older_tools_own_stay_and_stand_in_nobodys_way(older: Database) -> None:
    with older.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE adm.venues ADD COLUMN colour text")
        connection.exec_driver_sql("UPDATE adm.venues SET colour = 'red'")
        connection.exec_driver_sql("ALTER TABLE adm.venues ALTER COLUMN colour SET NOT NULL")
    migrate(older, actor="tests")
    Ledger(older, actor="tests").append([observed("new", 900)])
    with older.transaction() as connection:
        colours = connection.exec_driver_sql("SELECT colour FROM adm.venues ORDER BY id").scalars()
        assert colours.all() == ["red", "red", None]


def test_rows_that_cannot_be_taken_over_are_named_and_nothing_is_done(older: Database) -> None:
    with older.transaction() as connection:
        connection.exec_driver_sql("DROP INDEX adm.adm_venues_external_id_uniq")
        connection.exec_driver_sql("UPDATE adm.venues SET external_id = 'same'")
    before = shape_of(older, *EVERY), rows_of(older, *EVERY)
    with pytest.raises(DatabaseError, match=r"adm\.venues .*\(same\).*migrate again"):
        migrate(older, actor="tests")
    assert (shape_of(older, *EVERY), rows_of(older, *EVERY)) == before


@pytest.mark.parametrize("start", ["empty_database", "populated", "older"])
def test_migrating_again_changes_nothing(request: pytest.FixtureRequest, start: str) -> None:
    database: Database = request.getfixturevalue(start)
    migrate(database, actor="tests")
    before = shape_of(database, *EVERY), rows_of(database, *EVERY)
    assert migrate(database, actor="tests") == []
    assert (shape_of(database, *EVERY), rows_of(database, *EVERY)) == before


MIGRATES = """
import sys
from pathlib import Path
from ledger.database.connection import open_database
from ledger.migrations.migrate import migrate
from ledger.migrations.schema_version import CURRENT
from ledger.database.settings import DatabaseSettings
print(migrate(open_database(DatabaseSettings(sys.argv[1], Path())), actor="tests"))
"""


def test_of_two_processes_that_migrate_at_once_one_waits_and_both_succeed(
    older: Database, empty_database_url: str
) -> None:
    command = [sys.executable, "-c", MIGRATES, empty_database_url]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(process.communicate()[0].strip() for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert sum(CURRENT in line for line in said) == 1
    assert "[]" in said
    assert replay(older).ok


def test_stored_blobs_get_a_digest_and_keep_their_bytes(database: Database) -> None:
    fill(Ledger(database, actor="tests"))
    stored = "SELECT digest, content, content_digest FROM ledger.blobs ORDER BY digest"
    with database.session() as connection:
        before = connection.execute(stored).fetchall()
        connection.execute("ALTER TABLE ledger.blobs DROP COLUMN content_digest")
        connection.execute("UPDATE ledger.schema_versions SET version_num = '0005'")
    migrate(database, actor="tests")
    with database.session() as connection:
        assert connection.execute(stored).fetchall() == before
    with (
        pytest.raises(DatabaseError, match="append-only"),
        database.session() as connection,
    ):
        connection.execute("UPDATE ledger.blobs SET content = content")
    assert verify_chain(database).ok
