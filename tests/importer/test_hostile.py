"""A file made to do harm, or one that is no workbook, is refused with one clear message."""

from __future__ import annotations

import contextlib
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.workbook.archive import MEGABYTE
from importer.workbook.problems import WorkbookError
from importer.workbook.sheet import MOST_COLUMNS
from importer.workbook.template import CURRENT
from tests.importer.rows import an_event
from tests.importer.workbooks import read_workbook, write_grid, write_rows

SHEET_PART = "xl/worksheets/sheet1.xml"
SHEET_START = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_END = "</sheetData></worksheet>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def with_part(path: Path, name: str, write: Callable[[zipfile.ZipFile], None]) -> Path:
    """A valid workbook in which one part is replaced by what is written instead."""
    whole = write_rows(path.with_suffix(".whole.xlsx"), [an_event()])
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for part in source.namelist():
            if part != name:
                made.writestr(part, source.read(part))
        write(made)
    return path


def with_sheet(path: Path, content: str) -> Path:
    return with_part(path, SHEET_PART, lambda made: made.writestr(SHEET_PART, content))


def header_row() -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{c.header}</t></is></c>' for c in CURRENT)
    return f'<row r="1">{cells}</row>'


def text_file(folder: Path) -> Path:
    path = folder / "events.xlsx"
    path.write_text("Course template code,Event title\n")
    return path


def missing_file(folder: Path) -> Path:
    return folder / "nothing.xlsx"


def a_folder(folder: Path) -> Path:
    return folder


def zip_of_something_else(folder: Path) -> Path:
    path = folder / "events.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "not a workbook")
    return path


def truncated(folder: Path) -> Path:
    path = write_rows(folder / "events.xlsx", [an_event()])
    path.write_bytes(path.read_bytes()[:-400])
    return path


def zip_bomb(folder: Path) -> Path:
    def write(made: zipfile.ZipFile) -> None:
        with made.open(SHEET_PART, "w") as part:
            for _ in range(80):
                part.write(b" " * MEGABYTE)

    return with_part(folder / "events.xlsx", SHEET_PART, write)


def external_entity(folder: Path) -> Path:
    doctype = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    row = '<row r="1"><c t="inlineStr"><is><t>&secret;</t></is></c></row>'
    return with_sheet(folder / "events.xlsx", doctype + SHEET_START + row + SHEET_END)


def exploding_entities(folder: Path) -> Path:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'
    return with_sheet(folder / "events.xlsx", f"{doctype}{SHEET_START}&e9;{SHEET_END}")


def entity_in_another_encoding(folder: Path) -> Path:
    content = f'<!DOCTYPE x [<!ENTITY e "x">]>{SHEET_START}&e;{SHEET_END}'.encode("utf-16")
    path = folder / "events.xlsx"
    return with_part(path, SHEET_PART, lambda made: made.writestr(SHEET_PART, content))


def million_blank_rows(folder: Path) -> Path:
    rows = "".join(f'<row r="{number}"/>' for number in range(2, 1_000_001))
    return with_sheet(folder / "events.xlsx", SHEET_START + header_row() + rows + SHEET_END)


def millions_of_cells(folder: Path) -> Path:
    row = '<row r="2">' + "<c/>" * 4_000_000 + "</row>"
    return with_sheet(folder / "events.xlsx", SHEET_START + header_row() + row + SHEET_END)


def millions_of_rows_in_a_namespace(folder: Path) -> Path:
    rows = '<x:sheet xmlns:x="x">' + "<x:row/>" * 4_000_000 + "</x:sheet>"
    return with_sheet(folder / "events.xlsx", rows)


def millions_of_texts(folder: Path) -> Path:
    name = "xl/sharedStrings.xml"
    texts = "<sst>" + "<si/>" * 4_000_000 + "</sst>"
    return with_part(folder / "events.xlsx", name, lambda made: made.writestr(name, texts))


def entity_in_a_part_of_another_case(folder: Path) -> Path:
    name = SHEET_PART.replace(".xml", ".XML")
    content = f'<!DOCTYPE x [<!ENTITY e "x">]>{SHEET_START}&e;{SHEET_END}'
    path = folder / "events.xlsx"
    return with_part(path, SHEET_PART, lambda made: made.writestr(name, content))


def last_row_of_all(folder: Path) -> Path:
    row = '<row r="1048576"><c t="n"><v>1</v></c></row>'
    return with_sheet(folder / "events.xlsx", SHEET_START + header_row() + row + SHEET_END)


def row_number_beyond_reason(folder: Path) -> Path:
    row = f'<row r="{10**18}"><c t="n"><v>1</v></c></row>'
    return with_sheet(folder / "events.xlsx", SHEET_START + header_row() + row + SHEET_END)


def ten_thousand_columns(folder: Path) -> Path:
    return write_grid(folder / "events.xlsx", [[f"column {n}" for n in range(10_000)]])


def dde_formula(folder: Path) -> Path:
    row = '<row r="2"><c r="B2"><f>cmd|\'/C calc\'!A0</f><v>0</v></c></row>'
    return with_sheet(folder / "events.xlsx", SHEET_START + header_row() + row + SHEET_END)


def dde_link(folder: Path) -> Path:
    link = '<externalLink xmlns="x"><ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>'
    name = "xl/externalLinks/externalLink1.xml"
    return with_part(folder / "events.xlsx", name, lambda made: made.writestr(name, link))


def password(folder: Path) -> Path:
    path = folder / "events.xlsx"
    path.write_bytes(OLE + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512)
    return path


def old_format(folder: Path) -> Path:
    path = folder / "events.xls"
    path.write_bytes(OLE + b"\0" * 1024)
    return path


def encrypted_zip(folder: Path) -> Path:
    path = write_rows(folder / "events.xlsx", [an_event()])
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    path.write_bytes(data)
    return path


def empty_sheet(folder: Path) -> Path:
    return write_grid(folder / "events.xlsx", [])


def header_in_the_eleventh_row(folder: Path) -> Path:
    return write_grid(folder / "events.xlsx", [*[[None]] * 10, [c.header for c in CURRENT]])


def no_header(folder: Path) -> Path:
    return write_grid(folder / "events.xlsx", [["CB1_LO_6", "ELO-CB1-01-26A", 14]])


def two_titles(folder: Path) -> Path:
    return write_grid(folder / "events.xlsx", [[*(c.header for c in CURRENT), "TITLE"]])


def another_sheet(folder: Path) -> Path:
    return write_grid(folder / "events.xlsx", [["Course template code"]], title="Events")


def unreadable_number(folder: Path) -> Path:
    row = '<row r="2"><c t="n"><v>twelve</v></c></row>'
    return with_sheet(folder / "events.xlsx", SHEET_START + header_row() + row + SHEET_END)


def unclosed_sheet(folder: Path) -> Path:
    return with_sheet(folder / "events.xlsx", SHEET_START + header_row())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (text_file, "no Excel workbook"),
        (missing_file, "cannot be read: No such file"),
        (a_folder, "cannot be read"),
        (zip_of_something_else, "cannot be read as a workbook"),
        (truncated, "no Excel workbook"),
        (zip_bomb, "unpacks to more than 64 MB"),
        (external_entity, "declares a document type"),
        (exploding_entities, "declares a document type"),
        (entity_in_another_encoding, "declares a document type"),
        (million_blank_rows, "has more than 50,000 rows"),
        (millions_of_cells, "more than 3,000,000 cells"),
        (millions_of_rows_in_a_namespace, "more than 3,000,000 cells"),
        (millions_of_texts, "more than 3,000,000 cells"),
        (entity_in_a_part_of_another_case, "declares a document type"),
        (last_row_of_all, "goes on below row 50,000"),
        (row_number_beyond_reason, "goes on below row 50,000"),
        (ten_thousand_columns, f"more than {MOST_COLUMNS} columns"),
        (dde_formula, "starts a program, in cell B2: \"cmd|'/C calc'!A0\""),
        (dde_link, "starts a program"),
        (password, "protected by a password"),
        (old_format, "old .xls workbook"),
        (encrypted_zip, "protected by a password"),
        (empty_sheet, "row 1 of sheet 'Import' is empty"),
        (header_in_the_eleventh_row, "row 1 of sheet 'Import' is empty"),
        (no_header, "lacks the headers Course template code, Event title"),
        (two_titles, "Import!B1 and AI1 are both 'Event title'"),
        (another_sheet, "has no sheet 'Import'; it has 'Events', 'Sheet'"),
        (unreadable_number, "cannot be read as a workbook"),
        (unclosed_sheet, "cannot be read as a workbook"),
    ],
)
def test_it_is_refused_in_one_message(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    path = make(tmp_path)
    with pytest.raises(WorkbookError) as refused:
        read_workbook(path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "make",
    [
        zip_bomb,
        million_blank_rows,
        row_number_beyond_reason,
        millions_of_cells,
        millions_of_rows_in_a_namespace,
        millions_of_texts,
    ],
)
def test_refusing_it_takes_little_memory(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(WorkbookError):
            read_workbook(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40 * MEGABYTE


def test_a_link_or_a_sum_is_no_program(tmp_path: Path) -> None:
    formulas = ('HYPERLINK("https://example.com","room")', "SUM(A1:A9)", 'A1&amp;"a | b"&amp;B1')
    cells = "".join(f'<c t="str"><f>{text}</f><v>stored</v></c>' for text in formulas)
    row = f'<row r="2">{cells}</row>'
    content = SHEET_START + header_row() + row + SHEET_END
    sheet = read_workbook(with_sheet(tmp_path / "events.xlsx", content))
    assert sheet.rows[0].cells == ("stored",) * 3


OTHER_PARTS = ("xl/workbook.xml", "xl/styles.xml")
PLACES = st.floats(0, 1, exclude_max=True)
DAMAGES = st.lists(st.tuples(PLACES, st.integers(0, 255)), min_size=1, max_size=5)


def damaged(content: bytes, damages: list[tuple[float, int]]) -> bytes:
    """The content with some bytes replaced, each place given as a part of the whole."""
    changed = bytearray(content)
    for place, byte in damages:
        changed[int(place * len(changed))] = byte
    return bytes(changed)


@settings(max_examples=60, deadline=None)
@given(damages=DAMAGES, part=st.sampled_from((None, SHEET_PART, *OTHER_PARTS)))
def test_no_damage_to_a_workbook_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, damages: list[tuple[float, int]], part: str | None
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "events.xlsx"
    if part is None:
        whole = write_rows(path, [an_event()])
        path.write_bytes(damaged(whole.read_bytes(), damages))
    else:
        with zipfile.ZipFile(write_rows(path, [an_event()])) as archive:
            content = damaged(archive.read(part), damages)
        with_part(path, part, lambda made: made.writestr(part, content))
    with contextlib.suppress(WorkbookError):
        read_workbook(path)


@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=2_000), head=st.sampled_from((b"", b"PK\x03\x04", OLE)))
def test_no_bytes_end_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, head: bytes
) -> None:
    path = tmp_path_factory.mktemp("random") / "events.xlsx"
    path.write_bytes(head + content)
    with pytest.raises(WorkbookError):
        read_workbook(path)
