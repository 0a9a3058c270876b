"""The company, unsynced and synced: a sandbox for the run, a database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.databases import Databases, database_name
from tests.sync.company import Company, fill_tutorial_side


@pytest.fixture(scope="session")
def company_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The company's Administrate, which every test finds as it is shipped."""
    with start_sandbox(tmp_path_factory.mktemp("company")) as running:
        yield running


@pytest.fixture
def sandbox(company_sandbox: RunningSandbox) -> RunningSandbox:
    """The same for a test that changes it: at its start, and nothing counted."""
    company_sandbox.control.reset()
    return company_sandbox


@pytest.fixture(scope="session")
def company_template(databases: Databases, template: str) -> Iterator[str]:
    """A migrated database with the company's tutorial rows, to copy."""
    with databases.fresh(template) as url:
        fill_tutorial_side(url)
        yield database_name(url)


@pytest.fixture(scope="session")
def synced_template(
    databases: Databases, company_template: str, company_sandbox: RunningSandbox
) -> Iterator[str]:
    """The same after one sync of everything, to copy."""
    with databases.fresh(company_template) as url:
        company_sandbox.control.reset()
        Company(url, company_sandbox).admsync("sync", "all", "--no-prompt")
        yield database_name(url)


@pytest.fixture
def company(
    databases: Databases, company_template: str, company_sandbox: RunningSandbox
) -> Iterator[Company]:
    """The company before its first sync."""
    with databases.fresh(company_template) as url:
        company_sandbox.control.reset()
        yield Company(url, company_sandbox)


@pytest.fixture
def synced(
    databases: Databases, synced_template: str, company_sandbox: RunningSandbox
) -> Iterator[Company]:
    """The company after its first sync of everything."""
    with databases.fresh(synced_template) as url:
        company_sandbox.control.reset()
        yield Company(url, company_sandbox)
