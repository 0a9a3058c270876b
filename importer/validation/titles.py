"""Titles that another event has as its code: where the web application finds an event by its title,
a code with a number behind it would lead it to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from importer.validation.planned_event import Mode, PlannedEvent
from importer.validation.rows import RowReader
from importer.validation.verdicts import Accepted, Refused, RefusedRow, Verdict
from importer.workbook.sheet import Sheet
from importer.workbook.template import RowKind

_EXPECTED = "another title: the web application finds an event in its tables by this one"


def refuse_taken_titles(
    verdicts: Iterable[Verdict], sheet: Sheet, codes: Iterable[str]
) -> Iterator[Verdict]:
    """The verdicts, an accepted event refused where its title is a code already, of an event that
    is there or of one before it in the file."""
    taken = dict.fromkeys(codes, "there is an event of this code already")
    for one in verdicts:
        if isinstance(one, Accepted):
            event = one.event
            if (problem := taken.get(event.title)) is not None:
                yield _refused(event, sheet, problem)
                continue
            taken[event.title] = f"the event in row {event.row} of this file has the same title"
        yield one


def _refused(event: PlannedEvent, sheet: Sheet, problem: str) -> Refused:
    row = next(row for row in sheet.rows if row.number == event.row)
    kind = RowKind.LMS if event.mode is Mode.LMS else RowKind.BLENDED
    reader = RowReader(sheet, row, kind)
    reader.refuse("title", problem, _EXPECTED)
    note = f"set aside with its event: see row {event.row}"
    below = (RefusedRow(one, (), note, event.event_key) for one in event.rows[1:])
    own = RefusedRow(event.row, tuple(reader.errors), "", event.event_key)
    return Refused(event.title, (own, *below))
