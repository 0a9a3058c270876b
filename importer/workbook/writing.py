"""Writes cells of a workbook: dates and times formatted, text never interpreted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from openpyxl.cell import Cell
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from importer.workbook.cells import CellFault, Value

AnySheet = Worksheet | WriteOnlyWorksheet

DATE_FORMAT = "dd/mm/yyyy"
TIME_FORMAT = "hh:mm"
BOLD = Font(bold=True)
MARKED = PatternFill("solid", fgColor="FFC7CE")
"""The fill of a cell that has to be corrected."""

LONGEST = 32_767
"""Longest text a spreadsheet program takes in a cell."""

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def typed_cell(sheet: AnySheet, value: Value) -> Cell:
    """A cell with exactly this value: never a formula or an error because of a text's content.

    A text that a spreadsheet program would run if it were typed anew is also marked as quoted, so
    that it stays text when somebody edits it. Characters that no workbook may hold are dropped.
    """
    cell = Cell(sheet, row=1, column=1)
    if isinstance(value, CellFault):
        # Written as an error again, so that it is not mistaken for a blank before it is corrected.
        cell.value = value.text if value.text in ERROR_CODES else "#N/A"
        cell.data_type = "e"
        return cell
    if not isinstance(value, str):
        cell.value = value
        cell.number_format = _format(value) or cell.number_format
        return cell
    cell.value = plain_text(value)
    cell.data_type = "s"
    if value.lstrip().startswith(_STARTS_FORMULA):
        cell.quotePrefix = True
    return cell


def plain_text(text: str) -> str:
    """A text without the characters that no workbook may hold, as long as a cell's may be."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST]


def append_header(sheet: AnySheet, names: Iterable[Value]) -> None:
    cells = [typed_cell(sheet, name) for name in names]
    for cell in cells:
        cell.font = BOLD
    sheet.append(cells)


def offer(sheet: AnySheet, choices: str, cells: str, *, strict: bool = False) -> DataValidation:
    """A drop-down list of a formula's values in a range of cells; ``strict`` allows nothing
    else."""
    shown = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=strict)
    shown.add(cells)
    # Both kinds have them, of which the stubs know one.
    sheet.data_validations.append(shown)  # type: ignore[union-attr]
    return shown


def _format(value: Value) -> str | None:
    if isinstance(value, datetime):
        return DATE_FORMAT if value.time() == time() else f"{DATE_FORMAT} {TIME_FORMAT}:ss"
    if isinstance(value, date):
        return DATE_FORMAT
    if isinstance(value, time):
        return TIME_FORMAT if value.second == 0 else f"{TIME_FORMAT}:ss"
    return "[hh]:mm:ss" if isinstance(value, timedelta) else None
