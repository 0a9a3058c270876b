"""The cells of one worksheet, row by row: values, formulas without one, errors, and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element

from attrs import define, field
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import from_excel, from_ISO8601

from importer.workbook.cells import FAILED, UNCALCULATED, CellFault, Value
from importer.workbook.open_xml import Formats, Package, local, text_of, unescaped

Cells = dict[int, Value]
"""The values of a row by the column's index (A is 0); what is empty is left out."""

_DIGITS = "0123456789"
_EARLIEST = 1900
_LINK = re.compile(r'\s*HYPERLINK\s*\(\s*"((?:[^"]|"")+)"\s*[,;)]', re.IGNORECASE)


@define
class SheetCells:
    """Reads a sheet once; the cells' other properties are complete afterwards.

    ``links`` are the addresses of links by cell range (``V4``, ``V4:V9``); ``hidden`` the numbers
    of hidden rows.
    """

    texts: list[str] = field(repr=False)
    formats: Formats
    epoch: datetime
    links: list[tuple[str, str]] = field(factory=list)
    hidden: list[int] = field(factory=list)
    _columns: dict[str, int] = field(factory=dict)

    def rows(self, package: Package, path: str) -> Iterator[tuple[int, Cells]]:
        """Each non-empty row, in the order of the file."""
        number = 0
        targets: dict[str, str] | None = None
        for tag, element in package.elements(path):
            if tag == "row":
                number = int(element.get("r") or number + 1)
                cells = self._cells(element, number)
                if cells and element.get("hidden") in {"1", "true"}:
                    self.hidden.append(number)
                element.clear()
                if cells:
                    yield number, cells
            elif tag == "hyperlink":
                targets = package.targets(path) if targets is None else targets
                self._add_link(element, targets)

    def _add_link(self, element: Element, targets: dict[str, str]) -> None:
        key = next((value for name, value in element.items() if local(name) == "id"), "")
        if target := targets.get(key):
            fragment = element.get("location")
            self.links.append(
                (element.get("ref", ""), f"{target}#{fragment}" if fragment else target)
            )

    def _cells(self, row: Element, number: int) -> Cells:
        cells: Cells = {}
        index = -1
        for cell in row:
            reference = cell.get("r")
            index = index + 1 if reference is None else self._column(reference)
            if len(cell):
                value = self._value(cell, index, number)
                if value is not None:
                    cells[index] = value
        return cells

    def _column(self, reference: str) -> int:
        letters = reference.rstrip(_DIGITS)
        if letters not in self._columns:
            self._columns[letters] = column_index_from_string(letters) - 1
        return self._columns[letters]

    def _value(self, cell: Element, index: int, number: int) -> Value:
        text: str | None = None
        formula: str | None = None
        for child in cell:
            name = local(child.tag)
            if name == "v":
                text = child.text or ""
            elif name == "is":
                text = text_of(child)
            elif name == "f":
                formula = child.text or ""
        kind = cell.get("t", "n")
        if formula is not None:
            # An empty text is a value; an empty number is what programs write in a value's place.
            if text is None or (not text and kind != "str"):
                return CellFault(f"={formula}", UNCALCULATED)
            if found := _LINK.match(formula):
                address = f"{get_column_letter(index + 1)}{number}"
                self.links.append((address, found[1].replace('""', '"')))
        if kind == "e":
            return CellFault(text or "an error value", FAILED)
        return self._typed(kind, text, cell.get("s", "")) if text else None

    def _typed(self, kind: str, text: str, style: str) -> Value:
        match kind:
            case "s":
                return self.texts[int(text)]
            case "str":
                return unescaped(text)
            case "inlineStr":
                return text
            case "b":
                return text.strip() in {"1", "true"}
            case "d":
                return _iso(text)
        return self._number(text, int(style) if style else 0)

    def _number(self, text: str, style: int) -> Value:
        try:
            number: int | float = int(text)
        except ValueError:
            number = float(text)
        if style not in self.formats.dates:
            return number
        try:
            duration = style in self.formats.durations
            found: Value = from_excel(number, self.epoch, timedelta=duration)
        except (OverflowError, ValueError):
            return number  # no such day: a number is what is left of it
        return found


def _iso(text: str) -> Value:
    """A date as Strict files write it; a time alone is one of a day before days are counted."""
    try:
        found: Value = from_ISO8601(text)  # type: ignore[no-untyped-call]  # it has no types
    except ValueError:
        return text
    if isinstance(found, datetime) and found.year < _EARLIEST:
        return found.time()
    return found
