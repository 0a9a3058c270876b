"""Warnings about a whole sheet before its import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from importer.reference.values import CustomField
from importer.workbook.cells import UnreadableError, read_url, shown
from importer.workbook.headers import nearest_header
from importer.workbook.problems import CellNote
from importer.workbook.row import SheetRow
from importer.workbook.sheet import Sheet
from importer.workbook.template import SESSION_VALUES, normal
from ledger.output.visible import with_what_differs

_HINT_SHOWN = 60


def sheet_notes(sheet: Sheet, fields: Iterable[CustomField]) -> Iterator[CellNote]:
    """Unknown headers, columns without a place in Administrate, links whose address differs from
    their text, hidden rows, macros.

    ``fields`` are the custom fields, whose labels may be headers too.
    """
    fields = tuple(fields)
    labels = [field.label for field in fields if field.entity_type == "Event"]
    known = {normal(label) for label in labels}
    for index, typed in sheet.columns.extras.items():
        if normal(typed) not in known:
            near = nearest_header(typed, labels)
            hint = with_what_differs(f"; nearest {near!r}", typed, near) if near else ""
            message = f"no column of the template and no custom field, so not used{hint}"
            yield _note(sheet, index, sheet.header.number, "header", typed, message)
    of_sessions = {normal(field.label) for field in fields if field.entity_type == "Session"}
    for column in SESSION_VALUES:
        label, at = column.to.custom_field, sheet.columns.index.get(column.key)
        if label and at is not None and normal(label) not in of_sessions:
            message = f"Administrate shows no custom field {label!r} of sessions, so not set there"
            yield _note(sheet, at, sheet.header.number, "header", column.header, message)
    rows = {row.number: row for row in sheet.rows}
    for (number, index), displayed in sheet.displayed.items():
        row = rows.get(number)
        link = shown(row.at(index)) if row else ""
        if row and displayed != link and _is_url(displayed):
            message = f"the link behind it is taken: {link}"
            yield _note(sheet, index, number, sheet.columns.names[index], displayed, message)
    for row in sheet.rows:
        if row.number in sheet.hidden:
            yield _note(sheet, 0, row.number, "row", str(row.number), "hidden, and imported")
    if sheet.has_macros:
        yield _note(sheet, 0, 1, "file", ".xlsm", "it holds macros, which are never run")


def hints_taken(sheet: Sheet) -> tuple[tuple[int, str], ...]:
    """The rows taken for hints: number and beginning."""
    return tuple((row.number, _beginning(row)) for row in sheet.hints)


def _beginning(row: SheetRow) -> str:
    text = next((shown(value) for value in row.cells if shown(value).strip()), "")
    text = " ".join(text.split())
    return text if len(text) <= _HINT_SHOWN else f"{text[:_HINT_SHOWN]}…"


def _is_url(text: str) -> bool:
    try:
        read_url(text)
    except UnreadableError:
        return False
    return True


def _note(sheet: Sheet, index: int, number: int, what: str, value: str, message: str) -> CellNote:
    return CellNote(sheet.title, sheet.columns.address(number, index), what, value, message)
