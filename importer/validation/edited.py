"""Events of a workbook that were imported before, and what was changed in their rows since.

An import makes an event once. What is changed in the workbook afterwards reaches neither system, so
it is told, cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from attrs import define, field, frozen
from openpyxl.utils import get_column_letter

from importer.workbook.cells import UnreadableError, read_date, read_time, read_yes_no, shown
from importer.workbook.grouping import Group, raw_row
from importer.workbook.names import names_in
from importer.workbook.sheet import Row, Sheet
from importer.workbook.template import BY_KEY, COLUMNS, Kind, fold

_CODE, _TITLE, _START, _SESSION, _DAY = (
    BY_KEY[key].header for key in ("code", "title", "lms_start_date", "session_title", "day")
)
_KINDS = {column.header: column.kind for column in COLUMNS}
_Key: TypeAlias = tuple[str, str]


@frozen
class EarlierRow:
    """A row as it stood when it was imported: each cell's text by column, blank ones left out.

    A cell that held a name of somebody who was forgotten since is None.
    """

    number: int
    cells: Mapping[str, str | None] = field(hash=False)

    def text(self, column: str) -> str:
        """What stood in a column; empty where nothing did, or where it is forgotten."""
        return self.cells.get(column) or ""


@frozen
class EarlierEvent:
    """An event that an import made and that still stands: its rows then, its own first.

    ``record`` is the tutorial event, ``workbook`` the name of the file.
    """

    record: str
    workbook: str
    rows: tuple[EarlierRow, ...]

    @property
    def told(self) -> str:
        """Which event it is, for a person."""
        return f"{self.record}, imported from row {self.rows[0].number} of {self.workbook}"


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


@define
class EarlierEvents:
    """The events of earlier imports, found again by template and title or by their row."""

    workbook: str
    _by_title: dict[_Key, list[EarlierEvent]] = field(factory=dict)
    _by_row: dict[int, EarlierEvent] = field(factory=dict)
    _titles: frozenset[_Key] = frozenset()

    @classmethod
    def of(cls, events: Iterable[EarlierEvent], workbook: str, sheet: Sheet) -> EarlierEvents:
        """Index the events, the newest last, for a sheet of a file of that name."""
        titles = frozenset(_key(_texts(sheet, row)) for row in sheet.rows)
        earlier = cls(workbook, titles=titles)
        for event in events:
            earlier._by_title.setdefault(_key(event.rows[0].cells), []).append(event)
            if event.workbook == workbook:
                earlier._by_row[event.rows[0].number] = event
        return earlier

    def find(self, sheet: Sheet, row: Row) -> EarlierEvent | None:
        """The event that a row made when it was imported; None for one that was not.

        Of several of that template and title, the one that starts on the same day. One whose title
        was changed is known by its row, where no other row of the sheet has the title it had.
        """
        now = _texts(sheet, row)
        same = self._by_title.get(_key(now), [])
        starting = [one for one in same if _alike(_START, one.rows[0].text(_START), now)]
        if starting or len(same) == 1:
            return (starting or same)[-1]
        there = self._by_row.get(row.number)
        if same or there is None or _key(there.rows[0].cells) in self._titles:
            return None
        return there if fold(there.rows[0].text(_CODE)) == fold(now.get(_CODE, "")) else None


def changes(sheet: Sheet, group: Group, earlier: Sequence[EarlierRow]) -> tuple[Change, ...]:
    """What differs between an event's rows and those it was imported from, row by row."""
    assert group.event is not None  # noqa: S101 - only events are imported
    return tuple(_changes(sheet, group.event, group.sessions, earlier))


def rows_of(sheet: Sheet, group: Group) -> tuple[EarlierRow, ...]:
    """An event's rows, for a later one of the same file to be compared with."""
    rows = [row for row in (group.event, *group.sessions) if row is not None]
    return tuple(EarlierRow(row.number, _texts(sheet, row)) for row in rows)


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
    now = _texts(sheet, row)
    places = {name: index for index, name in sheet.names.items()}
    # A column that this workbook does not have says nothing.
    for column in sorted(places, key=lambda name: places[name]):
        forgotten = before.cells.get(column, "") is None
        if not forgotten and not _alike(column, before.text(column), now):
            cell = f"{get_column_letter(places[column] + 1)}{row.number}"
            yield Change(sheet.title, cell, column, before.text(column), now.get(column, ""))


def _paired(
    sheet: Sheet, sessions: Sequence[Row], earlier: Sequence[EarlierRow]
) -> tuple[list[tuple[Row, EarlierRow | None]], list[EarlierRow]]:
    """Each session with what it was, and what is there no longer: by title, then by day, then by
    what is left in order."""
    left = list(earlier)
    found: dict[int, EarlierRow] = {}
    for column in (_SESSION, _DAY):
        for row in sessions:
            text = fold(_texts(sheet, row).get(column, ""))
            same = [one for one in left if text and fold(one.text(column)) == text]
            if row.number not in found and len(same) == 1:
                found[row.number] = same[0]
                left.remove(same[0])
    rest = [row for row in sessions if row.number not in found]
    if len(rest) == len(left):
        found |= {row.number: one for row, one in zip(rest, left, strict=True)}
        left = []
    return [(row, found.get(row.number)) for row in sessions], left


def _texts(sheet: Sheet, row: Row) -> dict[str, str]:
    return dict(raw_row(sheet, row))


def _key(cells: Mapping[str, str | None]) -> _Key:
    return fold(cells.get(_CODE) or ""), fold(cells.get(_TITLE) or "")


def _alike(column: str, before: str, row: Mapping[str, str]) -> bool:
    """Whether a cell means what it meant, however it is typed."""
    now = row.get(column, "")
    kind = _KINDS.get(column, Kind.TEXT)
    if fold(before) == fold(now):
        return True
    if kind is Kind.NAMES:
        return {fold(name) for name in names_in(before)} == {fold(name) for name in names_in(now)}
    read = _READERS.get(kind)
    return read is not None and _value(read, before) == _value(read, now) is not None


def _time(text: str) -> object:
    try:
        return read_time(text)
    except UnreadableError:
        # A part of a day, as a cell of another format had it.
        return read_time(float(text))


_READERS: dict[Kind, Callable[[str], object]] = {
    Kind.DATE: read_date,
    Kind.TIME: _time,
    Kind.YES_NO: lambda text: read_yes_no(text or "N"),
}


def _value(read: Callable[[str], object], text: str) -> object:
    try:
        return read(text)
    except (UnreadableError, ValueError):
        return None
