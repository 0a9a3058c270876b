"""Refuses titles that are another event's code: where the web application finds an event by its
title, a numbered code would lead it to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from importer.validation.planned_event import Mode, PlannedEvent
from importer.validation.row_reader import RowReader
from importer.validation.verdicts import Accepted, Refused, RefusedRow, Verdict
from importer.workbook.column import RowKind
from importer.workbook.row import SheetRow

_EXPECTED = "another title: the web application finds an event in its tables by this one"


def refuse_taken_titles(
    verdicts: Iterable[Verdict], rows: Iterable[SheetRow], codes: Iterable[str]
) -> Iterator[Verdict]:
    """The verdicts, an accepted event refused where its title is a code already, of an existing
    event or of one before it in the file."""
    numbered = {row.number: row for row in rows}
    taken = dict.fromkeys(codes, "there is an event of this code already")
    for one in verdicts:
        if isinstance(one, Accepted):
            event = one.event
            if (problem := taken.get(event.title)) is not None:
                yield _refused(event, numbered, problem)
                continue
            taken[event.title] = f"the event in row {event.row} of this file has the same title"
        yield one


def _refused(event: PlannedEvent, rows: Mapping[int, SheetRow], problem: str) -> Refused:
    kind = RowKind.LMS if event.mode is Mode.LMS else RowKind.BLENDED
    reader = RowReader(rows[event.row], kind)
    reader.refuse("title", problem, _EXPECTED)
    note = f"set aside with its event: see row {event.row}"
    below = (RefusedRow(one, (), note, event.event_key) for one in event.rows[1:])
    own = RefusedRow(event.row, tuple(reader.errors), "", event.event_key)
    return Refused(event.title, (own, *below))
