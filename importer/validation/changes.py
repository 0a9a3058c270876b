"""The cells of an event's rows that differ from its import.

An import creates an event once: later changes of the workbook reach neither system, and are
reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from importer.reference.values import EarlierRow
from importer.validation.equivalence import are_equivalent
from importer.workbook.cells import UnreadableError
from importer.workbook.grouping import Group
from importer.workbook.row import SheetRow
from importer.workbook.template import BY_KEY, fold
from ledger.output.visible import with_what_differs

_SESSION, _DAY = BY_KEY["session_title"].header, BY_KEY["day"].header


@frozen
class CellChange:
    """A cell that differs from its event's import; ``cell`` is its address.

    For a row that was added or removed, ``column`` is *row* and one of the texts is empty. ``row``
    is the number of the row in the sheet.
    """

    sheet: str
    cell: str
    column: str
    before: str
    after: str
    row: int = 0

    def __str__(self) -> str:
        """One line: ``Import!P4 Max places 14 → 99: not applied``."""
        return f"{self.in_words}: not applied"

    @property
    def in_words(self) -> str:
        """The cell and both texts."""
        before, after = self.before or "blank", self.after or "blank"
        change = with_what_differs(f"{before} → {after}", self.before, self.after)
        return f"{self.sheet}!{self.cell} {self.column} {change}"


def changes(group: Group, earlier: Sequence[EarlierRow]) -> Iterator[CellChange]:
    """The differences between an event's rows and those of its import, row by row."""
    sheet = group.event.columns.sheet
    pairs, removed = paired(group, earlier)
    for row, before in pairs:
        if before is not None:
            yield from _of_row(row, before)
        elif not is_cancelled(row):  # one that was cancelled then was not imported
            yield CellChange(sheet, f"A{row.number}", "row", "", row.text("session_title"))
    for before in removed:
        name = before.text(_SESSION) or f"day {before.text(_DAY)}"
        yield CellChange(
            sheet, f"A{group.event.number}", "row", f"{name} (row {before.number} then)", ""
        )


def is_cancelled(row: SheetRow) -> bool:
    """Whether the row is marked as cancelled; an unreadable mark is an error elsewhere."""
    try:
        return bool(row.fact("cancelled"))
    except UnreadableError:
        return False


def _of_row(row: SheetRow, before: EarlierRow) -> Iterator[CellChange]:
    # Columns that this workbook lacks are not compared, nor cells with a forgotten name.
    for index, column in sorted(row.columns.names.items()):
        forgotten = before.cells.get(column, "") is None
        was, is_now = before.text(column), row.texts.get(column, "")
        if not forgotten and not are_equivalent(column, was, is_now):
            cell = row.columns.address(row.number, index)
            yield CellChange(row.columns.sheet, cell, column, was, is_now, row.number)


def paired(
    group: Group, earlier: Sequence[EarlierRow]
) -> tuple[list[tuple[SheetRow, EarlierRow | None]], list[EarlierRow]]:
    """Each row of an event with its imported row, and the imported rows without one.

    The events' own rows are a pair; sessions are paired by title, then by day, then the rest in
    order.
    """
    sessions = group.sessions
    left = list(earlier[1:])
    found = {group.event.number: earlier[0]}
    for column in (_SESSION, _DAY):
        for row in sessions:
            text = fold(row.texts.get(column, ""))
            same = [one for one in left if text and fold(one.text(column)) == text]
            if row.number not in found and len(same) == 1:
                found[row.number] = same[0]
                left.remove(same[0])
    rest = [row for row in sessions if row.number not in found]
    if len(rest) == len(left):
        found |= {row.number: one for row, one in zip(rest, left, strict=True)}
        left = []
    return [(row, found.get(row.number)) for row in group.rows], left
