"""Reads typed decisions from a workbook, row by row, in any order of columns."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from attrs import evolve, frozen
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from importer.decisions.layout import DECISION, KEY, REASON
from importer.workbook.archive import MOST_ROWS, WorkbookFile, opened_content
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
    with opened_content(file) as content, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with closing(load_workbook(content, read_only=True, keep_links=False)) as book:
            found = [rows for sheet in book.worksheets if (rows := _rows_of(sheet)) is not None]
    if not found:
        raise WorkbookError(
            f"{file.name}: no sheet of it has the columns {', '.join(_COLUMNS)}."
            " `admsync discrepancies export OUT.xlsx` writes one to decide in."
        )
    rows = [row for of_sheet in found for row in of_sheet]
    decided = tuple(row for row in rows if row.decision or row.errors)
    return TypedDecisions(decided, len(rows) - len(decided))


def _rows_of(sheet: Any) -> list[TypedDecision] | None:
    """The rows with a decision or a key; None where the sheet lacks the three columns."""
    cells = enumerate(sheet.iter_rows(max_row=MOST_ROWS, max_col=_MOST_COLUMNS), start=1)
    within = islice(cells, _HEADER_WITHIN)
    columns = next((found for _, row in within if (found := _columns(row)) is not None), None)
    if columns is None:
        return None
    typed = (_typed(sheet.title, number, row, columns) for number, row in cells)
    return [row for row in typed if row.decision or row.errors or row.key]


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
