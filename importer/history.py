"""Looks up the history of a workbook cell: its row in the imports of this file or of any other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from attrs import field, frozen
from openpyxl.utils import column_index_from_string, get_column_letter

from importer.reference.earlier_imports import earlier_row
from importer.reference.values import EarlierEvent, EarlierRow
from importer.validation.changes import paired
from importer.validation.earlier_events import EarlierEvents
from importer.workbook.archive import WorkbookFile, read_file
from importer.workbook.cells import shown
from importer.workbook.grouping import Group, fingerprint, groups
from importer.workbook.row import SheetRow
from importer.workbook.sheet import Sheet, read_sheet
from importer.workbook.template import BY_KEY, fold
from ledger.canonical import escaped
from ledger.errors import UsageRefused
from ledger.history.workbook_rows import Outcome, RowSought, rows_like
from ledger.store.blobs import get_blob

_DIGEST = 12  # characters that name one
_CELL = re.compile(
    r"(?:'?(?P<sheet>[^!']*)'?!)?\$?(?P<column>[A-Z]{1,3})?\$?(?P<row>[1-9][0-9]{0,6})",
    re.IGNORECASE,
)
_CODE, _TITLE = (BY_KEY[key].header for key in ("code", "title"))


@frozen
class Cell:
    """A non-blank cell, or a whole row.

    ``column`` is its header, ``value`` its content; both are None for a whole row and for a column
    without a header. ``group`` is the row's event, ``rows`` are all of the sheet.
    """

    workbook: str
    sheet: str
    address: str
    column: str | None
    value: str | None
    sought: RowSought
    group: Group | None = field(repr=False)
    rows: tuple[SheetRow, ...] = field(repr=False)

    def is_of(self, outcome: Outcome) -> bool:
        """Whether the outcome is of this very file."""
        return outcome.workbook.digest == self.sought.digest

    def __str__(self) -> str:
        """Its place and content: ``Import!H27 of a.xlsx, Instructor 'Jon Smith'``."""
        value = repr(self.value) if self.value else "blank"
        holds = f", {self.column} {value}" if self.column else ""
        return f"{self.sheet}!{self.address} of {self.workbook}{holds}"


def workbook_of(connection: psycopg.Connection[Any], typed: str) -> WorkbookFile:
    """The file at a path, or else the one that an import kept, by its name or the beginning of its
    digest.

    Raises ``UsageRefused`` where there is none, or several of that name.
    """
    if Path(typed).is_file():
        return read_file(Path(typed))
    rows = connection.execute(
        "SELECT payload ->> 'digest', payload ->> 'name' FROM ledger.events"
        " WHERE type = 'WorkbookRead' AND (payload ->> 'name' = %(typed)s"
        " OR length(%(typed)s) >= 8 AND starts_with(payload ->> 'digest', lower(%(typed)s)))"
        " ORDER BY position",
        {"typed": escaped(typed)},
    )
    names = dict(rows.fetchall())
    if not names:
        raise UsageRefused(f"{typed} is no file here, and none that was imported is called so")
    if len(names) > 1:
        raise UsageRefused(
            f"{len(names)} files called {typed} were imported; say which, by its digest:"
            f" {', '.join(digest[:_DIGEST] for digest in names)}"
        )
    [(digest, name)] = names.items()
    content = get_blob(connection, bytes.fromhex(digest))
    if content is None:
        raise UsageRefused(f"{name} ({digest[:_DIGEST]}) was imported, and has been erased since")
    return WorkbookFile(name, content)


def cell_of(file: WorkbookFile, typed: str, codes: Iterable[str] = ()) -> Cell:
    """The cell for ``typed``: ``Import!H27``, ``H27``, or the row ``27``.

    ``codes`` are those of the known course templates: a row with one is no hint.

    Raises ``UsageRefused`` where there is no such cell, or its row is no event and no session, and
    ``WorkbookError`` where the file is no workbook of events.
    """
    named_sheet, index, number = _parsed(typed)
    sheet = read_sheet(file).knowing(codes)
    if named_sheet is not None and fold(named_sheet) != fold(sheet.title):
        raise UsageRefused(
            f"sheet {named_sheet!r} is never imported, only {sheet.title!r}; type"
            f" '{sheet.title}!H27'"
        )
    row = next((row for row in sheet.rows if row.number == number), None)
    if row is None:
        raise UsageRefused(f"{file.name}: {_no_row(sheet, number)}")
    column = None if index is None else _headers(sheet).get(index)
    events = (group for group in groups(sheet.rows) if isinstance(group, Group))
    group = next((group for group in events if row in group.rows), None)
    named = {name: row.texts[name] for name in (_CODE, _TITLE) if name in row.texts}
    sought = RowSought(
        file.digest,
        number,
        fingerprint(row),
        group.event_key if group else "",
        named if len(named) == 2 else {},
    )
    value = None if index is None or column is None else shown(row.at(index))
    letters = "" if index is None else get_column_letter(index + 1)
    return Cell(
        file.name, sheet.title, f"{letters}{number}", column, value, sought, group, sheet.rows
    )


def _parsed(typed: str) -> tuple[str | None, int | None, int]:
    """The sheet's name if given, the column's index (A is 0; None for a whole row), and the row's
    number."""
    found = _CELL.fullmatch(typed.strip())
    if found is None:
        raise UsageRefused(f"{typed!r} is no cell; type 'Import!H27', H27 or, for a whole row, 27")
    sheet, column, row = found.group("sheet", "column", "row")
    return sheet, None if column is None else column_index_from_string(column) - 1, int(row)


def _no_row(sheet: Sheet, number: int) -> str:
    if not sheet.rows:
        return f"sheet {sheet.title!r} holds no event"
    first, last = sheet.rows[0].number, sheet.rows[-1].number
    if number == sheet.header.number:
        return f"row {number} is the header; the events stand in rows {first} to {last}"
    if any(row.number == number for row in sheet.hints):
        return f"row {number} explains the columns; the events stand in rows {first} to {last}"
    return f"row {number} is empty; the events stand in rows {first} to {last}"


def _headers(sheet: Sheet) -> dict[int, str]:
    columns = sheet.columns
    known = {index: BY_KEY[key].header for key, index in columns.index.items()}
    return known | dict(columns.extras)


def outcomes_of(
    connection: psycopg.Connection[Any], cell: Cell, *, until: int | None = None
) -> list[Outcome]:
    """The outcome of the cell's row in each import up to a position, newest last.

    Raises ``UsageRefused`` where no import has read it.
    """
    found = recognised(cell, rows_like(connection, cell.sought, until=until))
    if not found:
        row = f"row {cell.sought.number} of {cell.workbook}, from this file or another"
        if until is not None:
            raise UsageRefused(f"by then, no import had read {row}")
        raise UsageRefused(
            f"no import has read {row}; admsync import-events --dry-run says what one would make"
            " of it"
        )
    return found


def recognised(cell: Cell, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes of the cell's own row, among those of similar rows: at most one a run."""
    by_run: dict[UUID | None, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_run[outcome.recorded.run_id].append(outcome)
    chosen = (_same_row(cell, of_run) for of_run in by_run.values())
    return [one for one in chosen if one is not None]


def _same_row(cell: Cell, of_run: list[Outcome]) -> Outcome | None:
    """The row of one import that is the cell's.

    In this very file, the row of that number. In another file, whatever its number: the row with
    the same content in the same event, or nowhere else; else the row that an import would compare
    with it.
    """
    sought = cell.sought
    if cell.is_of(of_run[0]):
        return next((one for one in of_run if one.row.row == sought.number), None)
    alike = [one for one in of_run if one.row.fingerprint == sought.fingerprint]
    in_event = [one for one in alike if one.row.event_key == sought.event_key != ""]
    for same in (in_event, alike):
        if len(same) == 1:
            return same[0]
    number = _compared_with(cell, of_run)
    return next((one for one in of_run if one.row.row == number), None)


def _compared_with(cell: Cell, of_run: list[Outcome]) -> int | None:
    """The number of the imported row with which an import would compare the cell's."""
    if cell.group is None:
        return None
    by_event: dict[str, list[EarlierRow]] = defaultdict(list)
    for one in of_run:
        by_event[one.row.event_key].append(earlier_row(one.row))
    events = []
    for event_key, rows in by_event.items():
        # The event's own row first, as it is the one with a code.
        rows.sort(key=lambda row: (not row.text(_CODE), row.number))
        if rows[0].text(_CODE):
            events.append(EarlierEvent("", of_run[0].workbook.name, tuple(rows), event_key))
    found = EarlierEvents.of(events, cell.workbook, cell.rows).find(cell.group)
    pairs = paired(cell.group, found.rows)[0] if found else []
    return next(
        (then.number for row, then in pairs if then and row.number == cell.sought.number), None
    )
