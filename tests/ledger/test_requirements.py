"""What the web application's tables lack is named, column by column, with what cannot work."""

from __future__ import annotations

import psycopg
import pytest

from ledger.migrations.migrate import migrate, shortcomings
from tests.databases import opened
from tests.deployed import SHAPES, Shape
from tests.ledger.adopting import run
from tests.program import admsync

CHANGES = {
    "a column that is missing": (
        "february",
        "ALTER TABLE acted.tutorial_locations DROP is_active",
        "acted.tutorial_locations.is_active is missing",
        "sync locations, sync venues, import-events cannot work",
    ),
    "a column of another type": (
        "may",
        "ALTER TABLE acted.tutorial_instructors ALTER is_active TYPE text",
        "acted.tutorial_instructors.is_active is text, not a boolean",
        "sync instructors, import-events cannot work",
    ),
    "a product that is another thing": (
        "may",
        "ALTER TABLE acted.tutorial_products RENAME format TO kind",
        "acted.tutorial_products.format is missing",
        "import-events cannot work",
    ),
    "an event of neither shape": (
        "february",
        "ALTER TABLE acted.tutorial_events RENAME start_date TO begins",
        "acted.tutorial_events.start_date is missing",
        "import-events cannot work",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_deployed_shape_lacks_nothing(urls: dict[Shape, str], shape: Shape) -> None:
    with opened(urls[shape]) as database:
        migrate(database, actor="tests")
        assert shortcomings(database) == []


@pytest.mark.parametrize(("shape", "change", "what", "stops"), CHANGES.values(), ids=CHANGES)
def test_migrate_and_doctor_name_what_is_lacking_and_what_cannot_work(
    urls: dict[Shape, str], shape: Shape, change: str, what: str, stops: str
) -> None:
    run(urls[shape], change)
    done = admsync("migrate", url=urls[shape])
    assert done.returncode == 0, done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.startswith("⚠")]
    assert what in line
    assert stops in line
    doctor = admsync("doctor", url=urls[shape])
    assert doctor.returncode == 1
    assert what in " ".join(doctor.stdout.split())


def test_verify_says_yes_where_the_tables_of_events_are_of_neither_shape(
    urls: dict[Shape, str],
) -> None:
    url = urls["february"]
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE acted.tutorial_events RENAME start_date TO begins")
        connection.execute("ALTER TABLE acted.tutorial_sessions RENAME sequence TO day")
    assert admsync("migrate", url=url).returncode == 0
    verified = admsync("verify", url=url)
    assert verified.returncode == 0, verified.stdout + verified.stderr
