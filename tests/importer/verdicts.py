"""The verdicts of validation on rows written to a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from importer.reference.values import Reference
from importer.validation.planned_event import PlannedEvent
from importer.validation.validate import validate
from importer.validation.verdicts import Accepted, Refused, Verdict
from importer.workbook.template import COLUMNS
from tests.importer.references import a_reference
from tests.importer.rows import TypedRow
from tests.importer.workbooks import read_workbook, write_rows


def verdicts_on(
    folder: Path, *rows: TypedRow, reference: Reference | None = None, approve: bool = True
) -> list[Verdict]:
    """The verdicts on the rows; against `a_reference` where no other is given."""
    path = write_rows(folder / "events.xlsx", rows, columns=COLUMNS)
    return list(validate(read_workbook(path).rows, reference or a_reference(), approve=approve))


def accepted(folder: Path, *rows: TypedRow, reference: Reference | None = None) -> PlannedEvent:
    """The one event of the rows."""
    return verdict_on(folder, *rows, reference=reference).event


def verdict_on(folder: Path, *rows: TypedRow, reference: Reference | None = None) -> Accepted:
    """The one event of the rows, with its notes."""
    (verdict,) = verdicts_on(folder, *rows, reference=reference)
    assert isinstance(verdict, Accepted), verdict
    return verdict


def events_in(verdicts: Iterable[Verdict]) -> list[PlannedEvent]:
    """The accepted events."""
    return [one.event for one in verdicts if isinstance(one, Accepted)]


def rows_of(verdict: Verdict) -> list[int]:
    """The numbers of the rows that a verdict is on."""
    if isinstance(verdict, Refused):
        return [row.row for row in verdict.rows]
    return list(verdict.event.rows if isinstance(verdict, Accepted) else verdict.rows)


def errors(
    folder: Path, *rows: TypedRow, reference: Reference | None = None, approve: bool = True
) -> list[str]:
    """Every error of every row, as a person is told it."""
    verdicts = verdicts_on(folder, *rows, reference=reference, approve=approve)
    return [str(e) for v in verdicts if isinstance(v, Refused) for e in v.errors]
