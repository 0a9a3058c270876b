"""Fixtures of the ledger's tests: deployed databases, yet to be migrated."""

from __future__ import annotations

import time
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from tests.databases import Databases
from tests.deployed import Shape, deployed_template


@pytest.fixture
def in_kolkata() -> Iterator[None]:
    """The clocks of a place whose hours are never those of UTC."""
    try:
        with patch.dict("os.environ", {"TZ": "Asia/Kolkata"}):
            time.tzset()
            yield
    finally:
        time.tzset()


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
def url(databases: Databases, february: str) -> Iterator[str]:
    """February's, of the test's own."""
    with databases.fresh(february) as url:
        yield url
