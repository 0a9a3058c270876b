"""The deployed databases made here are the deployed ones, and go from one shape to the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.deployed import SHAPES, Shape, become_may, deploy, facts_of, misplace

# Of the facts that the deployments were described by, and where those are kept.
DIGESTS = {
    "february": "51d5bb728d7bf0829ff8d5431f11b45546f7c86e6fa7422173c94ede1f1ef237",
    "may": "13218e5dfca86f007679bdd847c6d3b15e1c302a00deda544ea025b2ea1793e9",
}
FILES = {"february": "webapp-2026-02.json", "may": "webapp-2026-05.json"}


def shared(shape: Shape) -> Path | None:
    """The file with the deployment's facts, where it is at hand."""
    name = f"shared/data/deployed/{FILES[shape]}"
    return next((p / name for p in Path(__file__).parents if (p / name).exists()), None)


@pytest.fixture
def connection(empty_database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(empty_database_url) as connection:
        yield connection


def counted(connection: psycopg.Connection[Any]) -> dict[str, int]:
    return {
        table: connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()[0][0]
        for table in facts_of(connection)
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_made_here_is_the_deployed_one(
    connection: psycopg.Connection[Any], shape: Shape
) -> None:
    deploy(connection, shape, rows=False)
    made = facts_of(connection)
    file = shared(shape)
    if file is not None:
        assert made == json.loads(file.read_text(encoding="utf-8"))
    text = json.dumps(made, sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == DIGESTS[shape]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_table_has_rows_and_every_deferred_key_holds(
    connection: psycopg.Connection[Any], shape: Shape
) -> None:
    deploy(connection, shape)
    connection.commit()
    assert 0 not in counted(connection).values(), counted(connection)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_database_without_adm_has_rows_in_every_other_table(
    connection: psycopg.Connection[Any], shape: Shape
) -> None:
    deploy(connection, shape, adm=False)
    connection.commit()
    found = counted(connection)
    assert not any(table.startswith("adm.") for table in found)
    assert 0 not in found.values()


def test_the_way_to_may_keeps_products_and_carries_dates_over(
    connection: psycopg.Connection[Any],
) -> None:
    deploy(connection, "february")
    products = connection.execute("SELECT id, product_code FROM acted.products ORDER BY id")
    before = products.fetchall()
    become_may(connection)
    after = connection.execute("SELECT id, code FROM acted.purchasables ORDER BY id").fetchall()
    assert after == before
    [moved] = connection.execute(
        "SELECT t.lms_start_date, e.id, t.finalisation_date AT TIME ZONE 'Europe/London'"
        " FROM acted.tutorial_events t JOIN adm.events e ON e.tutorial_event_id = t.id"
        " WHERE t.code LIKE 'OLD-%-17-26A'"
    ).fetchall()
    assert [moved[0].isoformat(), str(moved[2])] == [
        "2026-03-04T16:00:00+00:00",
        "2026-06-17 00:00:00",
    ]
    linked = connection.execute("SELECT count(tutorial_session_id) FROM adm.sessions").fetchone()
    assert linked == (69,)


def test_misplaced_tables_stand_in_public_under_their_whole_name(
    connection: psycopg.Connection[Any],
) -> None:
    deploy(connection, "february")
    misplace(connection, "events", "venues")
    found = facts_of(connection, "public", constraints=False)
    assert found.keys() == {"public.auth_user", "public.adm.events", "public.adm.venues"}
