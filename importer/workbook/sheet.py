"""A workbook file as a `Sheet`: headers recognised, hint rows and empty rows set apart.

Reading is bounded in rows, columns and unpacked bytes, whatever the file claims of itself; every
failure is one `WorkbookError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from zipfile import ZipFile

from attrs import evolve, field, frozen
from openpyxl.utils import get_column_letter, range_boundaries

from importer.workbook.archive import MOST_ROWS, WorkbookFile, check_archive
from importer.workbook.cells import Value, is_blank, shown
from importer.workbook.formats import other_zip
from importer.workbook.headers import find_header
from importer.workbook.hints import hint_rows
from importer.workbook.package import Package, SheetPart, formats, shared_texts, worksheets
from importer.workbook.problems import WorkbookError
from importer.workbook.sheet_cells import Cells, SheetCells
from importer.workbook.template import ABOUT, BY_KEY, COLUMNS, RECEIPT_KEYS, SHEET, Kind, fold

MOST_COLUMNS = 256
_MOST_LINKED = 1_000_000


@frozen
class Row:
    """One row: its number in the sheet, from 1, and its cells from column A on."""

    number: int
    cells: tuple[Value, ...]

    def at(self, index: int) -> Value:
        """The value in the column of that index (A is 0); None beyond the last cell."""
        return self.cells[index] if index < len(self.cells) else None


@frozen
class Sheet:
    """The content of a workbook's sheet, by row, with its column mapping.

    ``columns`` gives the index (A is 0) of each template column, by its key; ``extras`` the header
    of each other column that has one, by index. ``banner`` are the rows above the header,
    ``hidden`` the numbers of hidden rows. ``displayed`` is the text of a cell with a link, by row
    and column: its value is the address.
    """

    title: str
    header: Row
    columns: Mapping[str, int]
    extras: Mapping[int, str]
    hints: tuple[Row, ...] = field(repr=False)
    rows: tuple[Row, ...] = field(repr=False)
    banner: tuple[Row, ...] = field(default=(), repr=False)
    hidden: frozenset[int] = frozenset()
    displayed: Mapping[tuple[int, int], str] = field(factory=dict, repr=False)
    has_macros: bool = False
    names: Mapping[int, str] = field(init=False, repr=False)
    """What each column with a header is called, whatever its spelling here; a receipt's own are
    left out."""

    @names.default
    def _name_columns(self) -> dict[int, str]:
        known = ((i, key) for key, i in self.columns.items() if key not in RECEIPT_KEYS)
        return {i: BY_KEY[key].header for i, key in known} | dict(self.extras)

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """Every non-empty row except the header, in order."""
        rows = (*self.banner, *self.hints, *self.rows)
        return tuple(sorted(rows, key=lambda row: row.number))

    @property
    def width(self) -> int:
        """The number of columns in the widest row."""
        return max(len(row.cells) for row in (self.header, *self.banner, *self.hints, *self.rows))

    def value(self, row: Row, key: str) -> Value:
        """The row's cell in a template column; None where the workbook lacks the column."""
        index = self.columns.get(key)
        return None if index is None else row.at(index)

    def address(self, row: Row, key: str) -> str:
        """The cell's name, ``H27``; of an absent column, the row's first cell."""
        return f"{get_column_letter(self.columns.get(key, 0) + 1)}{row.number}"

    def knowing(self, codes: Iterable[str]) -> Sheet:
        """The sheet with these course template codes known: a row with one is no hint."""
        below = sorted((*self.hints, *self.rows), key=lambda row: row.number)
        known = frozenset(fold(code) for code in codes)
        are_hints = list(hint_rows([row.cells for row in below], self.columns, known))
        told = list(zip(below, are_hints, strict=True))
        return evolve(
            self,
            hints=tuple(row for row, is_hint in told if is_hint),
            rows=tuple(row for row, is_hint in told if not is_hint),
        )


def read_sheet(file: WorkbookFile) -> Sheet:
    """The sheet ``Import`` of a workbook, or its only one; raises `WorkbookError`."""
    check_archive(file)
    try:
        with ZipFile(BytesIO(file.content)) as archive:
            package = Package.of(archive)
            title, cells, rows = _read(file.name, package)
            has_macros = package.has("xl/vbaProject.bin")
    except WorkbookError:
        raise
    except Exception as error:  # whatever a broken part trips over
        raise WorkbookError(
            f"{file.name} cannot be read as a workbook ({type(error).__name__}: "
            f"{str(error)[:200]}). Open it in a spreadsheet program and save it as .xlsx."
        ) from error
    number, header = find_header(file.name, title, [(row.number, row.cells) for row in rows])
    shown_links = dict(_linked(cells.links, rows))
    displayed, rows = _follow(rows, shown_links, header.columns)
    sheet = Sheet(
        title,
        next(row for row in rows if row.number == number),
        header.columns,
        header.extras,
        hints=(),
        rows=tuple(row for row in rows if row.number > number),
        banner=tuple(row for row in rows if row.number < number),
        hidden=frozenset(cells.hidden),
        displayed=displayed,
        has_macros=has_macros,
    )
    return sheet.knowing(())


def _read(name: str, package: Package) -> tuple[str, SheetCells, list[Row]]:
    """The title of the sheet to import, its finished reader, and its non-empty rows."""
    workbook = package.workbook()
    if workbook is None:
        raise other_zip(name, package.archive.namelist())
    sheets, epoch = worksheets(package, workbook)
    sheet = _chosen(name, sheets)
    cells = SheetCells(shared_texts(package, workbook), formats(package, workbook), epoch)
    rows = [
        _row(name, sheet.title, number, found)
        for number, found in cells.rows(package, sheet.path)
        if any(not is_blank(value) for value in found.values())
    ]
    return sheet.title, cells, sorted(rows, key=lambda row: row.number)


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
    visible = [sheet for sheet in sheets if sheet.visible and fold(sheet.title) != fold(ABOUT)]
    for only in (sheets, visible):
        if len(only) == 1:
            return only[0]
    raise WorkbookError(
        f"{name} has no sheet {SHEET!r}; it has {titles}. Rename the sheet that holds the events."
    )


def _row(name: str, title: str, number: int, found: Cells) -> Row:
    """A row cut after its last cell; raises `WorkbookError` where it is out of bounds."""
    if number > MOST_ROWS:
        raise WorkbookError(
            f"{name}: sheet {title!r} goes on below row {MOST_ROWS:,}. "
            "Delete what stands under the last event and import it again."
        )
    width = max(index for index, value in found.items() if not is_blank(value)) + 1
    if width > MOST_COLUMNS:
        raise WorkbookError(
            f"{name}: row {number} of sheet {title!r} has more than {MOST_COLUMNS} "
            f"columns; the template has {len(COLUMNS)}. Delete the others."
        )
    return Row(number, tuple(found.get(index) for index in range(width)))


def _linked(links: list[tuple[str, str]], rows: list[Row]) -> Iterator[tuple[tuple[int, int], str]]:
    """The address of each non-blank cell with a link, by row and column."""
    numbered = {row.number: row for row in rows}
    for number, index, target in islice(_places(links), _MOST_LINKED):
        row = numbered.get(number)
        if row is not None and not is_blank(row.at(index)):
            yield (number, index), target


def _places(links: list[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    """Row, column and address of every linked cell."""
    for reference, target in links:
        left, top, right, bottom = range_boundaries(reference)
        if left and top and right and bottom:
            for number in range(top, bottom + 1):
                yield from ((number, index, target) for index in range(left - 1, right))


def _follow(
    rows: list[Row], links: Mapping[tuple[int, int], str], columns: Mapping[str, int]
) -> tuple[dict[tuple[int, int], str], list[Row]]:
    """The rows with a link's address as the cell's value, in columns of addresses."""
    urls = {index for key, index in columns.items() if BY_KEY[key].kind is Kind.URL}
    displayed: dict[tuple[int, int], str] = {}
    followed = {row.number: list(row.cells) for row in rows if links}
    for (number, index), target in links.items():
        if index in urls:
            displayed[number, index] = shown(followed[number][index])
            followed[number][index] = target
    return displayed, [
        evolve(row, cells=tuple(followed[row.number])) if links else row for row in rows
    ]
