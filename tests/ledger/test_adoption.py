"""Adoption loses nothing: every value that stood before is there after, or the event names it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from attrs import frozen

from ledger.events import RecordObserved
from ledger.projections import ProjectionError
from ledger.replay.compare import replay
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from tests.databases import Databases, opened
from tests.deployed import SHAPES, become_may, facts_of, generate_ids_always
from tests.deployed.facts import Facts
from tests.deployed.values import Values, lost, values_of
from tests.ledger.adopting import EVERY, adopted, migrated, rows, run
from tests.program import admsync

STAMPS = """
CREATE FUNCTION adm.stamp() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.updated_at = clock_timestamp(); RETURN NEW; END $$;
CREATE TRIGGER stamps BEFORE UPDATE ON adm.locations FOR EACH ROW EXECUTE FUNCTION adm.stamp()
"""
# An Administrate that nobody asks.
UNREACHABLE = {
    "ADMINISTRATE_API_URL": "http://127.0.0.1:9/graphql",
    "ADMINISTRATE_AUTH_URL": "http://127.0.0.1:9/oauth/token",
    "ADMINISTRATE_INSTANCE_URL": "http://127.0.0.1:9",
    "ADMINISTRATE_API_KEY": "key",
    "ADMINISTRATE_API_SECRET": "secret",
}
ADM = (
    "course_template_price_levels", "course_templates", "custom_fields", "events", "instructors",
    "locations", "pricelevels", "sessions", "venues",
)  # fmt: skip


@frozen
class Adoption:
    """A migrated database: its values and facts from before, and the sentences of the migration."""

    url: str
    values: Values
    facts: Facts
    sentences: list[str]


@pytest.fixture(scope="module", params=SHAPES)
def adoption(
    databases: Databases, february: str, may: str, request: pytest.FixtureRequest
) -> Iterator[Adoption]:
    """One for the tests of this module that change nothing in it."""
    with databases.fresh({"february": february, "may": may}[request.param]) as url:
        with psycopg.connect(url) as connection:
            values, facts = values_of(connection, *EVERY), facts_of(connection, *EVERY)
        yield Adoption(url, values, facts, migrated(url))


def test_every_value_is_there_after_or_named(adoption: Adoption) -> None:
    with psycopg.connect(adoption.url) as connection:
        after = values_of(connection, *EVERY)
        facts_after = facts_of(connection, *EVERY)
    named = {
        (event.table, str(event.row_id), column): (value, event.fields[column])
        for event in adopted(adoption.url)
        for column, value in event.found.items()
        if column in event.fields
    }
    changed = {
        (table, key, column): (old, new)
        for table, key, column, old, new in lost(adoption.values, after)
    }
    assert changed == named
    assert {new for _, new in changed.values()} <= {
        "blended",
        "lms",
        "draft",
        "published",
        "cancelled",
    }
    # Each column with what was changed is told, with the number of its rows.
    for column in {(table, column) for table, _, column in changed}:
        assert any(line.startswith(".".join(column)) for line in adoption.sentences), (
            adoption.sentences
        )
    for table, facts in adoption.facts.items():
        for column, kind in facts["columns"].items():
            now = facts_after[table]["columns"][column]
            # A column that may be empty from here on, and nothing else.
            assert now in (kind, kind.replace(" not null", "")), (table, column)
            assert now == kind or table.startswith("adm.")


def test_keys_to_acted_are_set_null_and_keys_onto_adm_survive(adoption: Adoption) -> None:
    with psycopg.connect(adoption.url) as connection:
        after = facts_of(connection, *EVERY)
    for table, facts in adoption.facts.items():
        for said in facts["constraints"]:
            if table in [f"adm.{name}" for name in ADM] and "REFERENCES acted." in said:
                said = said.replace(" DEFERRABLE", " ON DELETE SET NULL DEFERRABLE")  # noqa: PLW2901
            assert said in after[table]["constraints"]
    to_acted = [
        said
        for name in ADM
        for said in after[f"adm.{name}"]["constraints"]
        if "REFERENCES acted." in said
    ]
    assert len(to_acted) == 6
    assert all("ON DELETE SET NULL" in said for said in to_acted)


def test_another_writer_goes_on_with_the_columns_that_it_knows(adoption: Adoption) -> None:
    with psycopg.connect(adoption.url) as connection:
        for table, facts in adoption.facts.items():
            if not table.startswith("adm."):
                continue
            columns = [name for name in facts["columns"] if name != "id"]
            # Its own row once more, under other ids, as it wrote it before.
            other = {
                "external_id": "'other'",
                "student_id": "99999",
                "day_number": "99",
                "price_level_id": "NULL",
                "tutorial_registration_id": "NULL",
            }
            given = ", ".join(other.get(name, name) for name in columns)
            connection.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" SELECT {given} FROM {table} ORDER BY id LIMIT 1".encode()
            )
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        times = connection.execute(
            "SELECT created_at, updated_at FROM adm.custom_fields WHERE external_id = 'other'"
        ).fetchone()
        connection.rollback()
    assert times is not None
    assert None not in times


def test_columns_that_the_application_dropped_come_back_with_what_the_ledger_says(
    url: str,
) -> None:
    migrated(url)
    query = (
        "SELECT e.title, e.learning_mode, e.lifecycle_state, e.max_places, e.lms_start_date,"
        " (e.finalisation_date AT TIME ZONE 'Europe/London')::date, s.day_number, s.title,"
        " s.starts_at FROM adm.events e JOIN adm.sessions s ON s.event_id = e.id ORDER BY s.id"
    )
    before = rows(url, query)
    with psycopg.connect(url) as connection:
        become_may(connection)
    verified = admsync("verify", url=url)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    refused_run = admsync("sync", "locations", url=url, settings=UNREACHABLE)
    assert refused_run.returncode == 1
    assert "run: admsync migrate" in refused_run.stderr
    assert "run: admsync migrate" in " ".join(admsync("doctor", url=url).stdout.split())
    said = migrated(url)
    assert rows(url, query.replace("(e.finalisation_date AT TIME ZONE 'Europe/London')::date",
                                   "e.finalisation_date")) == before  # fmt: skip
    assert "adm.events: 32 rows filled again." in said
    assert "adm.sessions: 69 rows filled again." in said


def test_other_writers_stamps_are_theirs_and_rows_of_generated_keys_are_mended(url: str) -> None:
    with psycopg.connect(url) as connection:
        generate_ids_always(connection, "adm")
    run(url, STAMPS)
    migrated(url)
    run(url, "UPDATE adm.locations SET legacy_id = legacy_id WHERE id < 110")
    assert admsync("verify", url=url).returncode == 0
    run(url, "DELETE FROM adm.sessions WHERE id > 160", "UPDATE adm.pricelevels SET name = 'X'")
    assert admsync("verify", url=url).returncode == 1
    mended = admsync("replay", "--apply", url=url)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert admsync("verify", url=url).returncode == 0
    assert rows(url, "SELECT count(*) FROM adm.sessions") == [(69,)]


def test_a_value_too_long_for_an_adopted_column_is_told_by_table(url: str) -> None:
    migrated(url)
    event = RecordObserved(
        table="adm.pricelevels",
        key="new",
        row_id=900,
        fields={"external_id": "new", "name": "x" * 256},
    )
    with opened(url) as database:
        with pytest.raises(ProjectionError, match=r"adm\.pricelevels cannot hold.*varying\(255\)"):
            Ledger(database, actor="tests").append([Entry(event)])
        assert replay(database).ok
