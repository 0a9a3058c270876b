"""Whether two texts of a column's cells mean the same, however they are typed."""

from __future__ import annotations

from datetime import date

from importer.validation.times import DEFAULT_ZONE, zone_named
from importer.workbook.cells import UnreadableError, read_date, read_time
from importer.workbook.column import CellKind
from importer.workbook.names import names_in
from importer.workbook.template import BY_KEY, COLUMNS, fold

_BY_HEADER = {column.header: column for column in COLUMNS}
_ZONE = BY_KEY["zone"].header


def are_equivalent(column: str, before: str, now: str) -> bool:
    """Whether both texts are the same date, time, people, zone, answer, or else text."""
    if fold(before) == fold(now):
        return True
    if column == _ZONE:
        return _zone(before) == _zone(now) is not None
    kind = _BY_HEADER[column].kind if column in _BY_HEADER else CellKind.TEXT
    if kind is CellKind.NAMES:
        return {fold(name) for name in names_in(before)} == {fold(name) for name in names_in(now)}
    if kind not in (CellKind.DATE, CellKind.TIME, CellKind.YES_NO):
        return False
    return _fact(column, before) == _fact(column, now) is not None


def day_of(text: str) -> date | None:
    """The day that a cell's text means, if it is one."""
    try:
        return read_date(text)
    except UnreadableError:
        return None


def _zone(text: str) -> str | None:
    return zone_named(text or DEFAULT_ZONE)


def _fact(header: str, text: str) -> object:
    column = _BY_HEADER[header]
    try:
        return column.read(text or ("N" if column.kind is CellKind.YES_NO else ""))
    except UnreadableError:
        return _part_of_a_day(text) if column.kind is CellKind.TIME else None


def _part_of_a_day(text: str) -> object:
    """A time as a cell of another format has it."""
    try:
        return read_time(float(text))
    except (UnreadableError, ValueError):
        return None
