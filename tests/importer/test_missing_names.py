"""A name that no linked record has is told once, with the rows that need it, its likely cause
first."""

from __future__ import annotations

from pathlib import Path

from importer.planning.missing import missing_names, other_errors, row_ranges
from importer.validation.verdicts import Refused
from importer.workbook.problems import CellError
from tests.importer.references import reference_of
from tests.importer.rows import a_session, an_event
from tests.importer.verdicts import errors, verdicts_on


def test_it_is_told_once_for_all_its_rows(tmp_path: Path) -> None:
    rows = [an_event(session_instructor="Jon Smth"), *[a_session(instructor="Jon Smth")] * 2]
    verdicts = verdicts_on(tmp_path, *rows)
    found = [error for one in verdicts if isinstance(one, Refused) for error in one.errors]
    [told] = missing_names(found)
    assert str(told) == (
        "Missing: instructor 'Jon Smth', rows 2-4: nearest 'John Smith'; or neither side is known"
        " to have it: enter it in both, then run `admsync sync instructors`"
    )
    assert told.document()["rows"] == [2, 3, 4]


def test_an_error_about_something_else_stays_with_its_cell() -> None:
    other = CellError("Import", "K2", "Classroom end time", "08:59", "the end is not after")
    assert missing_names([other]) == []
    assert list(other_errors([other])) == [other]


def test_where_none_was_ever_synced_that_is_the_cause(tmp_path: Path) -> None:
    nobody = reference_of(codes=("CB1_LO_6",), places={"London": ("BPP Waterloo",)}, people=())
    [told, *_] = [one for one in errors(tmp_path, an_event(), reference=nobody) if "instr" in one]
    assert told.endswith("no instructor is known yet: run `admsync sync instructors` first")


def test_rows_in_order_are_ranges() -> None:
    assert row_ranges([9, 4, 5, 6, 6, 12]) == "4-6, 9, 12"
