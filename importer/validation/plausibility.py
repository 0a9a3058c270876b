"""Implausible values in the events of a workbook: warnings, never refusals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from attrs import frozen

from importer.validation.planned_event import PlannedEvent, PlannedSession
from importer.validation.verdicts import Accepted
from importer.workbook.problems import CellNote
from importer.workbook.row import SheetRow
from importer.workbook.template import BY_KEY
from ledger.output.words import counted, several

LONGEST = timedelta(hours=24)
"""A session that lasts longer is reported."""
FARTHEST = timedelta(days=300)
"""A session farther than this from the middle of its event's others is reported: most such dates
were typed with the wrong year."""


def implausible(
    rows: Iterable[SheetRow], accepted: Sequence[Accepted], today: date
) -> Iterator[CellNote]:
    """All warnings, event by event; ``today`` is the company's date."""
    cells = _Cells({row.number: row for row in rows})
    events = [one.event for one in accepted]
    for event in events:
        yield from _of_event(cells, event)
    yield from _taught_at_once(cells, accepted)
    yield from _in_the_past(cells, events, today)


@frozen
class _Cells:
    """The rows by number, for the notes about their cells."""

    rows: Mapping[int, SheetRow]

    def note(self, row: int, key: str, message: str) -> CellNote:
        found = self.rows[row]
        sheet, address = found.columns.sheet, found.address(key)
        return CellNote(sheet, address, BY_KEY[key].header, found.text(key), message)


def _of_event(cells: _Cells, event: PlannedEvent) -> Iterator[CellNote]:
    far = list(_far_from_the_others(event))
    for one, likely in far:
        message = (
            f"about a year from the event's other sessions; {likely:%Y-%m-%d} would be among them"
        )
        yield cells.note(one.row, "classroom_start_date", message)
    left_out = {one.row for one, _ in far}
    in_order = [one for one in event.sessions if one.row not in left_out]
    for before, after in pairwise(in_order):
        if after.span.starts_at < before.span.starts_at:
            message = f"day {after.day} is before day {before.day}, in row {before.row}"
            yield cells.note(after.row, "classroom_start_date", message)
    for one in event.sessions:
        if one.span.ends_at - one.span.starts_at > LONGEST:
            yield cells.note(one.row, "classroom_end_date", "the session lasts over 24 hours")
        if one.row not in left_out and one.span.ends_at > event.lms.ends_at:
            ends = f"{event.lms.end:%Y-%m-%d}"
            message = f"the class is after the event's LMS end, {ends}"
            yield cells.note(one.row, "classroom_end_date", message)
    spans = [one.span for one in event.sessions] or [event.lms]
    last = max(spans, key=lambda one: one.ends_at).end
    if event.finalisation_date is not None and event.finalisation_date > last.date():
        message = f"after the event, whose last day is {last:%Y-%m-%d}"
        yield cells.note(event.row, "finalisation", message)


def _far_from_the_others(event: PlannedEvent) -> Iterator[tuple[PlannedSession, date]]:
    """Sessions of another year than the rest, each with the day of a year that would fit."""
    starts = [one.span.start.date() for one in event.sessions]
    for place, one in enumerate(event.sessions):
        others = starts[:place] + starts[place + 1 :]
        if len(others) < 2:
            # Of two, nobody can say which is of the wrong year but by the event's own dates.
            others = [event.lms.start.date(), event.lms.end.date()]
        middle = date.fromordinal(int(median(day.toordinal() for day in others)))
        if abs(starts[place] - middle) > FARTHEST:
            yield one, _nearest_year(starts[place], middle)


def _nearest_year(day: date, middle: date) -> date:
    """The same day in the year in which it is nearest to another."""
    years = (middle.year - 1, middle.year, middle.year + 1)
    # There is no 29 February in most.
    number = min(day.day, 28) if day.month == 2 else day.day
    days = (date(year, day.month, number) for year in years)
    return min(days, key=lambda one: abs(one - middle))


def _taught_at_once(cells: _Cells, accepted: Iterable[Accepted]) -> Iterator[CellNote]:
    """Of each instructor, the sessions that begin while another of theirs goes on."""
    taught: dict[str, list[PlannedSession]] = {}
    names: dict[str, str] = {}
    for one in accepted:
        for session in one.event.sessions:
            for person in (instructor.external_id for instructor in session.instructors):
                taught.setdefault(person, []).append(session)
                names[person] = one.names[person]
    for person, sessions in taught.items():
        sessions.sort(key=lambda session: (session.span.starts_at, session.row))
        longest = sessions[0]
        for session in sessions[1:]:
            if session.span.starts_at < longest.span.ends_at:
                message = f"{names[person]} teaches the session of row {longest.row} at that time"
                yield cells.note(session.row, "session_title", message)
            if session.span.ends_at > longest.span.ends_at:
                longest = session


def _in_the_past(cells: _Cells, events: Sequence[PlannedEvent], today: date) -> Iterator[CellNote]:
    """One note, whatever the number: a whole workbook of last year is one mistake."""
    past = [event for event in events if event.lms.start.date() < today]
    begun = [
        (one.row, "classroom_start_date")
        for event in events
        for one in event.sessions
        if one.span.start.date() < today
    ]
    begun += [(event.row, "lms_start_date") for event in past if not event.sessions]
    if not begun:
        return
    row, key = min(begun)
    others = len(begun) - 1
    more = f"; so {several(others, 'is', 'are')} {counted(others, 'more date')}" if others else ""
    yield cells.note(row, key, f"in the past{more}")
