"""Two workbooks with the same events: what one import has planned, another neither makes nor takes
the code of."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from importer.dual_write.event import EventOutcome
from importer.dual_write.progress import SilentProgress
from importer.dual_write.run import new_import
from importer.planning.prepare import ImportOptions
from importer.workbook.archive import read_file
from ledger.errors import StoppedResumably, UsageRefused
from ledger.runs.set_aside import set_aside
from ledger.runs.states import find_run
from ledger.schema import acted
from tests.importer.company import Company, a_workbook, an_own_event


@pytest.fixture
def planned(company: Company, tmp_path: Path) -> Path:
    """The workbook of an import of A and B that stopped before it made them."""
    path = a_workbook(tmp_path, an_own_event("A"), an_own_event("B"))
    options = ImportOptions(str(path), read_file(path).digest)
    prepared = company.prepared(path)
    with (
        company.administrate() as client,
        pytest.raises(StoppedResumably),
        new_import(company.ledger, client, options, SilentProgress(), prepared),
    ):
        raise StoppedResumably("the power")
    return path


def codes(company: Company) -> list[str]:
    return sorted(code for (code,) in company.rows(acted.EVENTS, "code") if code[0] in "ABC")


def test_what_an_unfinished_import_has_planned_is_not_planned_again(
    company: Company, planned: Path, tmp_path: Path
) -> None:
    first = find_run(company.database, "last")
    other = a_workbook(tmp_path, an_own_event("B"), an_own_event("C"), name="other.xlsx")
    [skipped] = company.prepared(other).plan.skipped
    assert skipped.twin == f"an unfinished import (run {first.run_id})"
    company.imported(other)
    company.resumed()
    assert codes(company) == ["A", "B", "C"]
    assert planned.exists()


def test_a_code_that_is_planned_is_taken(company: Company, planned: Path, tmp_path: Path) -> None:
    later = an_own_event("B", lms_start_date=date(2025, 9, 23))
    company.imported(a_workbook(tmp_path, later, name="other.xlsx"))
    assert codes(company) == ["B-2"]
    company.resumed()
    assert codes(company) == ["A", "B", "B-2"]
    assert planned.exists()


def test_what_was_planned_is_free_again_once_the_import_is_set_aside(
    company: Company, planned: Path, tmp_path: Path
) -> None:
    set_aside(company.ledger, find_run(company.database, "last"), "another file is right")
    other = a_workbook(tmp_path, an_own_event("B"), name="other.xlsx")
    company.imported(other)
    company.imported(planned)
    assert codes(company) == ["A", "B"]


class StopsAfterOne(SilentProgress):
    def finished(self, outcome: EventOutcome) -> None:
        raise StoppedResumably(f"the power, after {outcome}")


def test_an_import_that_has_begun_to_make_events_is_not_set_aside(
    company: Company, tmp_path: Path
) -> None:
    path = a_workbook(tmp_path, an_own_event("A"), an_own_event("B"))
    options = ImportOptions(str(path), read_file(path).digest)
    prepared = company.prepared(path)
    with (
        company.administrate() as client,
        pytest.raises(StoppedResumably),
        new_import(company.ledger, client, options, StopsAfterOne(), prepared) as running,
    ):
        running.make_all()
    with pytest.raises(UsageRefused, match="begun to make events"):
        set_aside(company.ledger, find_run(company.database, "last"), "nobody goes on with it")
    company.resumed()
    assert codes(company) == ["A", "B"]
