"""A choice of a product in the database that is deployed, before and after it changes its shape."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from attrs import evolve

from importer.reference.product_choice import Chosen, ProductChooser
from importer.reference.read import read_local_reference
from importer.reference.values import Product, Reference
from ledger.events import DecisionTaken
from ledger.migrations.migrate import migrate
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, database_name, opened
from tests.deployed.company import deployed_template
from tests.deployed.tables import become_may
from tests.program import admsync

ASKED = ("CB1_LO_6", "Live online")


@pytest.fixture(scope="module")
def february(databases: Databases, administrate: RunningSandbox) -> Iterator[str]:
    """February's database, migrated and linked, to copy."""
    with deployed_template(databases, "february") as name, databases.fresh(name) as url:
        with opened(url) as database:
            migrate(database, actor="tests")
        administrate.control.reset()
        synced = admsync("sync", "all", "--no-prompt", url=url, settings=administrate.settings)
        assert synced.returncode == 0, synced.stderr
        yield database_name(url)


@pytest.fixture
def deployed_url(databases: Databases, february: str) -> Iterator[str]:
    with databases.fresh(february) as url:
        yield url


def becomes_may(url: str) -> None:
    with psycopg.connect(url) as connection:
        become_may(connection)
    with opened(url) as database:
        migrate(database, actor="tests")


def reference(url: str) -> Reference:
    with opened(url) as database:
        return read_local_reference(database)


def sold_as(url: str, sitting: str) -> Product | str:
    code, place = ASKED
    found = ProductChooser.of(reference(url)).choose(code, sitting, place)
    return found.product if isinstance(found, Chosen) else str(found)


def product_of(url: str, code: str, sitting: str) -> Product:
    """The product that the rule gives a course template, whatever was decided."""
    found = ProductChooser.of(evolve(reference(url), decisions=())).choose(code, sitting, ASKED[1])
    assert isinstance(found, Chosen), found
    return found.product


def choose(url: str, sitting: str, product: Product) -> None:
    code, place = ASKED
    typed = ("choose-product", code, sitting, place, product.code, "--reason", "so it is")
    done = admsync(*typed, url=url)
    assert done.returncode == 0, done.stderr
    assert f"from {sitting} on, CB1_LO_6 at Live online is sold as" in done.stdout


def test_a_choice_holds_in_the_sittings_after_it_in_either_shape(deployed_url: str) -> None:
    three, later = (product_of(deployed_url, "CB1_LO_3", one) for one in ("2026A", "2026S"))
    choose(deployed_url, "2026A", three)
    for shape in ("February", "May"):
        if shape == "May":
            becomes_may(deployed_url)
        assert [
            getattr(sold_as(deployed_url, sitting), "code", None)
            for sitting in ("2025S", "2026A", "2026S")
        ] == [product_of(deployed_url, "CB1_LO_6", "2025S").code, three.code, later.code]


def test_a_choice_in_mays_shape_means_a_format_and_a_location(deployed_url: str) -> None:
    becomes_may(deployed_url)
    three, later = (product_of(deployed_url, "CB1_LO_3", one) for one in ("2026A", "2026S"))
    assert set(three.meaning) == {"subject", "format", "location"}
    choose(deployed_url, "2026A", three)
    assert sold_as(deployed_url, "2026S") == later


def test_a_choice_of_before_names_one_product_and_holds_for_its_sitting(deployed_url: str) -> None:
    three = product_of(deployed_url, "CB1_LO_3", "2026A")
    six = product_of(deployed_url, "CB1_LO_6", "2026S")
    known = reference(deployed_url)
    template = next(o.tutorial_id for o in known.course_templates if o.code == ASKED[0])
    place = next(o.tutorial_id for o in known.locations if o.name == ASKED[1])
    with opened(deployed_url) as database:
        before = DecisionTaken(
            decision="product",
            table="acted.products",
            subject=f"acted.tutorial_course_templates/{template}",
            object=f"acted.products/{three.id}",
            reason="as before",
            fields={"sitting": "2026A", "location": f"acted.tutorial_locations/{place}"},
        )
        Ledger(database, "ann").append([Entry(before)])
    for shape in ("February", "May"):
        found = sold_as(deployed_url, "2026A")
        assert isinstance(found, Product)
        assert found.id == three.id
        assert getattr(sold_as(deployed_url, "2026S"), "id", None) == six.id
        if shape == "February":
            becomes_may(deployed_url)
