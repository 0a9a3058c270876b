"""Reads one row for validation; an error is noted, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from attrs import define, field

from importer.reference.product_choice import NoProduct
from importer.validation.names import NamedRecord, NameIndex, NotFoundError
from importer.validation.planned_event import Span
from importer.validation.times import ClockChangeError, in_utc
from importer.validation.verdicts import ProductError
from importer.workbook.cells import CellFault, UnreadableError, is_blank, shown
from importer.workbook.column import CellKind, Column, RowKind
from importer.workbook.names import typed_names
from importer.workbook.problems import CellError, CellNote
from importer.workbook.row import SheetRow
from importer.workbook.template import BY_KEY
from ledger.output.visible import with_what_differs

T = TypeVar("T")


@define
class RowReader:
    """Reads the columns of one row; each method gives the fact, or None with the error noted.

    A blank cell is None too (of a yes or no, a no), and an error only where the row's kind needs
    the column. A cell without a value (`CellFault`) is an error in every column that has a header,
    read or not.
    """

    row: SheetRow
    kind: RowKind
    errors: list[CellError] = field(factory=list)
    notes: list[CellNote] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        for index, value in enumerate(self.row.cells):
            if isinstance(value, CellFault) and index in self.row.columns.names:
                self.refuse_at(index, value.problem, _VALUE)

    def is_blank(self, key: str) -> bool:
        return is_blank(self.row.value(key))

    def refuse(
        self,
        key: str,
        problem: str,
        expected: str = "",
        nearest: str | None = None,
        value: str | None = None,
    ) -> None:
        """Notes an error of a column's cell; ``value`` is the part of the cell it is about."""
        self._note(CellError(*self._cell(key, value), problem, expected, nearest))

    def refuse_unsold(self, unsold: NoProduct) -> None:
        """Notes that the event has no product, with what a person can do about it."""
        expected = f"one product; {unsold.remedy}"
        cell = self._cell("code")
        self._note(ProductError(*cell, str(unsold), expected, no_product=unsold))

    def refuse_at(self, index: int, problem: str, expected: str) -> None:
        """Notes an error of a cell by its column's index, for a column outside the template."""
        columns = self.row.columns
        cell, about = columns.address(self.row.number, index), shown(self.row.at(index))
        self._note(CellError(columns.sheet, cell, columns.names[index], about, problem, expected))

    def warn(self, key: str, message: str, value: str | None = None) -> None:
        note = CellNote(*self._cell(key, value), message)
        if note not in self.notes:
            self.notes.append(note)

    def _cell(self, key: str, value: str | None = None) -> tuple[str, str, str, str]:
        """Sheet, address, column and text, or part of the text, of a cell."""
        about = self.row.text(key) if value is None else value
        return self.row.columns.sheet, self.row.address(key), BY_KEY[key].header, about

    def _note(self, error: CellError) -> None:
        if error not in self.errors:  # a cell may be read for more than one purpose
            self.errors.append(error)

    def fact(self, key: str) -> Any:
        """The value of a column's cell, by the column's kind."""
        column, fact = BY_KEY[key], None
        try:
            fact = self.row.fact(key)
        except UnreadableError as error:
            self.refuse(key, error.problem, error.expected)
        else:
            if fact is None and self.kind in column.needed and self.is_blank(key):
                self.refuse(key, "missing", "a value, which every such row needs")
        return False if fact is None and column.kind is CellKind.YES_NO else fact

    def facts(self, columns: Iterable[Column]) -> dict[str, Any]:
        """The facts of plain columns, by attribute of the planned event or session."""
        return {column.to.planned: self.fact(column.key) for column in columns}

    def found(self, key: str, look_up: Callable[[str], NamedRecord[T]]) -> T | None:
        name: str | None = self.fact(key)
        return None if name is None else self._look_up(key, " ".join(name.split()), look_up)

    def all_found(self, key: str, index: NameIndex[T]) -> tuple[T, ...]:
        """The records named by a column of several names; each name not found is an error."""
        text: str | None = self.fact(key)
        if text is None:
            return ()
        typed = list(typed_names(text, index.is_known))
        if not typed:
            self.refuse(key, "no name between the separators")
        records: dict[T, None] = {}
        for name in typed:
            if name.turned is not None:
                # The name is stored apart from the message: a person can be erased.
                self.refuse(key, _TURNED, _FIRST_LAST, name.turned, name.text)
            elif (record := self._look_up(key, name.text, index.find)) is not None:
                records[record] = None
        return tuple(records)

    def _look_up(self, key: str, name: str, look_up: Callable[[str], NamedRecord[T]]) -> T | None:
        try:
            found = look_up(name)
        except NotFoundError as error:
            self.refuse(key, error.problem, error.expected, error.nearest, name)
            return None
        if found.spelling is not None:
            taken = with_what_differs(f"taken for {found.spelling!r}", name, found.spelling)
            self.warn(key, f"{taken}, the only one written alike", name)
        return found.record

    def span(self, prefix: str, zone: str | None) -> Span | None:
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
            later = f"later than {start:%Y-%m-%d %H:%M}"
            self.refuse(key, "the end is not after the start", later)
            return None
        return Span(start, end, starts_at, ends_at)

    def _moment(self, prefix: str, zone: str | None) -> tuple[datetime, datetime] | None:
        """A moment as local time and as UTC."""
        day, clock = self.fact(f"{prefix}_date"), self.fact(f"{prefix}_time")
        if day is None or clock is None or zone is None:
            return None
        local = datetime.combine(day, clock)
        try:
            return local, in_utc(local, zone)
        except ClockChangeError as error:
            self.refuse(f"{prefix}_time", str(error))
            return None


_TURNED, _FIRST_LAST = "typed last name first", "the first name first, without a comma"
_VALUE = "a value: type it, or open the file in a spreadsheet program and save it"
