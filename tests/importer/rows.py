"""Builders of valid rows: the value of each column by its key; what is not given is blank."""

from __future__ import annotations

from datetime import date, time

from importer.workbook.cells import Value
from tests.importer.references import SITTING

TypedRow = dict[str, Value]


def an_event(**changes: Value) -> TypedRow:
    """A blended event with its first session, valid in `a_reference`."""
    row: TypedRow = {
        "code": "CB1_LO_6",
        "title": "ELO-CB1-01-26A",
        "session_title": "ELO-CB1-01-26A-1",
        "mode": "Blended",
        "location": "London",
        "venue": "BPP Waterloo",
        "zone": "Europe - London",
        **taught_on(date(2026, 1, 14)),
        "lms_start_date": date(2025, 10, 22),
        "lms_start_time": time(16),
        "lms_end_date": date(2026, 4, 10),
        "lms_end_time": time(0),
        "max_places": 14,
        "instructor": "Clara Haversham",
        "session_instructor": "Clara Haversham",
        "day": 1,
        "finalisation": date(2025, 10, 20),
        "web_sale": "N",
        "sitting": SITTING,
    }
    return row | changes


def a_session(**changes: Value) -> TypedRow:
    """A further session, of the second day, valid below `an_event`."""
    row: TypedRow = {
        "session_title": "ELO-CB1-01-26A-2",
        **taught_on(date(2026, 4, 1)),
        "session_instructor": "John Smith",
        "day": 2,
    }
    return row | changes


def an_lms_event(**changes: Value) -> TypedRow:
    """An LMS event, valid in `a_reference`."""
    row: TypedRow = {
        "code": "OC_CB1",
        "title": "ELO-CB1-OC-26A",
        "mode": "Self Paced (LMS)",
        "location": "Live online",
        "zone": "Europe - London",
        "lms_start_date": date(2025, 9, 1),
        "lms_start_time": time(0),
        "lms_end_date": date(2026, 4, 30),
        "lms_end_time": time(0),
        "sitting": SITTING,
        "ocr": "CB1 OC",
    }
    return row | changes


def taught_on(day: date) -> TypedRow:
    """The four classroom cells of a morning."""
    return {
        "classroom_start_date": day,
        "classroom_start_time": "09:00",
        "classroom_end_date": day,
        "classroom_end_time": "12:30",
    }
