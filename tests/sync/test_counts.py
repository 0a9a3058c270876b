"""The counts of a run that was stopped and resumed are those of one that nothing stopped."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from attrs import evolve

from ledger.errors import StoppedResumably
from ledger.runs.states import find_run, run_to_resume
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.pace.retry import RetryBudget
from sync.administrate.settings import AdministrateSettings
from sync.missing.create import create_and_sync
from sync.reports.sync_report import JsonReport
from sync.run import SyncOptions, SyncRun, new_sync, resumed_sync
from tests.databases import opened
from tests.sync.company import UNCOUNTED, Company
from tests.sync.missing.creating import creating_all

Opening = Callable[[Ledger, Administrate], AbstractContextManager[SyncRun]]
IMPATIENT = RetryBudget(attempts=1, first_wait=0.01, first_throttled_wait=0.01)


def started(ledger: Ledger, client: Administrate) -> AbstractContextManager[SyncRun]:
    options = SyncOptions(("custom-fields", "locations", "course-templates"))
    return new_sync(ledger, client, "sync", options, JsonReport())


def resumed(ledger: Ledger, client: Administrate) -> AbstractContextManager[SyncRun]:
    return resumed_sync(ledger, client, run_to_resume(ledger.database, None), JsonReport())


def creating(ledger: Ledger, client: Administrate) -> AbstractContextManager[SyncRun]:
    return creating_all(ledger, client, "locations", "course-templates")


def counts(company: Company, opening: Opening) -> tuple[dict[str, Any], int]:
    """Carries a sync or a creation to its end; the run's counts, and how many were refused."""
    settings = AdministrateSettings.from_environment(company.sandbox.settings)
    patient = evolve(settings, retries=IMPATIENT, rate=UNCOUNTED)
    with opened(company.url) as database, Administrate(patient) as client:
        with opening(Ledger(database, "tests"), client) as under_way:
            create_and_sync(under_way)
        state = find_run(database, "last")
        return state.counts, state.refused


def test_counts_of_a_resumed_sync_are_those_of_an_undisturbed_one(company: Company) -> None:
    company.control.set_faults("503:CourseTemplates:*")
    with pytest.raises(StoppedResumably):
        counts(company, started)
    company.control.clear_faults()
    after, refused = counts(company, resumed)
    [first] = company.values("SELECT counts FROM ledger.runs")
    assert first == after
    rows = (
        company.values(f"SELECT count(*) FROM adm.{name}")[0]
        for name in ("custom_fields", "locations", "course_templates")
    )
    assert (after["created"], after["unchanged"]) == (sum(rows), 0)
    assert refused == after["skipped"]


@pytest.mark.parametrize("fault", ["503:location.create:2", "503:courseTemplate.create:*"])
def test_counts_of_a_resumed_creation_are_those_of_an_undisturbed_one(
    company: Company, fault: str
) -> None:
    # One location is refused; the other records are created and linked.
    company.control.switch(unique_location_names=True)
    company.change("UPDATE acted.tutorial_locations SET name = '' WHERE name = 'Cardiff'")
    counts(company, started)
    before = rows_of(company)
    company.control.set_faults(fault)
    with pytest.raises(StoppedResumably):
        counts(company, creating)
    company.control.clear_faults()
    after, refused = counts(company, resumed)
    assert after["created"] == rows_of(company) - before
    assert after["unchanged"] == before
    assert refused == after["skipped"] + 1


def rows_of(company: Company) -> int:
    names = ("locations", "course_templates")
    return sum(company.values(f"SELECT count(*) FROM adm.{name}")[0] for name in names)
