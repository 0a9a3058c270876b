"""Reads typed decisions from a workbook, row by row, in any order of columns."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from attrs import evolve, frozen
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from importer.decisions.layout import DECISION, KEY, REASON
from importer.workbook.archive import MOST_ROWS, WorkbookFile, check_archive
from importer.workbook.cells import shown
from importer.workbook.problems import CellError, WorkbookError
from importer.workbook.template import normal

_COLUMNS = (DECISION, REASON, KEY)
_HEADER_WITHIN = 10
_MOST_COLUMNS = 256


@frozen
class TypedDecision:
    """A row with a decision; a blank cell is an empty text."""

    sheet: str
    row: int
    columns: tuple[int, int, int]
    decision: str
    reason: str
    key: str
    errors: tuple[CellError, ...] = ()

    @property
    def cell(self) -> str:
        """The address of the decision's cell: ``Records!A5``."""
        return f"{self.sheet}!{self._address(DECISION)}"

    def error(
        self, column: str, problem: str, expected: str = "", nearest: str | None = None
    ) -> CellError:
        """An error of one of its cells."""
        values = dict(zip(_COLUMNS, (self.decision, self.reason, self.key), strict=True))
        return CellError(
            self.sheet, self._address(column), column, values[column], problem, expected, nearest
        )

    def _address(self, column: str) -> str:
        index = self.columns[_COLUMNS.index(column)]
        return f"{get_column_letter(index + 1)}{self.row}"


@frozen
class TypedDecisions:
    """The rows with a decision, and the number of rows without."""

    rows: tuple[TypedDecision, ...]
    left: int


def read_decisions(file: WorkbookFile) -> TypedDecisions:
    """Every sheet that has the three columns; raises ``WorkbookError`` where none has."""
    check_archive(file)
    rows: list[TypedDecision] = []
    left = 0
    found = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(BytesIO(file.content), read_only=True, keep_links=False)
            try:
                for sheet in book.worksheets:
                    cells = sheet.iter_rows(max_row=MOST_ROWS, max_col=_MOST_COLUMNS)
                    columns: tuple[int, int, int] | None = None
                    for number, row in enumerate(cells, start=1):
                        if columns is None:
                            columns = _columns(row)
                            if columns is None and number >= _HEADER_WITHIN:
                                break
                            found = found or columns is not None
                            continue
                        typed = _typed(sheet.title, number, row, columns)
                        if typed.decision or typed.errors:
                            rows.append(typed)
                        elif typed.key:
                            left += 1
            finally:
                book.close()
    except Exception as error:  # openpyxl raises whatever a broken part trips over
        raise WorkbookError(
            f"{file.name} cannot be read as a workbook ({type(error).__name__}:"
            f" {str(error)[:200]}). Open it in a spreadsheet program and save it as .xlsx."
        ) from error
    if not found:
        raise WorkbookError(
            f"{file.name}: no sheet of it has the columns {', '.join(_COLUMNS)}."
            " `admsync discrepancies export OUT.xlsx` writes one to decide in."
        )
    return TypedDecisions(tuple(rows), left)


def _columns(row: Sequence[Any]) -> tuple[int, int, int] | None:
    """The indexes of the three columns, if the row is their header."""
    named = {normal(shown(cell.value)): index for index, cell in reversed(list(enumerate(row)))}
    decision, reason, key = (named.get(normal(name)) for name in _COLUMNS)
    if decision is None or reason is None or key is None:
        return None
    return decision, reason, key


def _typed(
    sheet: str, number: int, row: Sequence[Any], columns: tuple[int, int, int]
) -> TypedDecision:
    decision, reason, key = (
        shown(row[index].value) if index < len(row) else "" for index in columns
    )
    plain = TypedDecision(sheet, number, columns, decision, reason, key)
    return evolve(plain, errors=tuple(_formulas(plain, row, columns)))


def _formulas(
    plain: TypedDecision, row: Sequence[Any], columns: tuple[int, int, int]
) -> Iterator[CellError]:
    """The cells with a formula or an error, which have no value to record."""
    for name, index in zip(_COLUMNS, columns, strict=True):
        kind = getattr(row[index], "data_type", "n") if index < len(row) else "n"
        if kind in ("f", "e"):
            content = "a formula" if kind == "f" else "an error"
            yield plain.error(name, content, "the text itself")
