"""What is wrong with a workbook, and with one cell of it, told so that a person can mend it."""

from __future__ import annotations

from attrs import field, frozen

from importer.reference.product_choice import NoProduct
from ledger.errors import AdmsyncError

SHOWN = 80
"""Longest part of a cell's value that a message repeats."""


class WorkbookError(AdmsyncError):
    """The file cannot be taken as a workbook of events at all; nothing in it was looked at."""


@frozen
class CellError:
    """One thing wrong with one cell: where, what stands there, what is wrong and what was expected.

    ``nearest`` is the known value most like the one found, where one is near; ``unsold`` is the
    product that a person has to choose, where that is what is wrong.
    """

    sheet: str
    cell: str
    column: str
    value: str
    problem: str
    expected: str = ""
    nearest: str | None = None
    unsold: NoProduct | None = field(default=None, eq=False)

    def __str__(self) -> str:
        """One line: ``Import!H27 Instructor 'Jon Smth': what is wrong; nearest 'John Smith'``."""
        shown = self.value if len(self.value) <= SHOWN else f"{self.value[:SHOWN]}…"
        parts = [self.problem]
        if self.expected:
            parts.append(self.expected)
        if self.nearest is not None:
            parts.append(f"nearest {self.nearest!r}")
        return f"{self.sheet}!{self.cell} {self.column} {shown!r}: {'; '.join(parts)}"


@frozen
class CellNote:
    """What a person should see of one cell before an import, though it stops nothing."""

    sheet: str
    cell: str
    column: str
    value: str
    told: str

    def __str__(self) -> str:
        """One line, as an error is told."""
        shown = self.value if len(self.value) <= SHOWN else f"{self.value[:SHOWN]}…"
        return f"{self.sheet}!{self.cell} {self.column} {shown!r}: {self.told}"
