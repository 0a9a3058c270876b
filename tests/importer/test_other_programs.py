"""Workbooks that other programs wrote, or that are laid out otherwise, are read all the same."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import MAC_EPOCH

from importer.output.receipt import outcomes_of, write_receipt
from importer.validation.notes import sheet_notes
from importer.validation.planned_event import PlannedEvent
from importer.validation.validate import validate
from importer.validation.verdicts import Accepted, Refused
from importer.workbook.cells import FAILED, UNCALCULATED, CellFault, Value
from importer.workbook.column import CellKind, Column
from importer.workbook.hints import hint_rows
from importer.workbook.problems import WorkbookError
from importer.workbook.sheet import Sheet
from importer.workbook.template import COLUMNS, CURRENT
from ledger.files import NewFile
from tests.importer.open_xml import SHEET_PART, replaced, rewritten, strict, with_cell
from tests.importer.references import CUSTOM_FIELDS, a_reference
from tests.importer.rows import a_session, an_event
from tests.importer.verdicts import accepted, errors
from tests.importer.workbooks import read_workbook, write_grid, write_rows

HEADER: list[Value] = [column.header for column in CURRENT]
ROW: list[Value] = [an_event().get(column.key) for column in CURRENT]
SESSION: list[Value] = [a_session().get(column.key) for column in CURRENT]


def valid(path: Path) -> PlannedEvent:
    (verdict,) = validate(read_workbook(path).rows, a_reference())
    assert isinstance(verdict, Accepted), verdict
    return verdict.event


def a_workbook(folder: Path) -> Path:
    return write_rows(folder / "events.xlsx", [an_event(), a_session()])


def test_a_strict_file_is_read(tmp_path: Path) -> None:
    assert len(valid(strict(a_workbook(tmp_path))).sessions) == 2


@pytest.mark.parametrize(
    ("cell", "key", "text", "value"),
    [
        ("H2", "classroom_start_date", "2026-01-14", date(2026, 1, 14)),
        ("I2", "classroom_start_time", "09:00:00", time(9)),
        ("I2", "classroom_start_time", "1899-12-30T09:30:00.000", time(9, 30)),
    ],
)
def test_dates_of_a_strict_file_are_text(
    tmp_path: Path, cell: str, key: str, text: str, value: Value
) -> None:
    path = with_cell(strict(a_workbook(tmp_path)), cell, f'<c r="{cell}" t="d"><v>{text}</v></c>')
    sheet = read_workbook(path)
    assert sheet.rows[0].value(key) == value


@pytest.mark.parametrize(
    "spoilt",
    [
        (
            "xl/styles.xml",
            b"<fonts",
            b'<fonts><font><color rgb="puce"/></font></fonts><fonts',
        ),
        ("xl/styles.xml", b"<fills", b'<fills><fill><nonsense x="1"/></fill></fills><fills'),
        ("docProps/core.xml", b"</dcterms:created>", b" or yesterday</dcterms:created>"),
        ("xl/workbook.xml", b"<calcPr", b'<calcPr calcMode="sometimes"/><calcPr'),
    ],
)
def test_what_an_import_does_not_need_may_be_wrong(
    tmp_path: Path, spoilt: tuple[str, bytes, bytes]
) -> None:
    assert valid(replaced(a_workbook(tmp_path), *spoilt))


def test_the_theme_and_the_properties_may_be_missing(tmp_path: Path) -> None:
    def change(name: str, content: bytes) -> bytes | None:
        return None if "docProps" in name or "theme" in name else content

    assert valid(rewritten(a_workbook(tmp_path), change))


@pytest.mark.parametrize("cell", ["A1048576", "XFD1048576", "ZZ50001"])
def test_a_formatted_cell_far_below_is_no_row(tmp_path: Path, cell: str) -> None:
    path = a_workbook(tmp_path)
    book = load_workbook(path)
    book["Import"][cell].font = Font(bold=True)
    book.save(path)
    assert valid(path)


def test_dates_counted_from_1904_are_the_same_dates(tmp_path: Path) -> None:
    book = Workbook()
    book.epoch = MAC_EPOCH
    sheet = book.active
    assert sheet is not None
    sheet.title = "Import"
    for values in (HEADER, ROW):
        sheet.append(values)
    book.save(tmp_path / "events.xlsx")
    assert valid(tmp_path / "events.xlsx").lms.start.date() == date(2025, 10, 22)


@pytest.mark.parametrize("title", ["Events", "2026A", "Sheet1", "Ünits & more"])
def test_the_only_sheet_may_have_any_name_and_is_named_in_errors(
    tmp_path: Path, title: str
) -> None:
    book = Workbook()
    book.active.title = title  # type: ignore[union-attr]  # a new book has one
    for values in (HEADER, [*ROW[:15], "many", *ROW[16:]]):
        book.active.append(values)  # type: ignore[union-attr]  # the same
    book.save(tmp_path / "events.xlsx")
    sheet = read_workbook(tmp_path / "events.xlsx")
    (refused,) = validate(sheet.rows, a_reference())
    assert isinstance(refused, Refused)
    assert f"{title}!P2 Max places 'many'" in str(refused.errors[0])
    write_receipt(NewFile(tmp_path / "receipt.xlsx"), sheet, outcomes_of([refused]), {})
    assert read_workbook(tmp_path / "receipt.xlsx").title == title


def test_the_only_sheet_shown_may_have_any_name(tmp_path: Path) -> None:
    path = write_grid(tmp_path / "events.xlsx", [HEADER, ROW], title="Events")
    book = load_workbook(path)
    book["Sheet"].sheet_state = "hidden"
    book.save(path)
    assert read_workbook(path).title == "Events"


@pytest.mark.parametrize("second", ["Import ", "IMPORT", " import"])
def test_two_sheets_of_one_name_are_an_error(tmp_path: Path, second: str) -> None:
    path = write_grid(tmp_path / "events.xlsx", [HEADER, ROW])
    replaced(path, "xl/workbook.xml", b'name="Sheet"', f'name="{second}"'.encode())
    with pytest.raises(WorkbookError, match="two sheets of the name 'Import'"):
        read_workbook(path)


@pytest.mark.parametrize("above", [1, 4, 9])
def test_a_header_is_found_under_a_banner_and_the_receipt_keeps_it(
    tmp_path: Path, above: int
) -> None:
    banner: list[list[Value]] = [["Sitting 2026A", None, "DRAFT"], *[[]] * (above - 1)]
    wrong = [*ROW[:20], "x", *ROW[21:]]
    hints: list[Value] = ["e.g. CB1_LO_6", "Free text"]
    grid = [*banner, HEADER, hints, wrong, SESSION]
    sheet = read_workbook(write_grid(tmp_path / "events.xlsx", grid))
    assert [hint.number for hint in sheet.hints] == [above + 2]
    verdicts = list(validate(sheet.rows, a_reference()))
    assert isinstance(verdicts[0], Refused)
    assert f"Import!U{above + 3} Day 'x'" in str(verdicts[0].errors[0])
    write_receipt(NewFile(tmp_path / "receipt.xlsx"), sheet, outcomes_of(verdicts), {})
    book = load_workbook(tmp_path / "receipt.xlsx")
    assert book["Import"]["A1"].value == "Sitting 2026A"
    book["Import"][f"U{above + 3}"] = 1
    book.save(tmp_path / "corrected.xlsx")
    assert len(valid(tmp_path / "corrected.xlsx").sessions) == 2


NUMBERS: list[Value] = list(range(len(CURRENT)))
PROSE: list[Value] = [
    "Will be filled from the course template; leave it alone.",
    None,
    "As you like",
]
FORMS: list[Value] = ["free text", None, None, None, None, None, None, "DD/MM/YYYY"]
EXAMPLES: list[Value] = ["e.g. CB1_LO_6", None, None, None, "e.g. London"]


@pytest.mark.parametrize(
    "hints",
    [
        [NUMBERS],
        [[str(number) for number in range(34)], PROSE],
        [PROSE, EXAMPLES, FORMS],
        [PROSE, PROSE, PROSE, NUMBERS],
        [EXAMPLES, ["Course team", "Course team", "Ops", 3]],
    ],
)
def test_what_stands_above_the_first_data_is_a_hint(
    tmp_path: Path, hints: list[list[Value]]
) -> None:
    sheet = read_workbook(write_grid(tmp_path / "events.xlsx", [HEADER, *hints, ROW, SESSION]))
    assert [row.number for row in sheet.hints] == list(range(2, len(hints) + 2))
    assert len(sheet.rows) == 2


def test_column_numbers_in_the_formats_of_their_columns_are_no_dates(tmp_path: Path) -> None:
    path = write_grid(tmp_path / "events.xlsx", [HEADER, NUMBERS, ROW])
    book = load_workbook(path)
    for column, cell in zip(CURRENT, book["Import"][2], strict=False):
        if column.kind in (CellKind.DATE, CellKind.TIME):
            cell.number_format = "dd/mm/yyyy" if column.kind is CellKind.DATE else "hh:mm"
    book.save(path)
    assert [row.number for row in read_workbook(path).hints] == [2]


def test_a_row_with_a_known_code_is_no_hint_whatever_it_lacks(tmp_path: Path) -> None:
    bare: list[Value] = ["CB1_LO_6", "A"]
    sheet = read_workbook(write_grid(tmp_path / "events.xlsx", [HEADER, PROSE, bare, ROW]))
    assert [row.number for row in sheet.hints] == [2, 3]
    assert [row.number for row in sheet.knowing(["cb1_lo_6"]).hints] == [2]


def test_at_most_four_rows_are_hints_by_their_place(tmp_path: Path) -> None:
    sheet = read_workbook(write_grid(tmp_path / "events.xlsx", [HEADER, *[PROSE] * 5, ROW]))
    assert [row.number for row in sheet.hints] == [2, 3, 4, 5]


@pytest.mark.parametrize("key", ["code", "classroom_start_date", "lms_end_time"])
@pytest.mark.parametrize("problem", [UNCALCULATED, FAILED])
def test_a_row_whose_code_or_dates_have_no_value_is_no_hint(key: str, problem: str) -> None:
    columns = {column.key: place for place, column in enumerate(CURRENT)}
    without = [None if column.kind in (CellKind.DATE, CellKind.TIME) else "x" for column in CURRENT]
    row: list[Value] = [*without]
    row[columns[key]] = CellFault("=A1", problem)
    assert list(hint_rows([PROSE, row, ROW], columns, ())) == [True, False, False]


@pytest.mark.parametrize("column", [c for c in CURRENT if c.key != "code"], ids=lambda c: c.key)
@pytest.mark.parametrize(
    ("xml", "told"),
    [
        (
            "<f>IF(1=1,&quot;Y&quot;)</f><v></v>",
            "a formula that was never calculated",
        ),
        ("<f>A1</f>", "a formula that was never calculated"),
        ("#SPILL!", "the formula in this cell failed"),
        ("#CALC!", "the formula in this cell failed"),
        ("#N/A", "the formula in this cell failed"),
    ],
)
def test_a_cell_without_a_value_is_an_error_in_every_column(
    tmp_path: Path, column: Column, xml: str, told: str
) -> None:
    index = CURRENT.index(column)
    path = a_workbook(tmp_path)
    book = load_workbook(path)
    cell = book["Import"].cell(2, index + 1)
    cell.value = "here"
    book.save(path)
    name = cell.coordinate
    kind = ' t="e"' if xml.startswith("#") else ""
    inner = f"<v>{xml}</v>" if kind else xml
    with_cell(path, name, f'<c r="{name}"{kind}>{inner}</c>')
    (refused,) = validate(read_workbook(path).rows, a_reference())
    assert isinstance(refused, Refused)
    told_here = [str(e) for e in refused.errors if f"!{name} " in str(e)]
    assert len(told_here) == 1
    assert told in told_here[0]


def test_a_stored_empty_text_is_a_blank(tmp_path: Path) -> None:
    path = replaced(a_workbook(tmp_path), SHEET_PART, b"</sheetData>", b"</sheetData>")
    book = load_workbook(path)
    book["Import"]["AF2"] = "N"
    book.save(path)
    with_cell(path, "AF2", '<c r="AF2" t="str"><f>IF(1=1,"","Y")</f><v></v></c>')
    assert valid(path)


def test_a_cell_without_a_value_is_none_in_the_receipt_either(tmp_path: Path) -> None:
    path = a_workbook(tmp_path)
    book = load_workbook(path)
    book["Import"]["Y2"] = '="Y"'
    book.save(path)
    sheet = read_workbook(path)
    verdicts = list(validate(sheet.rows, a_reference()))
    write_receipt(NewFile(tmp_path / "receipt.xlsx"), sheet, outcomes_of(verdicts), {})
    again = read_workbook(tmp_path / "receipt.xlsx")
    assert isinstance(again.rows[0].value("web_sale"), CellFault)
    kinds = {
        cell.data_type for row in load_workbook(tmp_path / "receipt.xlsx")["Import"] for cell in row
    }
    assert "f" not in kinds


def linked(path: Path, cell: str, text: str, link: str) -> Path:
    book = load_workbook(path)
    book["Import"][cell] = text
    book["Import"][cell].hyperlink = link
    book["Import"][cell].value = text
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Join here", "https://example.com/room"),
        ("Room 4", "https://example.com/a#b"),
        ("https://example.com/old", "https://example.com/new"),
    ],
)
def test_a_cell_with_a_link_behind_it_gives_the_link(tmp_path: Path, text: str, link: str) -> None:
    path = linked(linked(a_workbook(tmp_path), "V2", text, link), "W3", text, link)
    event = valid(path)
    assert (event.url, event.sessions[1].url) == (link, link)
    told = [str(note) for note in sheet_notes(read_workbook(path), CUSTOM_FIELDS)]
    assert len(told) == (2 if text.startswith("https") else 0)


def test_a_link_made_by_a_formula_counts_too(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "events.xlsx", [an_event(event_url="x")])
    formula = "HYPERLINK(&quot;https://example.com/f&quot;,&quot;Join&quot;)"
    with_cell(path, "V2", f'<c r="V2" t="str"><f>{formula}</f><v>Join</v></c>')
    assert valid(path).url == "https://example.com/f"


@pytest.mark.parametrize(
    ("header", "near"),
    [("Sesion instructors", "Session instructor"), ("Regestration deadline", None), ("Qqqq", None)],
)
def test_an_unknown_header_is_told_with_the_nearest(
    tmp_path: Path, header: str, near: str | None
) -> None:
    sheet = read_workbook(write_grid(tmp_path / "events.xlsx", [[*HEADER, header], [*ROW, "x"]]))
    (note,) = sheet_notes(sheet, CUSTOM_FIELDS)
    assert str(note).startswith(f"Import!AI1 header {header!r}: no column of the template")
    assert near is None or f"nearest {near!r}" in str(note)


@pytest.mark.parametrize(("known", "told"), [(5, ["Day", "URL"]), (6, ["URL"]), (7, [])])
def test_columns_that_sessions_have_no_custom_field_for_are_told(
    tmp_path: Path, known: int, told: list[str]
) -> None:
    sheet = read_workbook(a_workbook(tmp_path))
    notes = [str(note) for note in sheet_notes(sheet, CUSTOM_FIELDS[:known])]
    assert len(notes) == len(told)
    assert all(
        f"no custom field {label!r} of sessions" in note
        for label, note in zip(told, notes, strict=True)
    )


def test_a_header_on_two_lines_is_known(tmp_path: Path) -> None:
    header = [str(name).replace(" ", "\n") for name in HEADER]
    assert valid(write_grid(tmp_path / "events.xlsx", [header, ROW]))


def test_a_missing_header_is_told_with_the_one_that_may_be_meant_for_it(tmp_path: Path) -> None:
    header = ["Instuctor" if name == "Instructor" else name for name in HEADER]
    with pytest.raises(WorkbookError, match=r"Import!R1 'Instuctor' may be meant for 'Instructor'"):
        read_workbook(write_grid(tmp_path / "events.xlsx", [header, ROW]))


def test_hidden_rows_are_imported_and_told(tmp_path: Path) -> None:
    path = a_workbook(tmp_path)
    book = load_workbook(path)
    book["Import"].row_dimensions[3].hidden = True
    book.save(path)
    sheet: Sheet = read_workbook(path)
    assert len(sheet.rows) == 2
    assert [str(note) for note in sheet_notes(sheet, CUSTOM_FIELDS)] == [
        "Import!A3 row '3': hidden, and imported"
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"Course template code;Event title\nCB1;x\n", "a text file, such as .csv"),
        ("Titel;Ort\nMünchen;x\n".encode("utf-16"), "a text file, such as .csv"),
        (b"<html><table><tr><td>Code</td></tr></table></html>", "a web page"),
        (b"<?xml version='1.0'?><Workbook/>", "an XML file"),
        (b"", "it is empty"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "events.xlsx"
    path.write_bytes(content)
    with pytest.raises(WorkbookError, match=what) as refused:
        read_workbook(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("content.xml", r"OpenDocument file \(.ods\)"),
        ("xl/workbook.bin", r"binary Excel workbook \(.xlsb\)"),
        ("word/document.xml", r"Word document \(.docx\)"),
    ],
)
def test_a_zip_of_another_kind_is_named(tmp_path: Path, part: str, what: str) -> None:
    path = tmp_path / "events.xlsx"
    with ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(WorkbookError, match=what):
        read_workbook(path)


def test_merged_cells_and_spaces_of_every_kind_are_taken_as_meant(tmp_path: Path) -> None:
    row = an_event(
        location="London\u00a0", venue="BPP\u00a0 Waterloo", title=" ELO-CB1-01-26A\u00a0"
    )
    path = write_rows(tmp_path / "events.xlsx", [row, a_session()], columns=COLUMNS)
    book = load_workbook(path)
    book["Import"].merge_cells("E2:E3")
    book.save(path)
    event = valid(path)
    assert (event.title, event.venue) == ("ELO-CB1-01-26A", a_reference().venues[0].keys)


def test_numbers_kept_as_text_and_a_percentage_are_told_apart(tmp_path: Path) -> None:
    assert accepted(tmp_path, an_event(max_places="14")).max_places == 14
    assert "not a whole number" in errors(tmp_path, an_event(max_places="14%"))[0]
    assert "not a whole number" in errors(tmp_path, an_event(max_places=10**30))[0]
