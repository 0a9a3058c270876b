"""What stands beside the rows of a workbook and stays in its receipt: drop-downs, other sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from attrs import frozen

from importer.workbook.archive import WorkbookFile, opened_content
from importer.workbook.cells import Value
from importer.workbook.open_xml import (
    Package,
    SheetPart,
    formats,
    local,
    shared_texts,
    worksheets,
)
from importer.workbook.problems import WorkbookError
from importer.workbook.sheet_cells import SheetCells
from importer.workbook.template import ABOUT, PROBLEMS, fold

_MOST_CELLS = 200_000  # of all other sheets: lists to choose from, notes
_MOST_DROP_DOWNS = 200
# A list in quotes, or a range of cells: nothing that calculates.
_CHOICES = re.compile(
    r"\"[^\"]{0,255}\"|(?:'[^'!\[\]]{1,31}'!|\w{1,31}!)?\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?"
)
_RANGES = re.compile(r"[A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?(?: |$)")


@frozen
class DropDown:
    """The values offered in a range of cells, as a formula has them."""

    cells: str
    choices: str


@frozen
class OtherSheet:
    """A sheet that holds no events; its values, by row number."""

    title: str
    visible: bool
    rows: tuple[tuple[int, tuple[Value, ...]], ...]


@frozen
class Beside:
    """The drop-downs of the sheet that is imported, and the workbook's other sheets."""

    drop_downs: tuple[DropDown, ...] = ()
    sheets: tuple[OtherSheet, ...] = ()


def read_beside(file: WorkbookFile, title: str) -> Beside:
    """What stands beside the sheet of that title; nothing where it cannot be read, or is too large:
    a receipt can do without."""
    try:
        with opened_content(file) as content, ZipFile(content) as archive:
            package = Package.of(archive)
            workbook = package.workbook() or ""
            parts, epoch = worksheets(package, workbook)
            own = next(part for part in parts if part.title == title)
            cells = SheetCells(shared_texts(package, workbook), formats(package, workbook), epoch)
            others = [part for part in parts if fold(part.title) not in _own_titles(title)]
            return Beside(
                tuple(_drop_downs(package, own.path))[:_MOST_DROP_DOWNS],
                tuple(_other_sheets(package, others, cells)),
            )
    except WorkbookError:
        return Beside()


def _own_titles(title: str) -> set[str]:
    return {fold(title), fold(ABOUT), fold(PROBLEMS)}


def _other_sheets(
    package: Package, parts: list[SheetPart], cells: SheetCells
) -> Iterator[OtherSheet]:
    left = _MOST_CELLS
    for part in parts:
        rows = []
        for number, found in cells.rows(package, part.path):
            left -= max(found) + 1
            if left < 0:
                return
            values = tuple(found.get(index) for index in range(max(found) + 1))
            rows.append((number, values))
        yield OtherSheet(part.title, part.visible, tuple(sorted(rows, key=lambda row: row[0])))


def _drop_downs(package: Package, path: str) -> Iterator[DropDown]:
    for tag, element in package.elements(path):
        if tag == "row":
            element.clear()
        elif tag == "dataValidation" and element.get("type") == "list":
            # Lists on other sheets are written in an extension, with their range as an element.
            inside = {
                local(child.tag): "".join(child.itertext()).strip() for child in _all(element)
            }
            choices = inside.get("formula1", "").removeprefix("=")
            cells = element.get("sqref") or inside.get("sqref", "")
            if _CHOICES.fullmatch(choices) and _RANGES.sub("", cells) == "" != cells:
                yield DropDown(cells, choices)


def _all(element: Element) -> Iterator[Element]:
    for child in element:
        yield child
        yield from _all(child)
