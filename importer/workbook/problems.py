"""Errors of a workbook and of its cells, as shown to the person who corrects them."""

from __future__ import annotations

from attrs import frozen

from ledger.errors import AdmsyncError
from ledger.output.visible import with_what_differs

SHOWN = 80
"""Longest part of a cell's value that a message repeats."""


class WorkbookError(AdmsyncError):
    """The file is no workbook of events; nothing in it was imported."""


@frozen
class CellError:
    """An error of one cell: its address, its content, the problem and the expected value.

    ``nearest`` is the most similar known value, where one is near.
    """

    sheet: str
    cell: str
    column: str
    value: str
    problem: str
    expected: str = ""
    nearest: str | None = None

    def __str__(self) -> str:
        """One line: ``Import!H27 Instructor 'Jon Smth': what is wrong; nearest 'John Smith'``."""
        shown = self.value if len(self.value) <= SHOWN else f"{self.value[:SHOWN]}…"
        parts = [self.problem]
        # The likely cause first: what was meant, before what to do where it was not.
        if self.nearest is not None:
            nearest = f"nearest {self.nearest!r}"
            parts.append(with_what_differs(nearest, self.value, self.nearest))
        if self.expected:
            parts.append(self.expected)
        return f"{self.sheet}!{self.cell} {self.column} {shown!r}: {'; '.join(parts)}"


@frozen
class CellNote:
    """A warning about one cell, which does not stop the import."""

    sheet: str
    cell: str
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= SHOWN else f"{self.value[:SHOWN]}…"
        return f"{self.sheet}!{self.cell} {self.column} {shown!r}: {self.message}"
