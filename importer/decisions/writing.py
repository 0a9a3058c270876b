"""Writes a workbook of open discrepancies: drop-down lists, evidence, and a key for each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from importer.decisions.layout import (
    ABOUT,
    CHOICES,
    HOW_TO,
    KEY,
    PRODUCT_COLUMNS,
    PRODUCTS,
    RECORD_COLUMNS,
    RECORDS,
    WIDTHS,
)
from importer.decisions.open_rows import ACCEPT, IGNORE, REJECT, OpenPair, OpenProduct
from importer.workbook.cells import Value
from importer.workbook.writing import append_header, offer, typed_cell
from ledger.files import NewFile

_SIDES = {"tutorial": "the tutorial tables", "administrate": "Administrate"}


def write_open(file: NewFile, pairs: Sequence[OpenPair], products: Sequence[OpenProduct]) -> None:
    """Writes the open discrepancies; raises ``NotWritten`` where the file cannot be written."""
    book = Workbook()
    records = book.create_sheet(RECORDS, 0)
    del book[book.sheetnames[1]]
    _write(records, RECORD_COLUMNS, (_pair_values(pair) for pair in pairs))
    if pairs:
        verdicts = f'"{ACCEPT},{REJECT},{IGNORE}"'
        offered = offer(records, verdicts, f"A2:A{len(pairs) + 1}", strict=True)
        offered.errorTitle, offered.error = "Decision", "accept, reject or ignore"
    wanted = book.create_sheet(PRODUCTS)
    _write(wanted, PRODUCT_COLUMNS, (_product_values(one) for one in products))
    about = book.create_sheet(ABOUT)
    for line in HOW_TO:
        about.append([typed_cell(about, text) for text in line])
    about.column_dimensions["A"].width = 90
    _write_choices(book, products)
    # By the row's key, not its number: sorting moves cells without their drop-down lists.
    key = f"${get_column_letter(PRODUCT_COLUMNS.index(KEY) + 1)}2"
    found = f"MATCH({key},{CHOICES}!$A:$A,0)"
    choices = f"=OFFSET({CHOICES}!$C$1,{found}-1,0,1,INDEX({CHOICES}!$B:$B,{found}))"
    if products:
        offer(wanted, choices, f"A2:A{len(products) + 1}")
    with file.opened() as into:
        book.save(into)


def _write(sheet: Worksheet, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    sheet.freeze_panes = "C2"
    append_header(sheet, columns)
    last = 1
    for last, row in enumerate(rows, start=2):
        sheet.append([typed_cell(sheet, value) for value in row])
        for index, cell in enumerate(sheet[last], start=1):
            cell.alignment = Alignment(wrap_text=index < len(columns), vertical="top")
    for index, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = WIDTHS.get(column, 18)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"


def _write_choices(book: Workbook, products: Sequence[OpenProduct]) -> None:
    """Lists each question's products, by the key of its row, on a hidden sheet."""
    sheet = book.create_sheet(CHOICES)
    sheet.sheet_state = "hidden"
    for one in products:
        codes = [product.code for product in one.candidates]
        values: list[Value] = [one.key, len(codes), *codes]
        sheet.append([typed_cell(sheet, value) for value in values])


def _pair_values(pair: OpenPair) -> Sequence[Value]:
    return (
        None,
        None,
        pair.entity.one,
        pair.label,
        _SIDES.get(pair.side, pair.side),
        f"{pair.outcome}: {pair.reason}",
        pair.other_label or None,
        None if pair.score is None else round(pair.score, 2),
        pair.evidence or None,
        pair.key,
    )


def _product_values(one: OpenProduct) -> Sequence[Value]:
    listed = "\n".join(f"{product.code}: {product.title}" for product in one.candidates)
    return (
        None,
        None,
        one.query.course_code,
        one.query.location,
        one.query.sitting,
        one.events or None,
        one.wanted.reason,
        listed,
        one.key,
    )
