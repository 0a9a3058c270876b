"""Reads one row cell by cell; an error is noted, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, TypeVar

from attrs import define, field
from openpyxl.utils import get_column_letter

from importer.reference.product_choice import NoProduct
from importer.validation.names import Found, Names, NotFoundError
from importer.validation.planned_event import Span
from importer.validation.times import ClockChangeError, in_utc
from importer.workbook import cells
from importer.workbook.cells import Fault, UnreadableError, Value, is_blank, shown
from importer.workbook.names import typed_names
from importer.workbook.problems import CellError, CellNote
from importer.workbook.sheet import Row, Sheet
from importer.workbook.template import BY_KEY, RowKind

Fact = TypeVar("Fact")


@define
class RowReader:
    """Reads the columns of one row; each method gives the fact, or None with the error noted.

    A blank cell is None too, and an error only where the row's kind needs the column. A cell
    without a value (`Fault`) is an error in every column that has a header, read or not.
    """

    sheet: Sheet
    row: Row
    kind: RowKind
    errors: list[CellError] = field(factory=list)
    notes: list[CellNote] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        keys = {index: key for key, index in self.sheet.columns.items()}
        for index in self.sheet.names:
            if isinstance(value := self.row.at(index), Fault):
                if index in keys:
                    self.refuse(keys[index], value.problem, _VALUE)
                else:
                    self.refuse_at(index, value.problem, _VALUE)

    def value(self, key: str) -> Value:
        """A column's value."""
        return self.sheet.value(self.row, key)

    def is_blank(self, key: str) -> bool:
        """Whether a column's cell is blank."""
        return is_blank(self.value(key))

    def refuse(
        self,
        key: str,
        problem: str,
        expected: str = "",
        nearest: str | None = None,
        value: str | None = None,
    ) -> None:
        """Notes an error of a column's cell; ``value`` is the part of the cell it is about."""
        cell = self.sheet.address(self.row, key)
        about = shown(self.value(key)) if value is None else value
        title, column = self.sheet.title, BY_KEY[key].header
        self._note(CellError(title, cell, column, about, problem, expected, nearest))

    def refuse_unsold(self, unsold: NoProduct) -> None:
        """Notes that the event has no product, with what a person can do about it."""
        cell, about = self.sheet.address(self.row, "code"), shown(self.value("code"))
        title, column = self.sheet.title, BY_KEY["code"].header
        expected = f"one product; {unsold.remedy}"
        self._note(CellError(title, cell, column, about, str(unsold), expected, unsold=unsold))

    def refuse_at(self, index: int, problem: str, expected: str) -> None:
        """Notes an error of a cell by its column's index, for a column outside the template."""
        cell = f"{get_column_letter(index + 1)}{self.row.number}"
        column, about = shown(self.sheet.header.at(index)), shown(self.row.at(index))
        self._note(CellError(self.sheet.title, cell, column, about, problem, expected))

    def warn(self, key: str, told: str, value: str | None = None) -> None:
        """Notes a warning about a column's cell."""
        about = shown(self.value(key)) if value is None else value
        cell = self.sheet.address(self.row, key)
        note = CellNote(self.sheet.title, cell, BY_KEY[key].header, about, told)
        if note not in self.notes:
            self.notes.append(note)

    def _note(self, error: CellError) -> None:
        if error not in self.errors:  # a cell may be read for more than one purpose
            self.errors.append(error)

    def text(self, key: str) -> str | None:
        """A text column."""
        return self._read(key, lambda value: cells.read_text(value, BY_KEY[key].most))

    def day(self, key: str) -> date | None:
        """A date column."""
        return self._read(key, cells.read_date)

    def clock(self, key: str) -> time | None:
        """A time column."""
        return self._read(key, cells.read_time)

    def number(self, key: str) -> int | None:
        """A number column, within the bounds its declaration sets."""
        column = BY_KEY[key]
        return self._read(key, lambda value: cells.read_number(value, column.least, column.most))

    def url(self, key: str) -> str | None:
        """A URL column."""
        return self._read(key, cells.read_url)

    def yes(self, key: str) -> bool:
        """A Y or N column; blank is N."""
        return self._read(key, cells.read_yes_no) or False

    def found(self, key: str, look_up: Callable[[str], Found[Fact]]) -> Fact | None:
        """The record named by a text column."""
        name = self._read(key, lambda value: cells.read_name(value, BY_KEY[key].most))
        return None if name is None else self._look_up(key, " ".join(name.split()), look_up)

    def all_found(
        self, key: str, names: Names[Any], look_up: Callable[[str], Found[Fact]]
    ) -> tuple[Fact, ...]:
        """The records named by a column of several names; each name not found is an error.

        ``names`` are those known to ``look_up``.
        """
        text = self._read(key, lambda value: cells.read_name(value, BY_KEY[key].most))
        if text is None:
            return ()
        typed = list(typed_names(text, names.is_known))
        if not typed:
            self.refuse(key, "no name between the separators")
        records: dict[Fact, None] = {}
        for name in typed:
            if name.turned is not None:
                # The name is stored apart from the message: a person can be erased.
                self.refuse(key, _TURNED, _FIRST_LAST, name.turned, name.text)
            elif (record := self._look_up(key, name.text, look_up)) is not None:
                records[record] = None
        return tuple(records)

    def window(self, prefix: str, zone: str | None) -> Span | None:
        """Start and end from the four columns of ``classroom`` or ``lms``, the end after the start.

        A zone that is None was refused already: the cells are still read for their own errors.
        """
        begins = self._moment(f"{prefix}_start", zone)
        ends = self._moment(f"{prefix}_end", zone)
        if begins is None or ends is None:
            return None
        (start, starts_at), (end, ends_at) = begins, ends
        if ends_at <= starts_at:
            key = f"{prefix}_end_{'time' if start.date() == end.date() else 'date'}"
            later = f"later than {start:%d/%m/%Y %H:%M}"
            self.refuse(key, "the end is not after the start", later)
            return None
        return Span(start, end, starts_at, ends_at)

    def _moment(self, prefix: str, zone: str | None) -> tuple[datetime, datetime] | None:
        """A moment as local time and as UTC."""
        day, clock = self.day(f"{prefix}_date"), self.clock(f"{prefix}_time")
        if day is None or clock is None or zone is None:
            return None
        local = datetime.combine(day, clock)
        try:
            return local, in_utc(local, zone)
        except ClockChangeError as error:
            self.refuse(f"{prefix}_time", str(error))
            return None

    def _look_up(self, key: str, name: str, look_up: Callable[[str], Found[Fact]]) -> Fact | None:
        try:
            found = look_up(name)
        except NotFoundError as error:
            self.refuse(key, error.problem, error.expected, error.nearest, name)
            return None
        if found.spelling is not None:
            self.warn(key, f"taken for {found.spelling!r}, the only one written alike", name)
        return found.record

    def _read(self, key: str, read: Callable[[Value], Fact]) -> Fact | None:
        value = self.value(key)
        if isinstance(value, Fault):
            return None
        if is_blank(value):
            if self.kind in BY_KEY[key].needed:
                self.refuse(key, "missing", "a value, which every such row needs")
            return None
        try:
            return read(value)
        except UnreadableError as error:
            self.refuse(key, error.problem, error.expected)
            return None


_TURNED, _FIRST_LAST = "typed last name first", "the first name first, without a comma"
_VALUE = "a value: type it, or open the file in a spreadsheet program and save it"
