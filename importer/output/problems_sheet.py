"""A receipt's errors: each as a comment on its cell, and all of them on a sheet with links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.worksheet.hyperlink import Hyperlink

from importer.workbook.problems import CellError
from importer.workbook.template import PROBLEMS
from importer.workbook.writing import append_header, plain_text, typed_cell

_HEADERS = ("Cell", "Row", "Column", "Value", "Problem")
_WIDTHS = (14, 8, 26, 30, 100)
_LINK = Font(underline="single", color="0563C1")
_LONGEST_COMMENT = 1_000
_WIDTH, _HEIGHT = 320, 140  # of a comment, in points


class WithErrors(Protocol):
    """A row's outcome, as far as its errors."""

    @property
    def errors(self) -> Sequence[CellError]: ...


def column_of(cell: str) -> int:
    """The index of a cell's column; A is 0."""
    return column_index_from_string(coordinate_from_string(cell)[0]) - 1


def comment_on(column: int, errors: Iterable[CellError]) -> Comment:
    """What is wrong with the cell of that column, as a comment."""
    told = "\n".join(str(error) for error in errors if column_of(error.cell) == column)
    return Comment(plain_text(told)[:_LONGEST_COMMENT], "admsync", _HEIGHT, _WIDTH)


def write_problems(book: Workbook, title: str, outcomes: Mapping[int, WithErrors]) -> None:
    """Adds a sheet with every error, row by row, each with a link to its cell; none where there is
    no error."""
    rows = [(row, error) for row in sorted(outcomes) for error in outcomes[row].errors]
    if not rows:
        return
    sheet = book.create_sheet(PROBLEMS)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:E{len(rows) + 1}"
    for letter, width in zip("ABCDE", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    append_header(sheet, _HEADERS)
    quoted = title.replace("'", "''")
    for number, (row, error) in enumerate(rows, 2):
        link = typed_cell(sheet, error.cell)
        link.hyperlink = Hyperlink(ref="A1", location=f"'{quoted}'!{error.cell}")
        link.hyperlink.ref = f"A{number}"
        link.font = _LINK
        said = str(error)
        values = (row, error.column, error.value, said.partition(": ")[2] or said)
        sheet.append([link, *(typed_cell(sheet, value) for value in values)])
