"""Deployed databases with the company's Administrate beside them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.databases import Databases
from tests.deployed import Shape, deployed_template


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
