"""Deployed databases with the company's Administrate beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.databases import Databases, database_name
from tests.deployed import Shape, deployed_template
from tests.sync.company import Company


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
    """The same, migrated and linked with Administrate by the program."""
    administrate.control.reset()
    with ExitStack() as stack:
        names: dict[Shape, str] = {}
        for shape, name in deployed.items():
            url = stack.enter_context(databases.fresh(name))
            company = Company(url, administrate)
            company.admsync("migrate")
            company.admsync("verify-schema-placement")
            company.admsync("sync", "all", "--no-prompt", code=None)
            company.admsync("verify")
            names[shape] = database_name(url)
        yield names


@pytest.fixture
def company(
    databases: Databases,
    linked: dict[Shape, str],
    administrate: RunningSandbox,
    request: pytest.FixtureRequest,
) -> Iterator[Company]:
    """The company on a linked database of its own, of May's shape unless the test names one."""
    administrate.control.reset()
    with databases.fresh(linked[getattr(request, "param", "may")]) as url:
        yield Company(url, administrate)
