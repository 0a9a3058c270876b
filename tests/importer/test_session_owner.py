"""No session is given to another event without a word, however the sheet was sorted or cut."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.validation.validate import validate
from importer.validation.verdicts import Accepted, Refused, Skipped, Verdict
from importer.workbook.column import Column
from importer.workbook.row import SheetRow
from importer.workbook.session_owner import begins
from importer.workbook.sheet import Sheet
from importer.workbook.template import CURRENT, fold
from tests.importer.references import a_reference, reference_for
from tests.importer.rows import TypedRow, a_session, an_event, an_lms_event
from tests.importer.sitting import a_sitting
from tests.importer.verdicts import events_in, rows_of, verdicts_on
from tests.importer.workbooks import (
    SHARED,
    Made,
    read_workbook,
    workbooks,
    write_grid,
    write_rows,
)


def event(title: str, **changes: object) -> TypedRow:
    return an_event(**{"title": title, "session_title": f"{title}-1", **changes})  # type: ignore[arg-type]  # cells


def session(of: str, day: int, **changes: object) -> TypedRow:
    return a_session(**{"session_title": f"{of}-{day}", "day": day, **changes})  # type: ignore[arg-type]  # cells


def made_of(verdicts: Iterable[Verdict]) -> dict[str, list[str]]:
    """The sessions of each accepted event, by title."""
    return {one.title: [own.title for own in one.sessions] for one in events_in(verdicts)}


def refusals(verdicts: Iterable[Verdict]) -> list[str]:
    return [str(e) for one in verdicts if isinstance(one, Refused) for e in one.errors]


def notes(verdicts: Iterable[Verdict]) -> list[str]:
    return [str(note) for one in verdicts for note in one.notes]


def test_each_session_of_a_sorted_sheet_goes_to_its_event_and_that_is_told(tmp_path: Path) -> None:
    rows = [session("A", 3), session("B", 2), event("B"), session("A", 2), event("A")]
    verdicts = verdicts_on(tmp_path, *rows)
    assert made_of(verdicts) == {"B": ["B-1", "B-2"], "A": ["A-1", "A-2", "A-3"]}
    told = notes(verdicts)
    assert len(told) == 3
    assert "Import!C5 Session title 'A-2': goes to 'A' in row 6, though it stands under 'B'" in told


@pytest.mark.parametrize(
    ("title", "of"),
    [("CB1-10-1", "CB1-10"), ("CB1-1-2", "CB1-1"), ("CB1-1", "CB1-1"), ("cb1\u201310 2", "CB1-10")],
)
def test_of_several_titles_the_longest_counts(tmp_path: Path, title: str, of: str) -> None:
    rows = [event("CB1-1"), event("CB1-10"), event("X"), session("", 2, session_title=title)]
    assert title in made_of(verdicts_on(tmp_path, *rows))[of]


@pytest.mark.parametrize(
    ("session_title", "title", "does"),
    [
        ("cb1-10-1", "cb1-1", False),
        ("cb1-1", "cb1-1", True),
        ("cb1-1 day", "cb1-1", True),
        ("cb1-1é", "cb1-1", False),
        ("x", "", False),
    ],
)
def test_a_letter_or_digit_behind_it_makes_it_another_title(
    session_title: str, title: str, does: bool
) -> None:
    assert begins(session_title, title) is does


def test_sessions_whose_events_row_is_missing_are_refused_by_themselves(tmp_path: Path) -> None:
    rows = [event("A"), session("A", 2), session("GONE", 2), session("GONE", 3), event("B")]
    verdicts = verdicts_on(tmp_path, *rows)
    assert made_of(verdicts) == {"A": ["A-1", "A-2"], "B": ["B-1"]}
    assert [message.split()[0] for message in refusals(verdicts)] == ["Import!C4", "Import!C5"]
    assert all("stands under 'A': its event's row is missing" in m for m in refusals(verdicts))


def test_an_lms_event_is_not_refused_for_the_sessions_of_a_missing_row(tmp_path: Path) -> None:
    first, second = verdicts_on(tmp_path, an_lms_event(), session("GONE", 2))
    assert isinstance(first, Accepted)
    assert isinstance(second, Refused)


@pytest.mark.parametrize("typed", ["AB-2", "A2", "a"])
def test_a_mistyped_title_sets_its_event_aside_where_the_row_stands_among_its_own(
    tmp_path: Path, typed: str
) -> None:
    between = session("", 2, session_title=typed if typed != "a" else "B-2")
    rows = [event("A"), between, session("A", 3), event("B"), session("B", 2)]
    verdicts = verdicts_on(tmp_path, *rows)
    assert made_of(verdicts) == {"B": ["B-1", "B-2"]}
    assert "'A'" in refusals(verdicts)[0]


def test_a_row_after_the_last_day_of_its_event_is_taken_for_its_own(tmp_path: Path) -> None:
    verdicts = verdicts_on(tmp_path, event("A"), session("A", 2), session("AX", 3), event("B"))
    assert made_of(verdicts) == {"B": ["B-1"]}


def test_where_titles_have_nothing_in_common_the_position_decides(tmp_path: Path) -> None:
    rows = [event("A", session_title="Monday"), session("", 2, session_title="Tuesday")]
    assert made_of(verdicts_on(tmp_path, *rows)) == {"A": ["Monday", "Tuesday"]}


def test_between_events_of_equal_title_the_position_decides(tmp_path: Path) -> None:
    later = {"lms_start_date": "23/10/2025"}
    rows = [event("A"), session("A", 2), event("A", **later), session("A", 3)]
    accepted = events_in(verdicts_on(tmp_path, *rows))
    assert [[own.day for own in one.sessions] for one in accepted] == [[1, 2], [1, 3]]


def test_a_session_under_none_of_several_events_of_its_title_is_refused(tmp_path: Path) -> None:
    later = {"lms_start_date": "23/10/2025"}
    rows = [event("B"), session("A", 2), session("A", 3), event("A"), event("A", **later)]
    told = refusals(verdicts_on(tmp_path, *rows))
    assert len(told) == 2
    assert "2 events are called 'A', and it stands under 'B'" in told[0]


def test_a_session_goes_with_its_event_where_that_is_refused_or_cancelled(tmp_path: Path) -> None:
    rows = [event("B"), session("A", 2), session("C", 2), event("A", day="x")]
    verdicts = verdicts_on(tmp_path, *rows, event("C", cancelled="Y"))
    assert made_of(verdicts) == {"B": ["B-1"]}
    (refused,) = (one for one in verdicts if isinstance(one, Refused))
    assert [row.row for row in refused.rows] == [5, 3]
    (skipped,) = (one for one in verdicts if isinstance(one, Skipped))
    assert skipped.rows == (6, 4)
    assert len(notes(verdicts)) == 2


def test_a_session_takes_place_and_venue_from_the_event_its_title_names(tmp_path: Path) -> None:
    online = {"location": "Live online", "venue": "Live online"}
    rows = [event("A", **online), event("B"), session("A", 2)]
    first, _ = events_in(verdicts_on(tmp_path, *rows))
    assert first.sessions[1].location == a_reference().locations[1].keys


def test_a_row_that_names_one_event_and_begins_with_another_is_refused(tmp_path: Path) -> None:
    rows = [event("A"), session("B", 2, title="A"), event("B")]
    verdicts = verdicts_on(tmp_path, *rows)
    assert made_of(verdicts) == {"B": ["B-1"]}
    assert "begins with 'B', in a row of 'A'" in refusals(verdicts)[0]


def test_an_events_row_with_another_events_session_title_is_pointed_out(tmp_path: Path) -> None:
    verdicts = verdicts_on(tmp_path, event("A", session_title="B-1"), event("B"))
    assert "begins with 'B', but stands in the row of 'A'" in notes(verdicts)[0]


def resorted(sheet: Sheet, rows: Sequence[SheetRow]) -> Sheet:
    """The sheet with its rows in another order, or without some."""
    first = sheet.rows[0].number
    return evolve(sheet, rows=tuple(evolve(row, number=first + n) for n, row in enumerate(rows)))


def foreign(verdicts: Iterable[Verdict]) -> list[str]:
    """The sessions that an accepted event was given though their titles are not its own."""
    return [
        title
        for event_title, sessions in made_of(verdicts).items()
        for title in sessions
        if not begins(fold(title), fold(event_title))
    ]


@settings(max_examples=60, deadline=None)
@given(workbooks(), st.sampled_from(CURRENT), st.booleans())
def test_sorting_gives_no_session_to_another_event(made: Made, column: Column, down: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sheet = read_workbook(write_grid(Path(folder, "made.xlsx"), made.grid))
    key = column.key
    rows = sorted(sheet.rows, key=lambda row: row.text(key), reverse=down)
    verdicts = list(validate(resorted(sheet, rows).rows, a_reference()))
    assert foreign(verdicts) == []
    assert sum(len(rows_of(one)) for one in verdicts) == len(rows)


@settings(max_examples=60, deadline=None)
@given(workbooks(), st.randoms(use_true_random=False))
def test_losing_an_events_row_gives_no_session_to_another_event(made: Made, choice: Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sheet = read_workbook(write_grid(Path(folder, "made.xlsx"), made.grid))
    events = [row for row in sheet.rows if row.value("code")]
    gone = choice.choice(events)
    rows = [row for row in sheet.rows if row is not gone]
    if rows:
        verdicts = list(validate(resorted(sheet, rows).rows, a_reference()))
        assert foreign(verdicts) == []
        assert sum(len(rows_of(one)) for one in verdicts) == len(rows)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    """The sheet of a whole sitting."""
    if SHARED.exists():
        return read_workbook(SHARED)
    return read_workbook(write_rows(tmp_path_factory.mktemp("whole") / "made.xlsx", a_sitting()))


@pytest.mark.parametrize("key", ["title", "session_title", "day", "instructor"])
def test_a_whole_sitting_is_taken_in_full_however_it_was_sorted(whole: Sheet, key: str) -> None:
    reference = reference_for(whole)
    before = made_of(validate(whole.rows, reference))
    for down in (False, True):
        rows = sorted(whole.rows, key=lambda row: row.text(key), reverse=down)
        assert made_of(validate(resorted(whole, rows).rows, reference)) == before
