"""Workbooks differ; what they mean is read all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.workbook.cells import Value, shown
from importer.workbook.template import COLUMNS, CURRENT
from tests.importer.rows import an_event
from tests.importer.workbooks import a_sheet, read_workbook, write_grid, write_rows

HEADER: list[Value] = [column.header for column in CURRENT]
ROW: list[Value] = [an_event().get(column.key) for column in CURRENT]


@pytest.mark.parametrize(
    "header",
    ["course template code", "  COURSE_TEMPLATE_CODE ", "!Course template code", "Course Code"],
)
def test_a_header_is_known_however_it_is_written(tmp_path: Path, header: str) -> None:
    sheet = read_workbook(write_rows(tmp_path / "events.xlsx", [an_event()], code=header))
    assert sheet.rows[0].value("code") == "CB1_LO_6"


def test_columns_are_found_in_any_order(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "events.xlsx", [an_event()], columns=CURRENT[::-1])
    sheet = read_workbook(path)
    assert {c.key: sheet.rows[0].text(c.key) for c in CURRENT} == {
        c.key: shown(an_event().get(c.key)) for c in CURRENT
    }


def test_a_column_without_a_header_and_unknown_ones_are_let_be(tmp_path: Path) -> None:
    grid = [[None, *HEADER, "Notes"], ["https://example.com", *ROW, "a note"]]
    sheet = read_workbook(write_grid(tmp_path / "events.xlsx", grid))
    assert sheet.rows[0].address("code") == "B2"
    assert sheet.columns.extras == {len(HEADER) + 1: "Notes"}


def test_columns_only_older_templates_have_are_known(tmp_path: Path) -> None:
    row = an_event(min_places=4, sold_out="Y", virtual_classroom="Zoom")
    sheet = read_workbook(write_rows(tmp_path / "events.xlsx", [row], columns=COLUMNS))
    assert sheet.rows[0].value("min_places") == 4
    assert sheet.columns.extras == {}


def test_optional_columns_may_be_absent(tmp_path: Path) -> None:
    needed = [column for column in CURRENT if column.in_header]
    sheet = read_workbook(write_rows(tmp_path / "events.xlsx", [an_event()], columns=needed))
    assert sheet.rows[0].value("cancelled") is None


@pytest.mark.parametrize(
    "hints",
    [
        [],
        [["e.g. CB1_LO_6", None, None, None, "e.g. London"]],
        [["e.g. CB1_LO_6"], [None, None, None, "blended/classroom/lms", "free-text"]],
        [["e.g. CB1_LO_6"], ["free-text", "HH:mm", "Course of study"], ["Required", "OPTIONAL"]],
    ],
)
def test_hint_rows_are_known_by_what_they_say(tmp_path: Path, hints: list[list[Value]]) -> None:
    sheet = read_workbook(write_grid(tmp_path / "events.xlsx", [HEADER, *hints, ROW]))
    assert len(sheet.hints) == len(hints)
    assert [row.number for row in sheet.rows] == [len(hints) + 2]


def test_empty_rows_are_passed_over_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    blank: list[Value] = ["", "   ", None]
    grid = [HEADER, blank, ROW, blank, ROW, *[blank] * 284]
    sheet = read_workbook(write_grid(tmp_path / "events.xlsx", grid))
    assert [row.number for row in sheet.rows] == [3, 5]


def test_the_sheet_is_found_by_name_and_others_are_ignored(tmp_path: Path) -> None:
    path = write_grid(tmp_path / "events.xlsx", [HEADER, ROW], title=" IMPORT ")
    assert len(read_workbook(path).rows) == 1


def test_reading_what_was_written_gives_the_same_values(tmp_path: Path) -> None:
    first = a_sheet(tmp_path, an_event())
    grid = [first.header.cells, *(row.cells for row in first.rows)]
    again = read_workbook(write_grid(tmp_path / "again.xlsx", grid))
    assert again == first
