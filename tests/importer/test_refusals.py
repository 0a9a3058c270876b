"""What each rule of the import refuses, and how it says so."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from importer.reference.values import (
    RecordKind,
    Side,
    UnlinkedRecord,
)
from importer.validation.verdicts import Accepted, Refused
from importer.workbook.cells import Value
from tests.importer.references import a_reference
from tests.importer.rows import TypedRow, a_session, an_event, an_lms_event, taught_on
from tests.importer.verdicts import errors, verdicts_on


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"session_instructor": "Jon Smth"},
            (
                "Import!S2 Session instructor 'Jon Smth': no linked instructor of that name; "
                "nearest 'John Smith'; "
                "neither side is known to have it: enter it in both, "
                "then run `admsync sync instructors`"
            ),
        ),
        (
            {"venue": "Live online"},
            (
                "Import!F2 Venue 'Live online': no venue of 'London', but of 'Live online'; "
                "a venue of the row's location"
            ),
        ),
        (
            {"classroom_end_time": "08:59"},
            (
                "Import!K2 Classroom end time '08:59': the end is not after the start; "
                "later than 2026-01-14 09:00"
            ),
        ),
        (
            {"mode": "Classroom"},
            (
                "Import!D2 Learning mode 'Classroom': contradicts the course template code; "
                "'Blended' for such a code"
            ),
        ),
        (
            {"sitting": "2026"},
            "Import!Z2 Sitting '2026': no sitting; a year and A (April) or S (September): 2026A",
        ),
        (
            {"max_places": "a dozen"},
            "Import!P2 Max places 'a dozen': not a whole number; a whole number from 0 to 9999",
        ),
        (
            {"title": None},
            "Import!B2 Event title '': missing; a value, which every such row needs",
        ),
        (
            {"administrator": "Pat Quil"},
            (
                "Import!T2 Event administrator 'Pat Quil': no administrator of that name in "
                "Administrate; nearest 'Pat Quill'; "
                "the name of a contact marked there as administrator"
            ),
        ),
        (
            {"zone": "Europe - Atlantis"},
            (
                "Import!G2 Time Zone 'Europe - Atlantis': no time zone of that name; "
                "one such as 'Europe - London'"
            ),
        ),
    ],
)
def test_an_error_names_the_cell_the_value_what_was_expected_and_what_is_near(
    tmp_path: Path, changes: dict[str, Value], message: str
) -> None:
    assert errors(tmp_path, an_event(**changes)) == [message]


def test_every_error_of_every_row_is_told_at_once(tmp_path: Path) -> None:
    told = errors(
        tmp_path,
        an_event(title=None, location="Paris", day="one", instructor="A / B", sitting="x"),
        a_session(session_title=None, session_url="room"),
        an_event(title="E-2", max_places=-1),
    )
    cells = [message.split()[0] for message in told]
    assert sorted(cells) == sorted(
        f"Import!{cell}" for cell in ("B2", "E2", "U2", "R2", "R2", "Z2", "C3", "W3", "P4")
    )


@pytest.mark.parametrize(
    ("sides", "remedy"),
    [
        ((Side.TUTORIAL,), "Administrate lacks it: run `admsync sync locations`"),
        ((Side.ADMINISTRATE,), "the tutorial tables lack it: enter it there, then run"),
        ((Side.TUTORIAL, Side.ADMINISTRATE), "both sides have it, not linked: run"),
    ],
)
def test_an_error_says_which_side_lacks_the_record(
    tmp_path: Path, sides: tuple[Side, ...], remedy: str
) -> None:
    unlinked = tuple(UnlinkedRecord(RecordKind.LOCATION, side, "Leeds") for side in sides)
    (message,) = errors(
        tmp_path, an_event(location="leeds"), reference=a_reference(unlinked=unlinked)
    )
    assert remedy in message


def test_a_bad_session_sets_the_whole_event_aside_and_no_other(tmp_path: Path) -> None:
    first, second = verdicts_on(
        tmp_path, an_event(), a_session(), a_session(day="x"), an_event(title="E-2")
    )
    assert isinstance(first, Refused)
    assert [(row.row, len(row.errors), row.note) for row in first.rows] == [
        (2, 0, "set aside with its event: see row 4"),
        (3, 0, "set aside with its event: see row 4"),
        (4, 1, ""),
    ]
    assert isinstance(second, Accepted)


def test_a_session_before_any_event_is_refused(tmp_path: Path) -> None:
    event, stray = verdicts_on(tmp_path, a_session(), an_event())
    assert isinstance(event, Accepted)
    assert isinstance(stray, Refused)
    assert "a session before the first event" in str(stray.errors[0])


def test_a_session_titled_as_another_event_is_refused(tmp_path: Path) -> None:
    (message,) = errors(tmp_path, an_event(), a_session(title="E-2"))
    assert "Import!B3 Event title 'E-2': not the event above" in message


def test_an_lms_event_has_neither_classroom_dates_nor_sessions(tmp_path: Path) -> None:
    told = errors(tmp_path, an_lms_event(**taught_on(date(2026, 1, 1))), a_session())
    assert [message.split()[0][7:] for message in told] == ["H2", "I2", "J2", "K2", "C3"]


def test_two_sessions_of_one_day_are_refused(tmp_path: Path) -> None:
    (message,) = errors(tmp_path, an_event(), a_session(day=1))
    assert "Import!U3 Day '1': row 2 is day 1 of this event too" in message


def test_a_time_the_clocks_jump_over_is_an_error_of_its_cell(tmp_path: Path) -> None:
    gap: TypedRow = {"classroom_start_date": date(2026, 3, 29), "classroom_start_time": time(1, 30)}
    (message,) = errors(tmp_path, an_event(**gap, classroom_end_date=date(2026, 3, 29)))
    assert "Import!I2 Classroom start time '01:30:00': 01:30 on 2026-03-29" in message
