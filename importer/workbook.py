"""A workbook file as a `Sheet`: its headers recognised, its hint rows and empty rows set apart.

Reading is bounded in rows, columns and unpacked bytes, whatever the file claims of itself, and
every way in which a file can fail to be a workbook of events is one `WorkbookError`.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from io import BytesIO
from typing import cast

from attrs import field, frozen
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from importer.archive import MOST_ROWS, WorkbookFile, check_archive
from importer.cells import Value, is_blank
from importer.problems import WorkbookError
from importer.template import (
    BY_KEY,
    COLUMNS,
    HEADERS,
    HINT_WORDS,
    RECEIPT_KEYS,
    SHEET,
    fold,
    normal,
)

MOST_COLUMNS = 256


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
    """What a workbook's sheet holds, by row, and which column is which.

    ``columns`` gives the index (A is 0) of each column the template knows, by its key; ``extras``
    the header of each other column that has one, by index.
    """

    title: str
    header: Row
    columns: Mapping[str, int]
    extras: Mapping[int, str]
    hints: tuple[Row, ...] = field(repr=False)
    rows: tuple[Row, ...] = field(repr=False)
    names: Mapping[int, str] = field(init=False, repr=False)
    """What each column with a header is called, whatever its spelling here; a receipt's own are
    left out."""

    @names.default
    def _name_columns(self) -> dict[int, str]:
        known = ((i, key) for key, i in self.columns.items() if key not in RECEIPT_KEYS)
        return {i: BY_KEY[key].header for i, key in known} | dict(self.extras)

    @property
    def width(self) -> int:
        """How many columns the widest row fills."""
        return max(len(row.cells) for row in (self.header, *self.hints, *self.rows))

    def value(self, row: Row, key: str) -> Value:
        """The row's cell in a known column; None where the workbook has no such column."""
        index = self.columns.get(key)
        return None if index is None else row.at(index)

    def address(self, row: Row, key: str) -> str:
        """The cell's name, ``H27``; of an absent column, the row's first cell."""
        return f"{get_column_letter(self.columns.get(key, 0) + 1)}{row.number}"


def read_sheet(file: WorkbookFile) -> Sheet:
    """The sheet ``Import`` of a workbook; raises `WorkbookError`."""
    check_archive(file)
    with closing(_read_rows(file)) as values:
        rows = list(_filled_rows(file.name, values))
    if not rows or rows[0].number != 1:
        raise WorkbookError(
            f"{file.name}: row 1 of sheet {SHEET!r} is empty; the column headers belong there. "
            "`admsync import-template` makes an empty workbook to copy the rows into."
        )
    header, *below = rows
    columns, extras = _recognise(file.name, header)
    hints = tuple(row for row in below if _is_hint(row))
    explained = {row.number for row in hints}
    data = tuple(row for row in below if row.number not in explained)
    return Sheet(SHEET, header, columns, extras, hints, data)


def _read_rows(file: WorkbookFile) -> Generator[tuple[Value, ...]]:
    """Every row of the sheet from row 1 on, unnamed errors of the file turned into one."""
    try:
        # Extensions of the format that the library warns of are of no interest to an import.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = BytesIO(file.content)
            book = load_workbook(content, read_only=True, data_only=True, keep_links=False)
            try:
                names = {fold(sheet.title): sheet for sheet in book.worksheets}
                sheet = names.get(fold(SHEET))
                if sheet is None:
                    titles = ", ".join(repr(name) for name in book.sheetnames)
                    raise WorkbookError(
                        f"{file.name} has no sheet {SHEET!r}; it has {titles}. "
                        "Rename the sheet that holds the events."
                    )
                # The size a file states for its sheet is not to be trusted; the bounds are ours.
                cells = sheet.iter_rows(
                    min_row=1,
                    max_row=MOST_ROWS + 1,
                    min_col=1,
                    max_col=MOST_COLUMNS + 1,
                    values_only=True,
                )
                yield from cast("Iterable[tuple[Value, ...]]", cells)
            finally:
                book.close()
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever a broken part trips over
        raise WorkbookError(
            f"{file.name} cannot be read as a workbook ({type(error).__name__}: "
            f"{str(error)[:200]}). Open it in a spreadsheet program and save it as .xlsx."
        ) from error


def _filled_rows(name: str, values: Iterable[tuple[Value, ...]]) -> Iterator[Row]:
    """The rows in which something stands, each cut behind its last cell."""
    for number, cells in enumerate(values, start=1):
        if number > MOST_ROWS:
            raise WorkbookError(
                f"{name}: sheet {SHEET!r} goes on below row {MOST_ROWS:,}. "
                "Delete the empty rows under the last event and import it again."
            )
        width = len(cells)
        while width and (cells[width - 1] is None or is_blank(cells[width - 1])):
            width -= 1
        if width > MOST_COLUMNS:
            raise WorkbookError(
                f"{name}: row {number} of sheet {SHEET!r} has more than {MOST_COLUMNS} "
                f"columns; the template has {len(COLUMNS)}. Delete the others."
            )
        if width:
            yield Row(number, cells[:width])


def _recognise(name: str, header: Row) -> tuple[dict[str, int], dict[int, str]]:
    columns: dict[str, int] = {}
    extras: dict[int, str] = {}
    for index, value in enumerate(header.cells):
        if is_blank(value):
            continue
        known = HEADERS.get(normal(str(value)))
        if known is None:
            extras[index] = str(value).strip()
        elif known.key in columns:
            first, second = (get_column_letter(i + 1) for i in (columns[known.key], index))
            raise WorkbookError(
                f"{name}: {SHEET}!{first}1 and {second}1 are both {known.header!r}. "
                "Delete or rename one of them."
            )
        else:
            columns[known.key] = index
    if missing := [c.header for c in COLUMNS if c.in_header and c.key not in columns]:
        raise WorkbookError(
            f"{name}: row 1 of sheet {SHEET!r} lacks the headers {', '.join(missing)}. "
            "`admsync import-template` makes an empty workbook with all of them."
        )
    return columns, extras


def _is_hint(row: Row) -> bool:
    """Whether the row explains the columns: text alone, at least half of it such as hints say."""
    filled = [value for value in row.cells if value is not None and not is_blank(value)]
    texts = [value for value in filled if isinstance(value, str)]
    if len(texts) < len(filled):
        return False
    said = [normal(text) for text in texts]
    hints = sum(text in HINT_WORDS or text.startswith("e.g.") for text in said)
    return 2 * hints >= len(said)
