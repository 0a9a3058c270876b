"""The pages, served once for a module's tests, and their visitors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import Databases, opened
from tests.importer.pages.serving import Served, Visit, served


@pytest.fixture(scope="module")
def pages(databases: Databases, template: str) -> Iterator[Served]:
    """The pages of a database in which nothing has run."""
    with databases.fresh(template) as url, opened(url) as database, served(database) as found:
        yield found


@pytest.fixture
def outside(pages: Served) -> Iterator[Visit]:
    """Somebody who has not given the token."""
    with pages.visited() as visit:
        yield visit


@pytest.fixture
def inside(outside: Visit) -> Visit:
    """The operator."""
    return outside.enter()
