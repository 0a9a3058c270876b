"""Finds a sheet's header row, and maps its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen
from openpyxl.utils import get_column_letter
from rapidfuzz import fuzz, process

from importer.workbook.cells import CellFault, Value, is_blank, shown
from importer.workbook.problems import WorkbookError
from importer.workbook.template import COLUMNS, HEADERS, RECEIPT_KEYS, normal

WITHIN = 10
"""The header is one of a sheet's first ten rows; a banner may stand above it."""

_NEAR = 70
_KNOWN = {name: column.header for name, column in HEADERS.items() if column.key not in RECEIPT_KEYS}
_NEEDED = tuple(column for column in COLUMNS if column.in_header)


@frozen
class Header:
    """A row read as a header.

    ``columns`` gives the index (A is 0) of each template column, by its key; ``extras`` the header
    of each other column that has one, by index; ``twice`` each template column with a second column
    of the same header, with that one's index; ``faults`` the headers without a value.
    """

    columns: Mapping[str, int]
    extras: Mapping[int, str]
    twice: tuple[tuple[str, int], ...] = ()
    faults: Mapping[int, CellFault] = field(factory=dict)

    @property
    def missing(self) -> list[str]:
        """The required headers that the workbook lacks."""
        return [column.header for column in _NEEDED if column.key not in self.columns]


def recognise(cells: Iterable[Value]) -> Header:
    """Reads any row as a header."""
    columns: dict[str, int] = {}
    extras: dict[int, str] = {}
    twice: list[tuple[str, int]] = []
    faults: dict[int, CellFault] = {}
    for index, value in enumerate(cells):
        if isinstance(value, CellFault):
            faults[index] = value
        elif not is_blank(value):
            known = HEADERS.get(normal(shown(value)))
            if known is None:
                extras[index] = " ".join(shown(value).split())
            elif columns.setdefault(known.key, index) != index:
                twice.append((known.key, index))
    return Header(columns, extras, tuple(twice), faults)


def find_header(
    name: str, title: str, rows: Sequence[tuple[int, Sequence[Value]]]
) -> tuple[int, Header]:
    """The number of the header's row, and the header; ``rows`` are the non-empty ones.

    Raises `WorkbookError` where none of the first ten rows has every header that is needed.
    """
    read = [(number, recognise(cells)) for number, cells in rows if number <= WITHIN]
    if not read:
        raise WorkbookError(
            f"{name}: row 1 of sheet {title!r} is empty, and so are the rows to {WITHIN}; the "
            "column headers belong there. "
            "`admsync import-template` makes an empty workbook to copy the rows into."
        )
    complete = (one for one in read if not one[1].missing)
    number, header = next(complete, max(read, key=lambda one: len(one[1].columns)))
    for index, fault in header.faults.items():
        raise WorkbookError(
            f"{name}: {_cell(title, index, number)} is no header but {fault.problem}: "
            f"{fault.text[:80]!r}. Type the header."
        )
    for key, second in header.twice:
        first = _cell(title, header.columns[key], number)
        raise WorkbookError(
            f"{name}: {first} and {get_column_letter(second + 1)}{number} are both "
            f"{_header_of(key)!r}. Delete or rename one of them."
        )
    if header.missing:
        raise WorkbookError(
            f"{name}: row {number} of sheet {title!r} lacks the headers "
            f"{', '.join(header.missing)}{_misspelt(header, title, number)}. "
            "`admsync import-template` makes an empty workbook with all of them."
        )
    return number, header


def nearest_header(typed: str, labels: Iterable[str] = ()) -> str | None:
    """The known header, or custom field label, most similar to an unknown one."""
    known = _KNOWN | {normal(label): label for label in labels}
    near = process.extractOne(normal(typed[:100]), known.keys(), scorer=fuzz.ratio)
    return known[near[0]] if near is not None and near[1] >= _NEAR else None


def _misspelt(header: Header, title: str, number: int) -> str:
    """The sheet's headers that are probably misspellings of missing ones."""
    near = {index: nearest_header(text) for index, text in header.extras.items()}
    hints = [
        f"{_cell(title, index, number)} {header.extras[index]!r} may be meant for {known!r}"
        for index, known in near.items()
        if known in header.missing
    ]
    return f" ({'; '.join(hints)})" if hints else ""


def _header_of(key: str) -> str:
    return next(column.header for column in HEADERS.values() if column.key == key)


def _cell(title: str, index: int, number: int) -> str:
    return f"{title}!{get_column_letter(index + 1)}{number}"
