"""Fixtures that every part's tests share: a server for the run, a database for the test."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from ledger.database.connection import Database
from ledger.masking import forget_secrets
from ledger.store.ledger import Ledger
from sync.settings import LIBPQ, SETTINGS
from tests.databases import (
    Databases,
    embedded_server,
    hurry,
    migrated_template,
    opened,
    server_directory,
)
from tests.layers import layer, touching
from tests.program import WIDE
from tests.temporary import keep_files_in_memory

keep_files_in_memory()

# Nothing that a developer's machine has set for another database or another Administrate counts for
# a test, nor for what it starts.
for one in (*SETTINGS, *LIBPQ):
    for name in (one.name, one.name.lower()):
        os.environ.pop(name, None)
# No example is timed. A test's database may outlive its examples: a ledger is only ever added to.
settings.register_profile(
    "admsync", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("admsync")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    forget_secrets()  # those of the test before


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test is marked with its layer."""
    for item in items:
        module = item.path.relative_to(config.rootpath).as_posix()
        item.add_marker(layer(module, getattr(item, "fixturenames", ())))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """A unit test that starts a process or uses a socket fails: it belongs elsewhere."""
    with pytest.MonkeyPatch.context() as patch, touching() as touched:
        patch.setenv("COLUMNS", WIDE)
        yield
    if touched and item.get_closest_marker("unit"):
        pytest.fail(f"a unit test, yet it does {', '.join(sorted(set(touched)))}: tests/layers.py")


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The server of this run, shared by the processes that pytest-xdist divides it among."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield Databases(given)
        return
    with embedded_server(server_directory()) as url:
        hurry(url)
        yield Databases(url)


@pytest.fixture(scope="session")
def template(databases: Databases) -> Iterator[str]:
    """The name of a migrated database, to copy with ``databases.fresh(template)``."""
    with migrated_template(databases) as name:
        yield name


@pytest.fixture
def database_url(databases: Databases, template: str) -> Iterator[str]:
    """The URL of a migrated database of the test's own, for a program to be given."""
    with databases.fresh(template) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database of the test's own."""
    with opened(database_url) as database:
        yield database


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """The ledger of the test's own database, empty."""
    return Ledger(database, actor="tests")


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    with databases.fresh() as url:
        yield url


@pytest.fixture
def empty_database(empty_database_url: str) -> Iterator[Database]:
    """A database with nothing in it, not even a schema of ours."""
    with opened(empty_database_url) as database:
        yield database
