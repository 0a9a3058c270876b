"""Writes an empty workbook: headers, hints, formats and drop-down lists of linked records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from importer.reference.sittings import sittings_of
from importer.reference.values import Reference
from importer.validation.times import DEFAULT_ZONE
from importer.workbook.cells import Value
from importer.workbook.column import CellKind
from importer.workbook.template import CURRENT, SHEET
from importer.workbook.writing import DATE_FORMAT, TIME_FORMAT, append_header, offer, typed_cell
from ledger.files import NewFile

LISTS = "Lists"
"""The hidden sheet that holds what the drop-down lists offer."""

_FIRST_ROW = 3
_LAST_ROW = 2_000
_FORMATS = {CellKind.DATE: DATE_FORMAT, CellKind.TIME: TIME_FORMAT}
_HINTS = {
    CellKind.TEXT: "free-text",
    CellKind.NAME: "free-text",
    CellKind.NAMES: "free-text",
    CellKind.DATE: "DD/MM/YYYY",
    CellKind.TIME: "HH:mm",
    CellKind.NUMBER: "Number",
    CellKind.URL: "free-text",
    CellKind.YES_NO: "Y/N",
}

TypedRow = Mapping[str, Value]
"""A row to write: the value of each column that is not blank, by the column's key."""


def write_template(file: NewFile, reference: Reference, rows: Sequence[TypedRow] = ()) -> None:
    """Writes the current template for a reference, with the given rows."""
    book = Workbook()
    sheet = book.create_sheet(SHEET, 0)
    del book[book.sheetnames[1]]
    sheet.freeze_panes = "A2"
    for index, column in enumerate(CURRENT, start=1):
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width = max(14, len(column.header) + 2)
        if column.kind in _FORMATS:
            dimension.number_format = _FORMATS[column.kind]
    append_header(sheet, [column.header for column in CURRENT])
    sheet.append([column.hint or _HINTS[column.kind] for column in CURRENT])
    for row in rows:
        sheet.append([typed_cell(sheet, row.get(column.key)) for column in CURRENT])
    _add_lists(book, sheet, _choices(reference))
    with file.opened() as into:
        book.save(into)


def _choices(reference: Reference) -> dict[str, list[str]]:
    """The values of each drop-down list, by the column's key."""
    people = [one.name for one in reference.instructors]
    return {
        "code": _sorted([one.code for one in reference.course_templates]),
        "mode": ["Blended", "Self Paced (LMS)"],
        "location": _sorted([one.name for one in reference.locations]),
        "venue": ["To be confirmed", *_sorted([one.name for one in reference.venues])],
        "zone": [DEFAULT_ZONE.replace("/", " - ")],
        "instructor": _sorted(people),
        "session_instructor": _sorted(people),
        "sitting": sittings_of(reference),
        "web_sale": ["Y", "N"],
        "cancelled": ["Y", "N"],
    }


def _sorted(names: list[str]) -> list[str]:
    return sorted(set(names), key=str.casefold)


def _add_lists(book: Workbook, sheet: Worksheet, choices: Mapping[str, Sequence[str]]) -> None:
    """Puts each list in a column of a hidden sheet, as the drop-down list of its import column.

    Other values stay allowed: several instructors in one cell, or another zone.
    """
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    append_header(lists, list(choices))
    for place in range(max(len(names) for names in choices.values())):
        row = (names[place] if place < len(names) else None for names in choices.values())
        lists.append([typed_cell(lists, name) for name in row])
    places = {column.key: get_column_letter(i) for i, column in enumerate(CURRENT, start=1)}
    for index, (key, names) in enumerate(choices.items(), start=1):
        if not names:
            continue
        letter = get_column_letter(index)
        values = f"={LISTS}!${letter}$2:${letter}${len(names) + 1}"
        offer(sheet, values, f"{places[key]}{_FIRST_ROW}:{places[key]}{_LAST_ROW}")
