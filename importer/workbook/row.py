"""A row of a sheet that knows its columns: each cell read once, by the kind of its column."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen
from openpyxl.utils import get_column_letter

from importer.workbook.cells import CellFault, UnreadableError, Value, is_blank, shown
from importer.workbook.column import Column
from importer.workbook.template import BY_KEY, RECEIPT_KEYS


@frozen
class SheetColumns:
    """The columns of a sheet: the index (A is 0) of each template column, by its key, and the
    header of each other column that has one, by index."""

    sheet: str
    index: Mapping[str, int]
    extras: Mapping[int, str]
    keys: Mapping[int, str] = field(init=False, repr=False)
    names: Mapping[int, str] = field(init=False, repr=False)
    """The name of each column with a header, by index, whatever its spelling here; without those
    of a receipt."""

    @keys.default
    def _key_columns(self) -> dict[int, str]:
        return {index: key for key, index in self.index.items()}

    @names.default
    def _name_columns(self) -> dict[int, str]:
        known = ((i, key) for key, i in self.index.items() if key not in RECEIPT_KEYS)
        return {i: BY_KEY[key].header for i, key in known} | dict(self.extras)

    def address(self, number: int, index: int) -> str:
        """The name of a cell, ``H27``."""
        return f"{get_column_letter(index + 1)}{number}"


@frozen
class SheetRow:
    """One row: its number in the sheet, from 1, and its cells from column A on."""

    number: int
    cells: tuple[Value, ...]
    columns: SheetColumns = field(repr=False, eq=False)

    def at(self, index: int) -> Value:
        """The value in the column of that index (A is 0); None beyond the last cell."""
        return self.cells[index] if index < len(self.cells) else None

    def value(self, key: str) -> Value:
        """The cell in a template column; None where the workbook lacks the column."""
        index = self.columns.index.get(key)
        return None if index is None else self.at(index)

    def text(self, key: str) -> str:
        """The text of a cell in a template column, without spaces around it."""
        return shown(self.value(key))

    def address(self, key: str) -> str:
        """The cell's name, ``H27``; of an absent column, the row's first cell."""
        return self.columns.address(self.number, self.columns.index.get(key, 0))

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The text of each cell that is not blank, by its column's name."""
        names = self.columns.names
        return {
            names[index]: shown(value)
            for index, value in enumerate(self.cells)
            if index in names and not is_blank(value)
        }

    @cached_property
    def _facts(self) -> dict[str, Any]:
        """By key, the value or the ``UnreadableError`` of each cell with content."""
        keys = self.columns.keys
        return {
            keys[index]: _read(BY_KEY[keys[index]], value)
            for index, value in enumerate(self.cells)
            if value is not None and index in keys and not is_blank(value)
        }

    def fact(self, key: str) -> Any:
        """The value of a template column's cell, by the kind of the column; None for a cell that
        is blank, or has a formula or an error in a value's place.

        Raises ``UnreadableError`` where it does not fit the column.
        """
        fact = self._facts.get(key)
        if isinstance(fact, UnreadableError):
            raise fact
        return fact


def _read(column: Column, value: Value) -> Any:
    try:
        return None if isinstance(value, CellFault) else column.read(value)
    except UnreadableError as error:
        return error
