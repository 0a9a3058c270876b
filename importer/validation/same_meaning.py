"""Whether two texts of a column's cells mean the same, however they are typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from importer.validation.times import DEFAULT_ZONE, zone_named
from importer.workbook.cells import UnreadableError, read_date, read_time, read_yes_no
from importer.workbook.names import names_in
from importer.workbook.template import BY_KEY, COLUMNS, Kind, fold

_KINDS = {column.header: column.kind for column in COLUMNS}
_ZONE = BY_KEY["zone"].header


def means_the_same(column: str, before: str, now: str) -> bool:
    """Whether the column's cell says what it said: the same date, time, people, zone, or answer."""
    if fold(before) == fold(now):
        return True
    if column == _ZONE:
        return _zone(before) == _zone(now) is not None
    kind = _KINDS.get(column, Kind.TEXT)
    if kind is Kind.NAMES:
        return {fold(name) for name in names_in(before)} == {fold(name) for name in names_in(now)}
    read = _READERS.get(kind)
    return read is not None and _value(read, before) == _value(read, now) is not None


def day_of(text: str) -> date | None:
    """The day that a cell's text means, if it is one."""
    try:
        return read_date(text)
    except UnreadableError:
        return None


def _zone(text: str) -> str | None:
    return zone_named(text or DEFAULT_ZONE)


def _time(text: str) -> object:
    try:
        return read_time(text)
    except UnreadableError:
        # A part of a day, as a cell of another format had it.
        return read_time(float(text))


_READERS: Mapping[Kind, Callable[[str], object]] = {
    Kind.DATE: read_date,
    Kind.TIME: _time,
    Kind.YES_NO: lambda text: read_yes_no(text or "N"),
}


def _value(read: Callable[[str], object], text: str) -> object:
    try:
        return read(text)
    except (UnreadableError, ValueError):
        return None
