"""The receipt is the error report, the record of ids and the next import in one."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from importer.output.receipt import RowOutcome, outcomes_of, write_receipt
from importer.validation.validate import validate
from importer.workbook.archive import read_file
from importer.workbook.beside import read_beside
from importer.workbook.cells import Value
from importer.workbook.sheet import Sheet, read_sheet
from importer.workbook.template import CURRENT, RECEIPT
from importer.workbook.writing import MARKED, offer
from ledger.files import NewFile
from tests.importer.references import a_reference
from tests.importer.rows import TypedRow, a_session, an_event
from tests.importer.verdicts import events_in
from tests.importer.workbooks import a_sheet, read_workbook, write_grid


def receipt_of(folder: Path, sheet: Sheet, **about: str) -> Path:
    path = folder / "receipt.xlsx"
    write_receipt(
        NewFile(path, replaces=True), sheet, outcomes_of(validate(sheet.rows, a_reference())), about
    )
    return path


def cell(path: Path, name: str) -> Value:
    value = load_workbook(path)["Import"][name].value
    assert value is None or isinstance(value, str | int | float)
    return value


def test_each_row_has_its_outcome_and_errors_in_its_own_place(tmp_path: Path) -> None:
    rows = [an_event(), a_session(), an_event(title="E-2", day="x"), an_event(cancelled="Y")]
    sheet = read_workbook(receipt_of(tmp_path, a_sheet(tmp_path, *rows)))
    told = {row.number: row.value("outcome") for row in sheet.rows}
    assert told == {2: "accepted", 3: "accepted", 4: "refused", 5: "cancelled"}
    assert "Import!U4 Day 'x': not a whole number" in str(sheet.rows[2].value("errors"))


def test_only_the_cells_with_errors_are_marked(tmp_path: Path) -> None:
    row = an_event(day="x", max_places="y")
    sheet = load_workbook(receipt_of(tmp_path, a_sheet(tmp_path, row)))["Import"]
    marked = [
        cell.coordinate for row in sheet for cell in row if cell.fill.fgColor.rgb == "00FFC7CE"
    ]
    assert MARKED.fgColor.rgb == "00FFC7CE"
    assert marked == ["P2", "U2"]


def test_ids_belong_to_their_rows_whatever_the_order_they_came_in(tmp_path: Path) -> None:
    sheet = a_sheet(tmp_path, an_event(), an_event(title="E-2"))
    outcomes = {
        3: RowOutcome("created", "22", "Q291cnNlOjI="),
        2: RowOutcome("created", "11", "Q291cnNlOjE="),
    }
    write_receipt(NewFile(tmp_path / "receipt.xlsx"), sheet, outcomes, {})
    receipt = read_workbook(tmp_path / "receipt.xlsx")
    ids = [(r.value("title"), r.value("tutorial_id")) for r in receipt.rows]
    assert ids == [("ELO-CB1-01-26A", "11"), ("E-2", "22")]


@pytest.mark.parametrize(
    "typed",
    ['=HYPERLINK("http://x")', "=cmd|'/C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "#REF!"],
)
def test_what_somebody_typed_never_becomes_a_formula(tmp_path: Path, typed: str) -> None:
    sheet = a_sheet(tmp_path, an_event(title=typed, extra=typed))
    path = receipt_of(tmp_path, sheet, file=typed)
    book = load_workbook(path)
    kinds = {cell.data_type for page in book for row in page for cell in row}
    assert "f" not in kinds
    assert "e" not in kinds
    assert book["Import"]["B2"].value == typed
    assert typed == "#REF!" or book["Import"]["B2"].quotePrefix


def test_hints_blank_rows_and_unknown_columns_stay_where_they_were(tmp_path: Path) -> None:
    header: list[Value] = [None, *(column.header for column in CURRENT), "Notes"]
    row: list[Value] = [None, *(an_event().get(column.key) for column in CURRENT), "a note"]
    grid: list[list[Value]] = [header, [None, "e.g. CB1_LO_6"], [], row]
    path = receipt_of(tmp_path, read_workbook(write_grid(tmp_path / "events.xlsx", grid)))
    again = read_workbook(path)
    assert [hint.number for hint in again.hints] == [2]
    assert again.rows[0].cells[: len(row)] == read_workbook(tmp_path / "events.xlsx").rows[0].cells
    assert list(again.columns.extras.values()) == ["Notes"]


def test_a_receipt_of_a_receipt_has_no_further_columns(tmp_path: Path) -> None:
    first = receipt_of(tmp_path, a_sheet(tmp_path, an_event(day="x")))
    second = receipt_of(tmp_path, read_workbook(first))
    header = read_workbook(second).header.cells
    assert header[-len(RECEIPT) :] == tuple(column.header for column in RECEIPT)
    assert len(header) == len(CURRENT) + len(RECEIPT)


def corrected(path: Path, name: str, value: str | int | None) -> Sheet:
    """The receipt after somebody corrected one cell of it."""
    book = load_workbook(path)
    book["Import"][name] = value
    book.save(path)
    return read_workbook(path)


def test_a_corrected_receipt_is_imported_as_it_is(tmp_path: Path) -> None:
    path = receipt_of(tmp_path, a_sheet(tmp_path, an_event(day="x"), a_session()))
    (event,) = events_in(validate(corrected(path, "U2", 1).rows, a_reference()))
    assert [session.day for session in event.sessions] == [1, 2]


def sorted_receipt(folder: Path, *rows: TypedRow) -> list[list[Value]]:
    """A receipt's cells, its rows turned upside down: sessions stand above their events."""
    sheet = read_workbook(receipt_of(folder, a_sheet(folder, *rows)))
    return [list(sheet.header.cells), *(list(row.cells) for row in reversed(sheet.rows))]


def test_sessions_find_their_event_however_the_receipt_was_sorted(tmp_path: Path) -> None:
    second = [an_event(title="E-2", session_title="E-2-1"), a_session(session_title="E-2-5", day=5)]
    rows = [an_event(), a_session(), *second]
    grid = sorted_receipt(tmp_path, *rows)
    sheet = read_workbook(write_grid(tmp_path / "sorted.xlsx", grid))
    events = events_in(validate(sheet.rows, a_reference()))
    assert [(e.title, [s.day for s in e.sessions]) for e in events] == [
        ("E-2", [1, 5]),
        ("ELO-CB1-01-26A", [1, 2]),
    ]


def test_an_event_copied_with_its_key_is_refused_until_the_key_is_cleared(tmp_path: Path) -> None:
    path = receipt_of(tmp_path, a_sheet(tmp_path, an_event()))
    sheet = read_workbook(path)
    copy = list(sheet.rows[0].cells)
    copy[sheet.columns.index["title"]] = "E-2"
    grid = [list(sheet.header.cells), list(sheet.rows[0].cells), copy]
    copied = read_workbook(write_grid(tmp_path / "copied.xlsx", grid))
    outcomes = outcomes_of(validate(copied.rows, a_reference()))
    assert {row: outcome.outcome for row, outcome in outcomes.items()} == {
        2: "refused",
        3: "refused",
    }
    copy[sheet.columns.index["event_key"]] = None
    cleared = read_workbook(write_grid(tmp_path / "cleared.xlsx", grid))
    outcomes = outcomes_of(validate(cleared.rows, a_reference()))
    assert {outcome.outcome for outcome in outcomes.values()} == {"accepted"}


def test_what_the_receipt_is_of_stands_on_its_second_sheet(tmp_path: Path) -> None:
    path = receipt_of(tmp_path, a_sheet(tmp_path, an_event()), file="events.xlsx", link="ab12")
    about = load_workbook(path)["Receipt"]
    assert list(about.values) == [("file", "events.xlsx"), ("link", "ab12")]


def test_an_error_is_a_comment_on_its_cell_and_a_line_with_a_link(tmp_path: Path) -> None:
    rows = [an_event(), an_event(title="E-2", day="x", max_places="y")]
    book = load_workbook(receipt_of(tmp_path, a_sheet(tmp_path, *rows)))
    cells = [cell for row in book["Import"] for cell in row]
    comments = {one.coordinate: found.text for one in cells if (found := one.comment)}
    assert comments.keys() == {"P3", "U3"}
    assert comments["U3"].startswith("Import!U3 Day 'x': not a whole number")
    problems = book["Problems"]
    lines = [tuple(row) for row in problems.values]
    assert lines[0] == ("Cell", "Row", "Column", "Value", "Problem")
    assert [line[:4] for line in lines[1:]] == [
        ("P3", 3, "Max places", "y"),
        ("U3", 3, "Day", "x"),
    ]
    links = [row[0].hyperlink for row in problems.iter_rows(2)]
    assert [(one.ref, one.location) for one in links if one] == [
        *(("A2", "'Import'!P3"), ("A3", "'Import'!U3"))
    ]


def test_without_an_error_there_is_no_sheet_of_them(tmp_path: Path) -> None:
    book = load_workbook(receipt_of(tmp_path, a_sheet(tmp_path, an_event())))
    assert book.sheetnames == ["Import", "Receipt"]


def test_titles_stay_in_sight_and_rows_can_be_filtered(tmp_path: Path) -> None:
    sheet = load_workbook(receipt_of(tmp_path, a_sheet(tmp_path, an_event())))["Import"]
    assert sheet.freeze_panes == "C2"
    last = get_column_letter(len(CURRENT) + len(RECEIPT))
    assert sheet.auto_filter.ref == f"A1:{last}2"


def test_drop_downs_and_other_sheets_stay(tmp_path: Path) -> None:
    path = write_grid(tmp_path / "events.xlsx", [[column.header for column in CURRENT], []])
    book = load_workbook(path)
    for choices, cells in (
        ("=Names!$A$1:$A$2", "E2:E9"),
        ('"Y,N"', "Y2:Y9"),
        ("=INDIRECT(A1)", "F2:F9"),
    ):
        offer(book["Import"], choices, cells)
    names = book.create_sheet("Names")
    names.sheet_state = "hidden"
    for value in ("London", '=HYPERLINK("http://x")'):
        names.append([value])
    names["A2"].data_type = "s"
    book.save(path)
    file = read_file(path)
    sheet = read_sheet(file)
    receipt = NewFile(tmp_path / "receipt.xlsx")
    write_receipt(receipt, sheet, {}, {}, read_beside(file, sheet.title))
    kept = load_workbook(receipt.path)
    lists = kept["Import"].data_validations.dataValidation
    assert [(one.formula1, str(one.sqref)) for one in lists] == [
        ("Names!$A$1:$A$2", "E2:E9"),
        ('"Y,N"', "Y2:Y9"),
    ]
    assert (kept["Names"].sheet_state, kept["Names"]["A1"].value) == ("hidden", "London")
    assert kept["Names"]["A2"].data_type == "s"
    assert "Names" in [one.title for one in read_beside(read_file(receipt.path), "Import").sheets]
