"""What is improbable of a workbook's events is told, cell by cell, and refuses nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from importer.validation.plausibility import implausible
from importer.validation.validate import validate
from importer.validation.verdicts import Accepted
from importer.workbook.cells import Value
from importer.workbook.template import COLUMNS
from tests.importer.references import a_reference
from tests.importer.rows import TypedRow, a_session, an_event, an_lms_event, taught_on
from tests.importer.workbooks import read_workbook, write_rows

BEFORE = date(2025, 1, 1)
JANUARY, MARCH = date(2026, 1, 14), date(2026, 3, 11)


def told(folder: Path, *rows: TypedRow, today: date = BEFORE) -> list[str]:
    """What is said of the rows, all of which are accepted."""
    sheet = read_workbook(write_rows(folder / "events.xlsx", rows, columns=COLUMNS))
    events = [one for one in validate(sheet.rows, a_reference()) if isinstance(one, Accepted)]
    assert sum(len(one.event.rows) for one in events) == len(rows)
    return [str(note) for note in implausible(sheet.rows, events, today)]


def on(day: date, **changes: Value) -> TypedRow:
    return {**taught_on(day), **changes}


def test_of_what_is_as_usual_nothing_is_said(tmp_path: Path) -> None:
    rows = [an_event(**on(JANUARY)), a_session(**on(date(2026, 2, 3)))]
    assert told(tmp_path, *rows, an_lms_event()) == []


@pytest.mark.parametrize(
    ("days", "meant"),
    [
        ((JANUARY, date(2025, 2, 27), MARCH), "2026-02-27"),
        ((date(2025, 1, 14), date(2026, 2, 4), MARCH), "2026-01-14"),
        ((JANUARY, date(2026, 2, 4), date(2027, 3, 11)), "2026-03-11"),
        ((JANUARY, date(2027, 2, 4)), "2026-02-04"),
    ],
)
def test_a_session_of_another_year_is_told_with_the_year_that_would_fit(
    tmp_path: Path, days: tuple[date, ...], meant: str
) -> None:
    first, *others = days
    rows = [an_event(**on(first))]
    rows += [a_session(day=n, **on(day)) for n, day in enumerate(others, start=2)]
    [said] = told(tmp_path, *rows)
    assert f"about a year from the event's other sessions; {meant} would be" in said
    assert "Classroom start date" in said


def test_days_out_of_order_are_told_at_the_later_day(tmp_path: Path) -> None:
    rows = [an_event(**on(date(2026, 2, 3))), a_session(**on(JANUARY))]
    [said] = told(tmp_path, *rows)
    assert "Import!H3 Classroom start date" in said
    assert said.endswith("day 2 is before day 1, in row 2")


@pytest.mark.parametrize("hours", [25, 48, 24 * 30])
def test_a_session_of_over_24_hours_is_told(tmp_path: Path, hours: int) -> None:
    ends = datetime.combine(JANUARY, time(9)) + timedelta(hours=hours)
    own: TypedRow = {"classroom_end_date": ends.date(), "classroom_end_time": ends.time()}
    [said] = told(tmp_path, an_event(**{**on(JANUARY), **own}))
    assert said.endswith("the session lasts over 24 hours")


def test_a_class_after_the_lms_end_is_told(tmp_path: Path) -> None:
    rows = [an_event(**on(JANUARY)), a_session(**on(date(2026, 4, 20)))]
    [said] = told(tmp_path, *rows)
    assert said.endswith("the class is after the event's LMS end, 2026-04-10")


@pytest.mark.parametrize("row", ["within", "across events"])
def test_two_sessions_of_one_instructor_at_one_time_are_told(tmp_path: Path, row: str) -> None:
    first = an_event(**on(JANUARY), session_instructor="John Smith")
    again = {**on(JANUARY), "session_instructor": "John Smith"}
    rows = [first, a_session(**again)]
    if row == "across events":
        rows = [first, an_event(title="E-2", session_title="E-2-1", **again)]
    [said] = told(tmp_path, *rows)
    assert said.endswith("John Smith teaches the session of row 2 at that time")


@pytest.mark.parametrize("own", ["", "Clara Haversham"])
def test_sessions_one_after_the_other_or_of_others_are_not(tmp_path: Path, own: str) -> None:
    first = an_event(**on(JANUARY), session_instructor="John Smith")
    second = on(JANUARY if own else date(2026, 1, 15), session_instructor=own or "John Smith")
    assert told(tmp_path, first, a_session(**second)) == []


@pytest.mark.parametrize("make", [an_event, an_lms_event])
def test_a_finalisation_date_after_the_event_is_told(tmp_path: Path, make: type[TypedRow]) -> None:
    [said] = told(tmp_path, make(finalisation=date(2026, 12, 24)))
    assert "Finalisation date" in said
    assert "after the event, whose last day is" in said


def test_dates_in_the_past_are_told_once(tmp_path: Path) -> None:
    rows = [an_event(**on(JANUARY)), a_session(**on(MARCH)), an_lms_event()]
    [said] = told(tmp_path, *rows, today=date(2026, 11, 26))
    assert said.startswith("Import!H2 Classroom start date")
    assert said.endswith("in the past; so are 2 more dates")
    [one] = told(tmp_path, *rows[:2], today=date(2026, 2, 1))
    assert one.endswith("in the past")
