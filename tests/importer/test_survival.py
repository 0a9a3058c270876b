"""An import that is killed or loses an answer anywhere ends, resumed, as if nothing had happened.

By default a few of the points are tried; with ADMSYNC_EVERY_POINT=1, each of them (=3: each third).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import define

from importer.dual_write.event import State
from ledger.errors import DatabaseError, StoppedResumably, UsageRefused
from sync.administrate.recorder import Attempt
from tests.databases import opened
from tests.importer.company import Company, a_workbook, five_events
from tests.importer.end_state import Companies, assert_same, end_state, wait_until_let_go
from tests.importer.killed_process import EVERY, chosen, import_until
from tests.proxy import Faults, proxied

FAULTS = ("reset-unanswered", "reset-before", "500-after", "truncated")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_workbook(tmp_path_factory.mktemp("five"), *five_events())


def finished(company: Company, path: Path) -> None:
    """Whatever has stopped goes on; a run that left no word at all is begun again."""
    wait_until_let_go(company)
    try:
        resumed = company.resumed()
    except UsageRefused:
        resumed = company.imported(path)
    assert all(one.state is State.DONE for one in resumed.outcomes)


@pytest.fixture(scope="module")
def expected(companies: Companies, path: Path) -> dict[str, Any]:
    """The end state without any trouble."""
    with companies.fresh() as (company, _):
        company.imported(path)
        return end_state(company)


@pytest.fixture(scope="module")
def calls(companies: Companies, path: Path) -> int:
    """How many calls to Administrate the import makes."""
    with companies.fresh() as (company, _):
        company.control.forget()
        company.imported(path)
        return len([one for one in company.control.calls() if one.operation != "oauth.token"])


def test_killed_anywhere_it_ends_the_same(
    companies: Companies, path: Path, expected: dict[str, Any]
) -> None:
    with companies.fresh() as (_, url):
        points = import_until(path, url, companies.sandbox.settings, 0, 1)
    for at in chosen(points, 4):
        with companies.fresh() as (company, url):
            left = import_until(path, url, companies.sandbox.settings, at, 1 if EVERY else 3)
            if left == 0:
                finished(company, path)
            assert_same(company, expected, f"a kill at point {at} of {points}")


def test_whatever_becomes_of_an_answer_it_ends_the_same(
    companies: Companies, path: Path, expected: dict[str, Any], calls: int
) -> None:
    for number, at in enumerate(chosen(calls, 5)):
        for fault in FAULTS if EVERY else (FAULTS[number % len(FAULTS)],):
            with companies.fresh() as (company, _):
                company.control.set_faults(f"{fault}:*:{at}")
                try:
                    company.imported(path, workers=1 if EVERY else 3)
                except StoppedResumably:
                    company.control.clear_faults()
                    finished(company, path)
                assert_same(company, expected, f"{fault} at call {at} of {calls}")


@define
class LosingCommits:
    """Has the database lose one commit, or its answer, after so many calls to Administrate."""

    faults: Faults
    after: int
    answered: bool

    def record(self, _attempt: Attempt) -> None:
        self.after -= 1
        if self.after == 0:
            self.faults.lost_answers = int(self.answered)
            self.faults.lost_commits = int(not self.answered)


def test_a_commit_that_is_lost_or_whose_answer_is_lost_changes_nothing(
    companies: Companies, path: Path, expected: dict[str, Any], calls: int
) -> None:
    for number, after in enumerate(chosen(calls, 3)):
        for answered in (True, False) if EVERY else (number % 2 == 0,):
            with (
                companies.fresh() as (company, url),
                proxied(url) as faults,
                opened(faults.url) as database,
            ):
                through = Company(database, companies.sandbox)
                try:
                    through.imported(path, recorder=LosingCommits(faults, after, answered).record)
                except (StoppedResumably, DatabaseError):
                    finished(company, path)
                assert_same(company, expected, f"a commit lost after call {after}")
