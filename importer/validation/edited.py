"""What was changed in an event's rows since they were imported.

An import makes an event once. What is changed in the workbook afterwards reaches neither system, so
it is told, cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen
from openpyxl.utils import get_column_letter

from importer.validation.earlier_events import EarlierRow, texts_of
from importer.validation.same_meaning import means_the_same
from importer.workbook.cells import UnreadableError, read_yes_no, shown
from importer.workbook.grouping import Group
from importer.workbook.sheet import Row, Sheet
from importer.workbook.template import BY_KEY, fold

_SESSION, _DAY = BY_KEY["session_title"].header, BY_KEY["day"].header


@frozen
class Change:
    """A cell that says something else than when its event was imported; ``cell`` is its address.

    Of a row that came or went, ``column`` is *row* and one of the texts is empty.
    """

    sheet: str
    cell: str
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        """One line: ``Import!P4 Max places 14 → 99: not applied``."""
        before, after = self.before or "blank", self.after or "blank"
        return f"{self.sheet}!{self.cell} {self.column} {before} → {after}: not applied"


def changes(sheet: Sheet, group: Group, earlier: Sequence[EarlierRow]) -> tuple[Change, ...]:
    """What differs between an event's rows and those it was imported from, row by row."""
    assert group.event is not None  # noqa: S101 - only events are imported
    return tuple(_changes(sheet, group.event, group.sessions, earlier))


def rows_of(sheet: Sheet, group: Group) -> tuple[EarlierRow, ...]:
    """An event's rows, for a later one of the same file to be compared with."""
    rows = [row for row in (group.event, *group.sessions) if row is not None]
    return tuple(EarlierRow(row.number, texts_of(sheet, row)) for row in rows)


def is_cancelled(sheet: Sheet, row: Row) -> bool:
    """Whether the row says that it is; what cannot be read is told as an error elsewhere."""
    try:
        return read_yes_no(sheet.value(row, "cancelled"))
    except UnreadableError:
        return False


def _changes(
    sheet: Sheet, event: Row, sessions: Sequence[Row], earlier: Sequence[EarlierRow]
) -> Iterator[Change]:
    yield from _of_row(sheet, event, earlier[0])
    pairs, gone = _paired(sheet, sessions, earlier[1:])
    for row, before in pairs:
        if before is None:
            # One that was cancelled then was not imported, and is none that came since.
            if not is_cancelled(sheet, row):
                title = shown(sheet.value(row, "session_title"))
                yield Change(sheet.title, f"A{row.number}", "row", "", title)
        else:
            yield from _of_row(sheet, row, before)
    for before in gone:
        name = before.text(_SESSION) or f"day {before.text(_DAY)}"
        told = f"{name} (row {before.number} then)"
        yield Change(sheet.title, f"A{event.number}", "row", told, "")


def _of_row(sheet: Sheet, row: Row, before: EarlierRow) -> Iterator[Change]:
    now = texts_of(sheet, row)
    places = {name: index for index, name in sheet.names.items()}
    # A column that this workbook does not have says nothing.
    for column in sorted(places, key=lambda name: places[name]):
        forgotten = before.cells.get(column, "") is None
        was, is_now = before.text(column), now.get(column, "")
        if not forgotten and not means_the_same(column, was, is_now):
            cell = f"{get_column_letter(places[column] + 1)}{row.number}"
            yield Change(sheet.title, cell, column, was, is_now)


def _paired(
    sheet: Sheet, sessions: Sequence[Row], earlier: Sequence[EarlierRow]
) -> tuple[list[tuple[Row, EarlierRow | None]], list[EarlierRow]]:
    """Each session with what it was, and what is there no longer: by title, then by day, then by
    what is left in order."""
    left = list(earlier)
    found: dict[int, EarlierRow] = {}
    for column in (_SESSION, _DAY):
        for row in sessions:
            text = fold(texts_of(sheet, row).get(column, ""))
            same = [one for one in left if text and fold(one.text(column)) == text]
            if row.number not in found and len(same) == 1:
                found[row.number] = same[0]
                left.remove(same[0])
    rest = [row for row in sessions if row.number not in found]
    if len(rest) == len(left):
        found |= {row.number: one for row, one in zip(rest, left, strict=True)}
        left = []
    return [(row, found.get(row.number)) for row in sessions], left
