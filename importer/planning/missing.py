"""Names of a workbook that no linked record has: each told once, with the rows that need it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen

from importer.validation.names import missing_kind
from importer.workbook.problems import CellError
from ledger.output.visible import with_what_differs
from ledger.output.words import several


@frozen
class MissingName:
    """A name that no linked record of a kind has, in the rows with it; ``nearest`` is the likely
    one that was meant, ``remedy`` what to do where none was."""

    kind: str
    name: str
    rows: tuple[int, ...]
    nearest: str | None
    remedy: str

    def __str__(self) -> str:
        """One line, the likely cause first."""
        told = ""
        if self.nearest is not None:
            told = f"nearest {self.nearest!r}"
            told = f"{with_what_differs(told, self.name, self.nearest)}; or "
        rows = f"{several(len(self.rows), 'row')} {row_ranges(self.rows)}"
        return f"Missing: {self.kind} {self.name!r}, {rows}: {told}{self.remedy}"

    def document(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "kind": self.kind,
            "name": self.name,
            "rows": list(self.rows),
            "nearest": self.nearest,
            "remedy": self.remedy,
        }


def missing_names(errors: Iterable[CellError]) -> list[MissingName]:
    """The missing names among the errors of rows, in their order."""
    found: dict[tuple[str, str], list[CellError]] = {}
    for error in errors:
        if (kind := missing_kind(error.problem)) is not None:
            found.setdefault((kind, error.value), []).append(error)
    return [
        MissingName(kind, name, tuple(_rows(of)), of[0].nearest, of[0].expected)
        for (kind, name), of in found.items()
    ]


def other_errors(errors: Iterable[CellError]) -> Iterator[CellError]:
    """The errors that are about no missing name."""
    return (one for one in errors if missing_kind(one.problem) is None)


def row_ranges(rows: Iterable[int]) -> str:
    """Numbers in order, those that follow each other as one: ``4-9, 12``."""
    ranges: list[list[int]] = []
    for row in sorted(set(rows)):
        if ranges and row == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], row]
        else:
            ranges.append([row])
    return ", ".join("-".join(map(str, one)) for one in ranges)


def _rows(errors: Iterable[CellError]) -> list[int]:
    return sorted({int(re.sub(r"\D", "", one.cell)) for one in errors})
