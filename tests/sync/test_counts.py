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
from sync.create_unmatched import agree, lacking, sync_and_create
from sync.report import JsonReport
from sync.run import SyncOptions, SyncRun, new_sync, resumed_sync
from tests.databases import opened
from tests.sync.company import UNCOUNTED, Company

Opening = Callable[[Ledger, Administrate], AbstractContextManager[SyncRun]]
IMPATIENT = RetryBudget(attempts=1, first_wait=0.01, first_throttled_wait=0.01)


def started(ledger: Ledger, client: Administrate) -> AbstractContextManager[SyncRun]:
    options = SyncOptions(("custom-fields", "locations", "course-templates"))
    return new_sync(ledger, client, "sync", options, JsonReport())


def resumed(ledger: Ledger, client: Administrate) -> AbstractContextManager[SyncRun]:
    return resumed_sync(ledger, client, run_to_resume(ledger.database, None), JsonReport())


def agreed(under_way: SyncRun) -> None:
    """Somebody agrees to create whatever is unmatched, in the first region."""
    agree(under_way, lacking(under_way), {}, lambda _what, offered: offered[0][0])


def counts(company: Company, opening: Opening) -> tuple[dict[str, Any], int]:
    """Carries a sync with its creations to its end; the run's counts, and how many were refused."""
    settings = AdministrateSettings.from_environment(company.sandbox.settings)
    patient = evolve(settings, retries=IMPATIENT, rate=UNCOUNTED)
    with opened(company.url) as database, Administrate(patient) as client:
        with opening(Ledger(database, "tests"), client) as under_way:
            sync_and_create(under_way, agreed)
        state = find_run(database, "last")
        return state.counts, state.refused


@pytest.mark.parametrize(
    "fault",
    [
        "503:CourseTemplates:*",
        "503:location.create:2",
        "503:courseTemplate.create:*",
    ],
)
def test_counts_after_a_resume_are_those_of_an_undisturbed_run(
    company: Company, fault: str
) -> None:
    # One location is refused; the other records are created and linked.
    company.control.switch(unique_location_names=True)
    company.change("UPDATE acted.tutorial_locations SET name = '' WHERE name = 'Cardiff'")
    company.control.set_faults(fault)
    with pytest.raises(StoppedResumably):
        counts(company, started)
    company.control.clear_faults()
    after = counts(company, resumed)
    [first] = company.values("SELECT counts FROM ledger.runs")
    assert first == after[0]
    locations, templates = (
        company.values(f"SELECT count(*) FROM adm.{name}")[0]
        for name in ("locations", "course_templates")
    )
    fields = company.values("SELECT count(*) FROM adm.custom_fields")[0]
    assert after[0]["created"] == locations + templates + fields
    assert after[0]["unchanged"] == 0
    assert after[1] == after[0]["skipped"] + 1
