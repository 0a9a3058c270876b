"""A workbook file as a `Sheet`: headers recognised, hint rows and empty rows set apart.

Reading is bounded in rows, columns and unpacked bytes, whatever the file claims of itself; every
failure is one `WorkbookError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import compress, islice
from operator import not_
from typing import TypeAlias
from zipfile import ZipFile

from attrs import evolve, field, frozen
from openpyxl.utils import range_boundaries

from importer.workbook.archive import MOST_ROWS, WorkbookFile, opened_content
from importer.workbook.cells import Value, is_blank, shown
from importer.workbook.column import CellKind
from importer.workbook.formats import other_zip
from importer.workbook.headers import find_header
from importer.workbook.hints import hint_rows
from importer.workbook.open_xml import Package, SheetPart, formats, shared_texts, worksheets
from importer.workbook.problems import WorkbookError
from importer.workbook.row import SheetColumns, SheetRow
from importer.workbook.sheet_cells import Cells, SheetCells
from importer.workbook.template import ABOUT, BY_KEY, COLUMNS, PROBLEMS, SHEET, fold

MOST_COLUMNS = 256
_MOST_LINKED = 1_000_000

_Numbered: TypeAlias = tuple[int, list[Value]]


@frozen
class Sheet:
    """The content of a workbook's sheet, by row.

    ``banner`` are the rows above the header, ``hidden`` the numbers of hidden rows. ``displayed``
    is the text of a cell with a link, by row and column: its value is the address.
    """

    columns: SheetColumns
    header: SheetRow
    hints: tuple[SheetRow, ...] = field(repr=False)
    rows: tuple[SheetRow, ...] = field(repr=False)
    banner: tuple[SheetRow, ...] = field(default=(), repr=False)
    hidden: frozenset[int] = frozenset()
    displayed: Mapping[tuple[int, int], str] = field(factory=dict, repr=False)
    has_macros: bool = False

    @property
    def title(self) -> str:
        return self.columns.sheet

    @property
    def all_rows(self) -> tuple[SheetRow, ...]:
        """Every non-empty row except the header, in order."""
        rows = (*self.banner, *self.hints, *self.rows)
        return tuple(sorted(rows, key=lambda row: row.number))

    @property
    def width(self) -> int:
        return max(len(row.cells) for row in (self.header, *self.banner, *self.hints, *self.rows))

    def knowing(self, codes: Iterable[str]) -> Sheet:
        """The sheet with these course template codes known: a row with one is no hint."""
        below = sorted((*self.hints, *self.rows), key=lambda row: row.number)
        known = frozenset(fold(code) for code in codes)
        are_hints = list(hint_rows([row.cells for row in below], self.columns.index, known))
        hints = tuple(compress(below, are_hints))
        return evolve(self, hints=hints, rows=tuple(compress(below, map(not_, are_hints))))


def read_sheet(file: WorkbookFile) -> Sheet:
    """The sheet ``Import`` of a workbook, or its only one; raises `WorkbookError`."""
    with opened_content(file) as content, ZipFile(content) as archive:
        package = Package.of(archive)
        title, cells, rows = _read(file.name, package)
        has_macros = package.has("xl/vbaProject.bin")
    number, header = find_header(file.name, title, rows)
    displayed = _follow_links(dict(rows), cells.links, header.columns)
    columns = SheetColumns(title, header.columns, header.extras)
    read = [SheetRow(at, tuple(values), columns) for at, values in rows]
    sheet = Sheet(
        columns,
        next(row for row in read if row.number == number),
        hints=(),
        rows=tuple(row for row in read if row.number > number),
        banner=tuple(row for row in read if row.number < number),
        hidden=frozenset(cells.hidden),
        displayed=displayed,
        has_macros=has_macros,
    )
    return sheet.knowing(())


def _read(name: str, package: Package) -> tuple[str, SheetCells, list[_Numbered]]:
    """The title of the sheet to import, its finished reader, and its non-empty rows."""
    workbook = package.workbook()
    if workbook is None:
        raise other_zip(name, package.archive.namelist())
    sheets, epoch = worksheets(package, workbook)
    sheet = _chosen(name, sheets)
    cells = SheetCells(shared_texts(package, workbook), formats(package, workbook), epoch)
    rows = [
        (number, _row(name, sheet.title, number, found))
        for number, found in cells.rows(package, sheet.path)
        if any(not is_blank(value) for value in found.values())
    ]
    return sheet.title, cells, sorted(rows, key=lambda row: row[0])


def _chosen(name: str, sheets: list[SheetPart]) -> SheetPart:
    """The sheet of the right name; else the only one, or the only visible one."""
    named = [sheet for sheet in sheets if fold(sheet.title) == fold(SHEET)]
    if len(named) == 1:
        return named[0]
    titles = ", ".join(repr(sheet.title) for sheet in sheets) or "none"
    if named:
        both = " and ".join(repr(sheet.title) for sheet in named)
        raise WorkbookError(
            f"{name} has two sheets of the name {SHEET!r}: {both}. "
            "Rename or delete the one that is not to be imported."
        )
    of_receipt = {fold(ABOUT), fold(PROBLEMS)}
    visible = [one for one in sheets if one.visible and fold(one.title) not in of_receipt]
    for only in (sheets, visible):
        if len(only) == 1:
            return only[0]
    raise WorkbookError(
        f"{name} has no sheet {SHEET!r}; it has {titles}. Rename the sheet that holds the events."
    )


def _row(name: str, title: str, number: int, found: Cells) -> list[Value]:
    """A row's cells up to the last; raises `WorkbookError` where it is out of bounds."""
    if number > MOST_ROWS:
        raise WorkbookError(
            f"{name}: sheet {title!r} goes on below row {MOST_ROWS:,}. "
            "Delete the rows under the last event and import it again."
        )
    width = max(index for index, value in found.items() if not is_blank(value)) + 1
    if width > MOST_COLUMNS:
        raise WorkbookError(
            f"{name}: row {number} of sheet {title!r} has more than {MOST_COLUMNS} "
            f"columns; the template has {len(COLUMNS)}. Delete the others."
        )
    return [found.get(index) for index in range(width)]


def _places(links: list[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    """Row, column and address of every linked cell."""
    for reference, target in links:
        left, top, right, bottom = range_boundaries(reference)
        if left and top and right and bottom:
            for number in range(top, bottom + 1):
                yield from ((number, index, target) for index in range(left - 1, right))


def _follow_links(
    rows: Mapping[int, list[Value]], links: list[tuple[str, str]], columns: Mapping[str, int]
) -> dict[tuple[int, int], str]:
    """Puts each link's address in the place of its cell's text, in columns of addresses; returns
    these texts, by row and column."""
    urls = {index for key, index in columns.items() if BY_KEY[key].kind is CellKind.URL}
    displayed: dict[tuple[int, int], str] = {}
    for number, index, target in islice(_places(links), _MOST_LINKED):
        row = rows.get(number, [])
        if index in urls and index < len(row) and not is_blank(row[index]):
            displayed.setdefault((number, index), shown(row[index]))
            row[index] = target
    return displayed
