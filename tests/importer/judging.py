"""Rows written to a workbook, read and judged, for tests to say what became of them."""

from __future__ import annotations

from pathlib import Path

from importer.reference.values import Reference
from importer.validation.validate import validate
from importer.validation.verdicts import AcceptedEvent, Refused, Verdict
from importer.workbook.template import COLUMNS
from tests.importer.references import a_reference
from tests.importer.rows import TypedRow
from tests.importer.workbooks import read_workbook, write_rows


def judged(
    folder: Path, *rows: TypedRow, reference: Reference | None = None, approve: bool = True
) -> list[Verdict]:
    """The verdicts on the rows; against `a_reference` where no other is given."""
    path = write_rows(folder / "events.xlsx", rows, columns=COLUMNS)
    return list(validate(read_workbook(path), reference or a_reference(), approve=approve))


def accepted(folder: Path, *rows: TypedRow, reference: Reference | None = None) -> AcceptedEvent:
    """The one event that the rows make."""
    (verdict,) = judged(folder, *rows, reference=reference)
    assert isinstance(verdict, AcceptedEvent), verdict
    return verdict


def errors(
    folder: Path, *rows: TypedRow, reference: Reference | None = None, approve: bool = True
) -> list[str]:
    """Every error of every row, as a person is told it."""
    verdicts = judged(folder, *rows, reference=reference, approve=approve)
    return [str(e) for v in verdicts if isinstance(v, Refused) for e in v.errors]
