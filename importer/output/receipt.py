"""The receipt: the workbook as read, each row with its outcome.

It is the error report, the record of ids and the next import in one: corrected, it is imported as
is. Rows keep their numbers; outcomes are by row, independent of their order of completion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from attrs import frozen
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook.child import INVALID_TITLE_REGEX
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from importer.output.problems_sheet import column_of, comment_on, write_problems
from importer.validation.verdicts import Accepted, Skipped, SkipReason, Verdict
from importer.workbook.beside import Beside, OtherSheet
from importer.workbook.problems import CellError
from importer.workbook.row import SheetRow
from importer.workbook.sheet import Sheet
from importer.workbook.template import ABOUT, RECEIPT
from importer.workbook.writing import MARKED, append_header, offer, typed_cell
from ledger.files import NewFile

RUN = "Run"
"""The name, on a receipt's second sheet, of the id of its run."""

_LONGEST_TITLE = 31
_MOST_FROZEN = 4  # columns, or a narrow screen shows no other

_SKIPPED = {
    SkipReason.CANCELLED: ("cancelled", ""),
    SkipReason.DUPLICATE: ("already there", "the same as"),
    SkipReason.LEFT_OUT: ("left out", "left out of"),
}


@frozen
class RowOutcome:
    """The outcome of one row: a word or two, with its ids on both sides."""

    outcome: str
    tutorial_id: str = ""
    administrate_id: str = ""
    errors: tuple[CellError, ...] = ()
    note: str = ""
    event_key: str = ""
    sold_as: str = ""


def accepted(event_key: str, sold_as: str = "") -> RowOutcome:
    """A row of an event or session to create."""
    return RowOutcome("accepted", event_key=event_key, sold_as=sold_as)


def skipped(
    reason: SkipReason, twin: str | None, event_key: str, changed: Iterable[str]
) -> RowOutcome:
    """A row left out on purpose; ``changed`` are the cells not applied to its duplicate."""
    words, place = _SKIPPED[reason]
    notes = [f"{place} {twin}"] if twin else []
    notes += [f"not applied: {cell}" for cell in changed]
    return RowOutcome(words, note="\n".join(notes), event_key=event_key)


def refused(errors: Iterable[CellError], note: str, event_key: str) -> RowOutcome:
    """A row to correct."""
    return RowOutcome("refused", errors=tuple(errors), note=note, event_key=event_key)


def outcomes_of(verdicts: Iterable[Verdict]) -> dict[int, RowOutcome]:
    """Each row's outcome after validation, by row number, before anything is written."""
    outcomes: dict[int, RowOutcome] = {}
    for verdict in verdicts:
        if isinstance(verdict, Accepted):
            event = verdict.event
            outcomes |= dict.fromkeys(event.rows, accepted(event.event_key))
            outcomes[event.row] = accepted(event.event_key, event.sold_as)
        elif isinstance(verdict, Skipped):
            outcome = skipped(
                verdict.reason, verdict.twin, verdict.event_key, verdict.changed_cells
            )
            outcomes |= dict.fromkeys(verdict.rows, outcome)
        else:
            outcomes |= {
                one.row: refused(one.errors, one.note, one.event_key) for one in verdict.rows
            }
    return outcomes


def write_receipt(
    file: NewFile,
    sheet: Sheet,
    outcomes: Mapping[int, RowOutcome],
    about: Mapping[str, str],
    beside: Beside = Beside(),  # noqa: B008 - it cannot be changed
) -> None:
    """Writes the receipt of a sheet; ``about`` (file, run, ledger link …) goes on a sheet of its
    own, and so do the errors, each with a link to its cell. ``beside`` is what else stays.

    The extra columns replace those of an earlier receipt, or follow the last column.
    """
    file.check()
    book = Workbook(write_only=True)
    target = book.create_sheet(INVALID_TITLE_REGEX.sub("_", sheet.title)[:_LONGEST_TITLE])
    target.freeze_panes = _frozen(sheet)
    columns = _receipt_columns(sheet)
    header = [sheet.header.at(index) for index in range(max(sheet.width, *columns.values()) + 1)]
    for column in RECEIPT:
        header[columns[column.key]] = column.header
        target.column_dimensions[get_column_letter(columns[column.key] + 1)].width = 24
    filled = 0
    for row in sorted((sheet.header, *sheet.all_rows), key=lambda row: row.number):
        for _ in range(filled + 1, row.number):
            target.append([])
        filled = row.number
        if row.number == sheet.header.number:
            append_header(target, header)
        elif row.number < sheet.header.number:
            target.append([typed_cell(target, value) for value in row.cells])
        else:
            target.append(_cells(target, row, columns, outcomes.get(row.number)))
    last = get_column_letter(max(sheet.width, *(at + 1 for at in columns.values())))
    target.auto_filter.ref = f"A{sheet.header.number}:{last}{max(filled, sheet.header.number)}"
    for drop_down in beside.drop_downs:
        offer(target, drop_down.choices, drop_down.cells)
    write_problems(book, target.title, outcomes)
    _write_about(book, about)
    for other in beside.sheets:
        _write_other(book, other)
    with file.opened() as into:
        book.save(into)
        # Lost as soon as somebody saves the file anew, with corrections that have to stay.
        with ZipFile(into, "a") as packed:
            packed.comment = about.get(RUN, "").encode()


def is_receipt_of(path: Path, run: str) -> bool:
    """Whether the file is the unmodified receipt of that run, so that it may be replaced."""
    try:
        with ZipFile(path) as packed:
            return packed.comment == run.encode()
    except (OSError, BadZipFile):
        return False


def _receipt_columns(sheet: Sheet) -> dict[str, int]:
    """The index of each receipt column: as in an earlier receipt, or behind the last."""
    free, index = count(sheet.width), sheet.columns.index
    keys = (column.key for column in RECEIPT)
    return {key: index[key] if key in index else next(free) for key in keys}


def _cells(
    target: WriteOnlyWorksheet,
    row: SheetRow,
    columns: Mapping[str, int],
    outcome: RowOutcome | None,
) -> list[Cell]:
    values = [row.at(index) for index in range(max(len(row.cells), *columns.values()) + 1)]
    for index in columns.values():
        values[index] = None
    marked: set[int] = set()
    if outcome is not None:
        errors = "\n".join((*(str(error) for error in outcome.errors), outcome.note)).strip()
        values[columns["outcome"]] = outcome.outcome
        values[columns["tutorial_id"]] = outcome.tutorial_id
        values[columns["administrate_id"]] = outcome.administrate_id
        values[columns["sold_as"]] = outcome.sold_as
        values[columns["errors"]] = errors
        values[columns["event_key"]] = outcome.event_key
        marked = {column_of(error.cell) for error in outcome.errors}
    cells = [typed_cell(target, value) for value in values]
    for index in marked:
        cells[index].fill = MARKED
        cells[index].comment = comment_on(index, outcome.errors if outcome else ())
    return cells


def _frozen(sheet: Sheet) -> str:
    """The cell above and left of which everything stays in sight: the header, and the columns up to
    the event's title where these stand first."""
    title = sheet.columns.index.get("title", _MOST_FROZEN)
    columns = title + 1 if title < _MOST_FROZEN else 0
    return f"{get_column_letter(columns + 1)}{sheet.header.number + 1}"


def _write_other(book: Workbook, other: OtherSheet) -> None:
    sheet = book.create_sheet(INVALID_TITLE_REGEX.sub("_", other.title)[:_LONGEST_TITLE])
    sheet.sheet_state = "visible" if other.visible else "hidden"
    filled = 0
    for number, values in other.rows:
        for _ in range(filled + 1, number):
            sheet.append([])
        filled = number
        sheet.append([typed_cell(sheet, value) for value in values])


def _write_about(book: Workbook, about: Mapping[str, str]) -> None:
    sheet = book.create_sheet(ABOUT)
    for name, value in about.items():
        sheet.append([typed_cell(sheet, name), typed_cell(sheet, value)])
