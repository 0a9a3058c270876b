"""A workbook's sheet with the plan's verdict on each row and cell, as a grid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen
from openpyxl.utils import get_column_letter

from importer.output.receipt import RowOutcome, outcomes_of
from importer.planning.prepare import PreparedImport
from importer.validation.verdicts import ProductError
from importer.workbook.cells import shown
from importer.workbook.row import SheetRow

BAD, DOUBTFUL, CHANGED = "bad", "doubtful", "changed"
# The tabs, by the outcome of a row after validation.
_TABS = {
    "refused": "problems",
    "accepted": "new",
    "already there": "there",
    "cancelled": "skipped",
    "left out": "skipped",
}
TABS = ("problems", "doubtful", "new", "there", "changed", "skipped")


@frozen
class GridCell:
    """A cell's text and, where something is to be said of it, what kind of thing and the words."""

    text: str
    kind: str = ""
    said: tuple[str, ...] = ()


@frozen
class GridRow:
    """A row of the sheet: its number, what becomes of it, and its cells; ``tabs`` that show it."""

    number: int
    outcome: str
    note: str
    tabs: tuple[str, ...]
    cells: tuple[GridCell, ...]


@frozen
class Grid:
    """The sheet as it is shown; ``title`` is the index of the events' titles."""

    columns: tuple[str, ...]
    headers: tuple[str, ...]
    title: int
    rows: tuple[GridRow, ...]

    def of(self, tab: str) -> tuple[GridRow, ...]:
        """The rows of a tab, or all."""
        return tuple(row for row in self.rows if tab in row.tabs) if tab else self.rows

    def counts(self) -> dict[str, int]:
        """How many rows each tab has."""
        return {tab: len(self.of(tab)) for tab in TABS}


def grid_of(prepared: PreparedImport) -> Grid:
    """The grid of a plan."""
    plan, sheet = prepared.plan, prepared.sheet
    outcomes = outcomes_of((*plan.accepted, *plan.skipped, *plan.refused))
    said = _said(prepared)
    columns = tuple(get_column_letter(index + 1) for index in range(sheet.width))
    rows = tuple(_row(row, columns, outcomes.get(row.number), said) for row in sheet.rows)
    headers = tuple(shown(sheet.header.at(index)) for index in range(sheet.width))
    return Grid(columns, headers, sheet.columns.index.get("title", 0), rows)


def _said(prepared: PreparedImport) -> Mapping[str, list[tuple[str, str]]]:
    """What is to be said of each cell: a kind and words, by its address, the worst first."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    plan = prepared.plan
    for event in plan.refused:
        for error in event.errors:
            parts = [error.problem, error.expected]
            nearest = f"nearest {error.nearest!r}" if error.nearest is not None else ""
            found[error.cell].append((BAD, "; ".join(filter(None, [*parts, nearest]))))
    for note in plan.notes:
        found[note.cell].append((DOUBTFUL, note.message))
    for known in plan.changed:
        for change in known.changes:
            words = f"imported before as {change.before or 'blank'}"
            found[change.cell].append((CHANGED, words))
    return found


def _row(
    row: SheetRow,
    columns: Iterable[str],
    outcome: RowOutcome | None,
    said: Mapping[str, list[tuple[str, str]]],
) -> GridRow:
    cells = tuple(
        _cell(shown(row.at(index)), said.get(f"{column}{row.number}", []))
        for index, column in enumerate(columns)
    )
    kinds = {cell.kind for cell in cells}
    tabs = {_TABS[outcome.outcome]} if outcome is not None else set()
    tabs |= kinds & {DOUBTFUL, CHANGED}
    return GridRow(
        row.number,
        outcome.outcome if outcome is not None else "",
        outcome.note if outcome is not None else "",
        tuple(sorted(tabs)),
        cells,
    )


def _cell(text: str, said: list[tuple[str, str]]) -> GridCell:
    if not said:
        return GridCell(text)
    return GridCell(text, said[0][0], tuple(words for _, words in said))


def problems_alike(prepared: PreparedImport) -> Iterator[dict[str, object]]:
    """The errors that are the same in several cells, once, the most frequent first."""
    cells: dict[tuple[str, str, str, str, str | None], list[str]] = defaultdict(list)
    for event in prepared.plan.refused:
        for error in event.errors:
            if not isinstance(error, ProductError):
                same = (error.column, error.value, error.problem, error.expected, error.nearest)
                cells[same].append(error.cell)
    for (column, value, problem, expected, nearest), found in sorted(
        cells.items(), key=lambda one: -len(one[1])
    ):
        yield {
            "column": column,
            "value": value,
            "problem": problem,
            "expected": expected,
            "nearest": nearest,
            "cells": found,
        }
