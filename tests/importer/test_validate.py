"""What each rule of the import accepts and what it skips."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from attrs import evolve

from importer.reference.read import names_to_look_up
from importer.reference.values import (
    CustomField,
    KnownEvent,
    Side,
)
from importer.validation.planned_event import Mode
from importer.validation.verdicts import Accepted, Refused, Skipped, SkipReason
from importer.workbook.cells import Value
from importer.workbook.grouping import fingerprint
from importer.workbook.problems import WorkbookError
from importer.workbook.template import COLUMNS
from tests.importer.references import CUSTOM_FIELDS, a_reference
from tests.importer.rows import a_session, an_event, an_lms_event
from tests.importer.verdicts import accepted, errors, verdicts_on
from tests.importer.workbooks import a_sheet, read_workbook, write_grid


def test_an_event_and_its_sessions_are_read_whole(tmp_path: Path) -> None:
    event = accepted(
        tmp_path,
        an_event(administrator="pat quill", event_url="https://example.com/room"),
        a_session(session_url="https://example.com/2"),
    )
    assert (event.mode, event.template_code, event.sitting) == (Mode.BLENDED, "CB1_LO_6", "2026A")
    assert (event.max_places, event.web_sale) == (14, False)
    assert event.lms.start.date() == date(2025, 10, 22)
    assert event.lms.end.date() == date(2026, 4, 10)
    assert event.administrators == ("contact-Pat Quill",)
    assert event.product_id == 701
    first, second = event.sessions
    assert (first.row, first.day, first.title) == (2, 1, "ELO-CB1-01-26A-1")
    assert first.span.starts_at == datetime(2026, 1, 14, 9, tzinfo=UTC)
    assert (second.row, second.day, second.url) == (3, 2, "https://example.com/2")
    assert second.span.starts_at == datetime(2026, 4, 1, 8, tzinfo=UTC)
    assert [one.external_id for one in second.instructors] == ["person-2"]
    assert event.custom_fields == {
        "key-Event-Sitting": "2026A",
        "key-Event-Finalisation date": "2025-10-20",
        "key-Event-URL": "https://example.com/room",
        "key-Event-Web sale": "false",
    }
    assert second.custom_fields == {
        "key-Session-Day": "2",
        "key-Session-URL": "https://example.com/2",
    }


def test_a_session_takes_place_and_zone_from_its_event_or_has_its_own(
    tmp_path: Path,
) -> None:
    elsewhere = {"location": "Live online", "venue": "Live online", "zone": "Europe - Paris"}
    event = accepted(tmp_path, an_event(), a_session(), a_session(day=3, **elsewhere))
    _, second, third = event.sessions
    london, online = a_reference().locations
    assert (second.location, second.venue) == (london.keys, a_reference().venues[0].keys)
    assert (third.location, third.zone) == (online.keys, "Europe/Paris")


def test_a_session_elsewhere_does_not_take_the_events_venue_with_it(tmp_path: Path) -> None:
    event = accepted(tmp_path, an_event(), a_session(location="Live online"))
    assert event.sessions[1].venue is None


def test_sessions_come_in_the_order_of_their_days(tmp_path: Path) -> None:
    event = accepted(tmp_path, an_event(), a_session(day=3), a_session(day=2))
    assert [one.day for one in event.sessions] == [1, 2, 3]


def test_an_lms_event_has_lms_dates_alone(tmp_path: Path) -> None:
    event = accepted(tmp_path, an_lms_event())
    assert (event.mode, event.sessions, event.max_places) == (Mode.LMS, (), None)
    assert event.ocr_moodle_code == "CB1 OC"


@pytest.mark.parametrize(
    ("code", "is_lms"),
    [("CB1-WAITLIST", True), ("cb1 oc", True), ("BLOCK_CB1", False), ("CB1_DOC", False)],
)
def test_oc_and_waitlist_make_an_lms_event_only_as_a_part_of_the_code(
    tmp_path: Path, code: str, is_lms: bool
) -> None:
    row = an_lms_event if is_lms else an_event
    template = evolve(a_reference().course_templates[0], code=code)
    product = evolve(a_reference().products[0], variation_code=code)
    reference = a_reference(course_templates=(template,), products=(product,))
    event = accepted(tmp_path, row(code=code), reference=reference)
    assert event.mode is (Mode.LMS if is_lms else Mode.BLENDED)


def test_a_name_is_found_at_every_split_into_first_and_last_names(tmp_path: Path) -> None:
    person = evolve(a_reference().instructors[2], first_name="Mary Grant", last_name="Holloway")
    reference = a_reference(instructors=(*a_reference().instructors[:2], person))
    row = an_event(session_instructor=" JOHN  smith;Mary Grant Holloway / John Smith")
    event = accepted(tmp_path, row, reference=reference)
    assert event.sessions[0].instructors == (reference.instructors[1].keys, person.keys)


def test_the_rows_instructor_teaches_a_session_that_names_none(tmp_path: Path) -> None:
    event = accepted(tmp_path, an_event(session_instructor=None))
    assert [one.external_id for one in event.sessions[0].instructors] == ["person-1"]


@pytest.mark.parametrize("venue", ["To be confirmed", "tbc", " TBD "])
def test_a_venue_to_be_confirmed_is_no_venue(tmp_path: Path, venue: str) -> None:
    assert accepted(tmp_path, an_event(venue=venue)).venue is None


def test_what_the_api_has_a_place_for_goes_there(tmp_path: Path) -> None:
    row = an_event(min_places=4, sold_out="Y", deadline="01/12/2025", web_sale="Y")
    event = accepted(tmp_path, row)
    assert (event.min_places, event.sold_out, event.web_sale) == (4, True, True)
    assert event.registration_deadline == date(2025, 12, 1)


def test_an_optional_column_headed_as_a_custom_field_sets_it(tmp_path: Path) -> None:
    pin = CustomField("key-pin", "Recording PIN", "Event", "integer")
    reference = a_reference(custom_fields=(*CUSTOM_FIELDS, pin))
    event = accepted(tmp_path, an_event(recording_pin="123", sage="S1"), reference=reference)
    assert event.custom_fields["key-pin"] == "123"
    assert errors(tmp_path, an_event(recording_pin="abc"), reference=reference) == [
        (
            "Import!AC2 Recording pin 'abc': not a whole number; "
            "a whole number from -999999999 to 999999999"
        )
    ]


def test_a_custom_field_every_import_sets_is_named_where_it_is_missing(tmp_path: Path) -> None:
    reference = a_reference(custom_fields=CUSTOM_FIELDS[1:4])
    with pytest.raises(
        WorkbookError, match=r"lack 'Sitting' \(Event\), 'OCR Moodle Code' \(Event\)"
    ):
        verdicts_on(tmp_path, an_event(), reference=reference)


@pytest.mark.parametrize("known", [5, 6])
def test_custom_fields_of_sessions_that_are_not_shown_are_left_out(
    tmp_path: Path, known: int
) -> None:
    reference = a_reference(custom_fields=CUSTOM_FIELDS[:known])
    event = accepted(tmp_path, an_event(), a_session(), reference=reference)
    assert list(event.sessions[0].custom_fields) == ["key-Session-Day"][: known - 5]


def test_a_cancelled_event_is_skipped_with_its_sessions_unread(tmp_path: Path) -> None:
    (verdict,) = verdicts_on(tmp_path, an_event(cancelled="Y", day="x"), a_session(day="y"))
    assert isinstance(verdict, Skipped)
    assert (verdict.rows, verdict.reason) == ((2, 3), SkipReason.CANCELLED)


def test_a_cancelled_session_is_left_out_of_its_event(tmp_path: Path) -> None:
    skipped, event = verdicts_on(tmp_path, an_event(), a_session(cancelled="Y"), a_session(day=3))
    assert isinstance(skipped, Skipped)
    assert skipped.rows == (3,)
    assert isinstance(event, Accepted)
    assert [one.day for one in event.event.sessions] == [1, 3]


def test_the_second_of_two_like_events_is_skipped_and_told_its_twin(tmp_path: Path) -> None:
    _, second = verdicts_on(tmp_path, an_event(), an_event(code="cb1_lo_6", day=2))
    assert isinstance(second, Skipped)
    assert (second.reason, second.twin) == (SkipReason.DUPLICATE, "row 2 of this file")


def test_an_event_like_a_refused_one_is_no_duplicate(tmp_path: Path) -> None:
    first, second = verdicts_on(tmp_path, an_event(day="x"), an_event())
    assert isinstance(first, Refused)
    assert isinstance(second, Accepted)


def test_an_event_that_either_side_has_is_skipped_whatever_else_is_wrong(tmp_path: Path) -> None:
    known = tuple(
        KnownEvent("CB1_LO_6", "elo-cb1-01-26a", date(2025, 10, 22), side, identity)
        for side, identity in ((Side.TUTORIAL, "id 12"), (Side.ADMINISTRATE, "Q291cnNlOjE="))
    )
    row = an_event(instructor="Nobody")
    (verdict,) = verdicts_on(tmp_path, row, reference=a_reference(known_events=known))
    assert isinstance(verdict, Skipped)
    assert verdict.twin == "the tutorial tables (id 12) and Administrate (Q291cnNlOjE=)"


def test_another_title_template_or_start_is_another_event(tmp_path: Path) -> None:
    known = (KnownEvent("CB1_LO_6", "ELO", date(2025, 10, 22), Side.TUTORIAL, "id 12"),)
    accepted(tmp_path, an_event(), reference=a_reference(known_events=known))


def test_instructors_not_approved_are_to_be_approved_or_an_error(tmp_path: Path) -> None:
    template = evolve(a_reference().course_templates[0], approved=frozenset({"person-1"}))
    reference = a_reference(course_templates=(template,))
    event = accepted(tmp_path, an_event(), a_session(), reference=reference)
    assert event.approve == ("person-2",)
    (message,) = errors(tmp_path, an_event(), a_session(), reference=reference, approve=False)
    assert "Import!S3 Session instructor 'John Smith': not approved for CB1_LO_6" in message


def test_each_administrators_name_is_asked_for_once(tmp_path: Path) -> None:
    rows = [an_event(administrator=name) for name in ("Pat Quill; Ann Lee", "pat quill", None)]
    assert {name.casefold() for name in names_to_look_up(a_sheet(tmp_path, *rows).rows)} == {
        "pat quill",
        "ann lee",
    }


def test_a_row_has_one_fingerprint_wherever_it_stands(tmp_path: Path) -> None:
    def fingerprints(grid: list[list[Value]]) -> dict[str, str]:
        sheet = read_workbook(write_grid(tmp_path / "events.xlsx", grid))
        return {row.text("title"): fingerprint(row) for row in sheet.rows}

    rows = [an_event(), an_event(title="E-2")]
    header: list[Value] = [column.header for column in COLUMNS]
    grid = [header, *([row.get(column.key) for column in COLUMNS] for row in rows)]
    turned = [values[::-1] for values in (grid[0], grid[2], grid[1])]
    assert fingerprints(grid) == fingerprints(turned)
    assert len(set(fingerprints(grid).values())) == 2
