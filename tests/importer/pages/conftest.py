"""The pages, served once for a module's tests, and their visitors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, opened
from tests.importer.company import Company
from tests.importer.pages.serving import Served, Visit, served
from tests.program import environment


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


@pytest.fixture(scope="module")
def company_pages(
    databases: Databases,
    linked: str,
    administrate: RunningSandbox,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The pages of the linked company, with an Administrate put back to its start."""
    administrate.control.reset()
    home = {"ADMSYNC_DATA_DIR": str(tmp_path_factory.mktemp("pages"))}
    with (
        databases.fresh(linked) as url,
        opened(url) as database,
        served(database, given=environment(url, {**administrate.settings, **home})) as found,
    ):
        yield found


@pytest.fixture
def company_pages_url(company_pages: Served) -> str:
    """The URL of their database."""
    return company_pages.site.environ["DATABASE_URL"]


@pytest.fixture
def operator(company_pages: Served) -> Iterator[Visit]:
    """The operator, before the company's pages."""
    with company_pages.visited() as visit:
        yield visit.enter()


@pytest.fixture
def visit(
    company_url: str, company: Company, administrate: RunningSandbox, tmp_path: Path
) -> Iterator[Visit]:
    """The operator before the pages of a company of the test's own."""
    home = {"ADMSYNC_DATA_DIR": str(tmp_path / "data")}
    given = environment(company_url, {**administrate.settings, **home})
    with served(company.database, given=given) as pages, pages.visited() as found:
        yield found.enter()
