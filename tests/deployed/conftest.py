"""Deployed databases with the company's Administrate beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ledger.migrations.migrate import migrate
from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.databases import Databases, database_name, opened
from tests.deployed import Shape, deployed_template
from tests.importer.company import sync_all


@pytest.fixture(scope="session")
def administrate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """A sandbox that tests put back to its start."""
    with start_sandbox(tmp_path_factory.mktemp("administrate")) as running:
        yield running


@pytest.fixture(scope="session")
def deployed(databases: Databases) -> Iterator[dict[Shape, str]]:
    """The names of databases as they are deployed, rows in every table, to copy."""
    with (
        deployed_template(databases, "february") as february,
        deployed_template(databases, "may") as may,
    ):
        yield {"february": february, "may": may}


@pytest.fixture(scope="session")
def linked(
    databases: Databases, deployed: dict[Shape, str], administrate: RunningSandbox
) -> Iterator[dict[Shape, str]]:
    """The same, migrated and linked with Administrate."""
    administrate.control.reset()
    with ExitStack() as stack:
        names: dict[Shape, str] = {}
        for shape, name in deployed.items():
            url = stack.enter_context(databases.fresh(name))
            with opened(url) as database:
                migrate(database, actor="tests")
                sync_all(database, administrate)
            names[shape] = database_name(url)
        yield names
