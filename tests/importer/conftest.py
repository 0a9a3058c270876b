"""The company, linked once for a run of the tests and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.databases import Databases, database_name, opened
from tests.importer.company import Company, Say, link
from tests.importer.end_state import Companies
from tests.program import admsync


@pytest.fixture(scope="session")
def administrate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """A sandbox that tests put back to its start."""
    with start_sandbox(tmp_path_factory.mktemp("administrate")) as running:
        yield running


@pytest.fixture(scope="session")
def linked(databases: Databases, template: str, administrate: RunningSandbox) -> Iterator[str]:
    """The name of a database in which the company is linked, to copy."""
    with databases.fresh(template) as url:
        with opened(url) as database:
            link(database, administrate)
        yield database_name(url)


@pytest.fixture(scope="session")
def companies(databases: Databases, linked: str, administrate: RunningSandbox) -> Companies:
    return Companies(databases, linked, administrate)


@pytest.fixture
def company_url(databases: Databases, linked: str, administrate: RunningSandbox) -> Iterator[str]:
    """The URL of the test's own copy; the sandbox is at its start."""
    administrate.control.reset()
    with databases.fresh(linked) as url:
        yield url


@pytest.fixture
def company(company_url: str, administrate: RunningSandbox) -> Iterator[Company]:
    """The company, linked, and nothing imported yet."""
    with opened(company_url) as database:
        yield Company(database, administrate)


@pytest.fixture
def say(company: Company, company_url: str) -> Say:
    """Runs a command, which is to exit with ``code``, and returns what it prints."""

    def run(*arguments: str, code: int = 0) -> str:
        done = admsync(*arguments, url=company_url, settings=company.sandbox.settings)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run
