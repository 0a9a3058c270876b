"""Adoption loses nothing: every value that stood before is there after, or the event names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from ledger.book import Ledger
from ledger.errors import DatabaseError
from ledger.events import BridgeRowAdopted
from ledger.migrate import migrate, require_current
from ledger.replay import replay
from ledger.verify import verify_chain
from tests.databases import Databases, opened
from tests.deployed import (
    SHAPES,
    Shape,
    deployed_template,
    facts_of,
)
from tests.deployed.values import lost, values_of

ADM = (
    "course_template_price_levels", "course_templates", "custom_fields", "events", "instructors",
    "locations", "pricelevels", "sessions", "venues",
)  # fmt: skip
EVERY = ("acted", "adm", "public")


@pytest.fixture(scope="session")
def february(databases: Databases) -> Iterator[str]:
    with deployed_template(databases, "february") as name:
        yield name


@pytest.fixture(scope="session")
def may(databases: Databases) -> Iterator[str]:
    with deployed_template(databases, "may") as name:
        yield name


@pytest.fixture
def urls(databases: Databases, february: str, may: str) -> Iterator[dict[Shape, str]]:
    """A deployed database of each shape, of the test's own."""
    with databases.fresh(february) as first, databases.fresh(may) as second:
        yield {"february": first, "may": second}


@pytest.fixture
def url(urls: dict[Shape, str]) -> str:
    """February's, of the test's own."""
    return urls["february"]


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def migrated(url: str) -> list[str]:
    """Migrates, twice: the second time changes nothing; and the tables are as the ledger says."""
    with opened(url) as database:
        said = migrate(database, actor="tests")
        require_current(database)
        assert migrate(database, actor="tests") == []
        replayed = replay(database)
        assert replayed.ok, replayed.differences
        assert verify_chain(database).ok
    return said


def refused(url: str) -> str:
    """What stands in the migration's way; nothing was done."""
    with psycopg.connect(url) as connection:
        before = values_of(connection, *EVERY), facts_of(connection, *EVERY)
    with opened(url) as database, pytest.raises(DatabaseError) as problem:
        migrate(database, actor="tests")
    with psycopg.connect(url) as connection:
        assert (values_of(connection, *EVERY), facts_of(connection, *EVERY)) == before
    assert "\n" not in str(problem.value)
    return str(problem.value)


def adopted(url: str) -> list[BridgeRowAdopted]:
    with opened(url) as database:
        events = [recorded.event for recorded in Ledger(database, actor="tests").read()]
    return [event for event in events if isinstance(event, BridgeRowAdopted)]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_value_is_there_after_or_named(urls: dict[Shape, str], shape: Shape) -> None:
    url = urls[shape]
    with psycopg.connect(url) as connection:
        before = values_of(connection, *EVERY)
        kinds = facts_of(connection, *EVERY, constraints=False)
    said = migrated(url)
    with psycopg.connect(url) as connection:
        after = values_of(connection, *EVERY)
        kinds_after = facts_of(connection, *EVERY, constraints=False)
    named = {
        (event.table, str(event.row_id), column): (value, event.fields[column])
        for event in adopted(url)
        for column, value in event.found.items()
        if column in event.fields
    }
    changed = {
        (table, key, column): (old, new) for table, key, column, old, new in lost(before, after)
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
        assert any(line.startswith(".".join(column)) for line in said), said
    for table, facts in kinds.items():
        for column, kind in facts["columns"].items():
            now = kinds_after[table]["columns"][column]
            # A column that may be empty from here on, and nothing else.
            assert now in (kind, kind.replace(" not null", "")), (table, column)
            assert now == kind or table.startswith("adm.")


@pytest.mark.parametrize("shape", SHAPES)
def test_keys_to_acted_are_set_null_and_keys_onto_adm_survive(
    urls: dict[Shape, str], shape: Shape
) -> None:
    url = urls[shape]
    with psycopg.connect(url) as connection:
        before = facts_of(connection, *EVERY)
    migrated(url)
    with psycopg.connect(url) as connection:
        after = facts_of(connection, *EVERY)
    for table, facts in before.items():
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


@pytest.mark.parametrize("shape", SHAPES)
def test_another_writer_goes_on_with_the_columns_that_it_knows(
    urls: dict[Shape, str], shape: Shape
) -> None:
    url = urls[shape]
    with psycopg.connect(url) as connection:
        known = facts_of(connection, "adm", constraints=False)
    migrated(url)
    with psycopg.connect(url) as connection:
        for table, facts in known.items():
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
    assert times is not None
    assert None not in times
