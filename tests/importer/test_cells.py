"""A cell is read in every form people use, and refused in words where it is none of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.workbook.cells import (
    UNCALCULATED,
    CellFault,
    UnreadableError,
    Value,
    is_blank,
    read_date,
    read_number,
    read_text,
    read_time,
    read_url,
    read_yes_no,
    shown,
)

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(DAYS, st.sampled_from(("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", " %d/%m/%Y  ")))
def test_a_date_is_read_from_text_in_each_of_its_forms(day: date, form: str) -> None:
    assert read_date(day.strftime(form)) == day
    assert read_date(day) == day
    assert read_date(datetime.combine(day, time())) == day


@given(st.integers(0, 86_399))
def test_a_time_is_read_from_any_form_to_the_second(seconds: int) -> None:
    clock = (datetime.combine(date.min, time()) + timedelta(seconds=seconds)).time()
    assert read_time(clock) == clock
    assert read_time(seconds / 86_400) == clock
    assert read_time(timedelta(seconds=seconds)) == clock
    assert read_time(f"{clock:%H:%M:%S}") == clock


def test_a_time_cell_that_misses_the_second_by_rounding_is_the_second() -> None:
    assert read_time(time(9, 29, 59, 999_971)) == time(9, 30)
    assert read_time(" 9:05 ") == time(9, 5)


@given(st.integers(0, 99))
def test_a_whole_number_is_read_from_any_form(number: int) -> None:
    assert read_number(number, 0, 99) == number
    assert read_number(float(number), 0, 99) == number
    assert read_number(f" {number} ", 0, 99) == number


@pytest.mark.parametrize("url", ["https://example.com/", " http://example.com:80/a?b=c#d "])
def test_a_url_is_http_or_https(url: str) -> None:
    assert read_url(url) == url.strip()


@pytest.mark.parametrize("value", ["Y", " y", "Yes", "TRUE ", "1", 1, 1.0, True])
def test_yes_is_read_however_it_is_said(value: Value) -> None:
    assert read_yes_no(value) is True


@pytest.mark.parametrize("value", ["N", "n ", "no", "False", "0", 0, 0.0, False])
def test_no_is_read_however_it_is_said(value: Value) -> None:
    assert read_yes_no(value) is False


@pytest.mark.parametrize(
    ("value", "clock"),
    [
        ("9:00 am", time(9)),
        ("09.00", time(9)),
        ("0900", time(9)),
        ("930", time(9, 30)),
        ("9am", time(9)),
        ("9.30\u00a0P.M.", time(21, 30)),
        ("12 pm", time(12)),
        ("12:05 AM", time(0, 5)),
        ("17.45.30", time(17, 45, 30)),
        (900, time(9)),
        (1745.0, time(17, 45)),
    ],
)
def test_a_time_is_read_as_people_type_it(value: Value, clock: time) -> None:
    assert read_time(value) == clock


@pytest.mark.parametrize(
    "value",
    ["14/01/2026 00:00", "2026-01-14 00:00:00", "2026-01-14T00:00:00.000", "14-01-2026 12:00 AM"],
)
def test_a_date_with_midnight_behind_it_is_that_date(value: Value) -> None:
    assert read_date(value) == date(2026, 1, 14)


@pytest.mark.parametrize(("value", "text"), [(" CB1 OC ", "CB1 OC"), (12, "12"), (12.0, "12")])
def test_a_number_in_a_text_column_counts_as_its_digits(value: Value, text: str) -> None:
    assert read_text(value, 10) == text


@pytest.mark.parametrize(
    ("read", "value", "problem"),
    [
        (read_date, "31/02/2026", "not a date"),
        (read_date, "02/13/2026", "not a date"),
        (read_date, "01/02-2026", "not a date"),
        (read_date, "1 Feb 2026", "not a date"),
        (read_date, "\u0660\u0661/02/2026", "not a date"),
        (read_date, 46_000, "not a date"),
        (read_date, datetime.combine(date(2026, 1, 1), time(9)), "not a date"),
        (read_date, "01/02/0026", "a date in the year 26"),
        (read_time, "24:00", "not a time of day"),
        (read_time, "9", "not a time of day"),
        (read_time, "13:00 am", "not a time of day"),
        (read_time, "0:30 pm", "not a time of day"),
        (read_time, "9.3", "not a time of day"),
        (read_time, 9.3, "not a time of day"),
        (read_time, 960, "not a time of day"),
        (read_time, 2400, "not a time of day"),
        (read_date, "14/01/2026 09:00", "not a date"),
        (read_time, 1, "not a time of day"),
        (read_time, True, "not a time of day"),
        (read_time, timedelta(days=1), "not a time of day"),
        (read_time, 0.999_999_9, "not a time of day"),
        (read_url, "www.example.com", "not a web address"),
        (read_url, "https://[::1", "not a web address"),
        (read_url, "https://example.com/a b", "not a web address"),
        (read_url, f"https://example.com/{'a' * 500}", "not a web address"),
        (read_yes_no, "maybe", "neither Y nor N"),
        (read_yes_no, 2, "neither Y nor N"),
        (read_yes_no, CellFault("1", UNCALCULATED), "neither Y nor N"),
        (lambda value: read_number(value, 1, 9), "1.5", "not a whole number"),
        (lambda value: read_number(value, 1, 9), "²", "not a whole number"),
        (lambda value: read_number(value, 1, 9), float("inf"), "not a whole number"),
        (lambda value: read_number(value, 1, 9), 0, "out of range"),
        (lambda value: read_number(value, 1, 9), "-5", "out of range"),
        (lambda value: read_text(value, 9), "#N/A", "the formula in this cell failed"),
        (lambda value: read_text(value, 9), "ten letters", "11 characters"),
        (lambda value: read_text(value, 9), "a\nb", "holds a line break"),
        (lambda value: read_text(value, 9), "a\u200bb", "holds a line break or an invisible"),
        (lambda value: read_text(value, 9), date(2026, 1, 1), "not a text"),
        (lambda value: read_text(value, 9), False, "not a text"),
    ],
)
def test_what_is_in_none_of_the_forms_is_refused(
    read: Callable[[Value], object], value: Value, problem: str
) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(value)
    assert problem in refused.value.problem
    assert refused.value.expected


@pytest.mark.parametrize("value", [None, "", "   ", "\u00a0", "\n"])
def test_an_empty_cell_an_empty_text_and_spaces_are_blank(value: Value) -> None:
    assert is_blank(value)


def test_the_same_value_is_shown_alike_in_each_of_its_forms() -> None:
    assert shown(12.0) == shown(12) == shown(" 12 ")
    assert shown(datetime.combine(date(2026, 1, 1), time())) == shown(date(2026, 1, 1))
    assert shown(None) == ""
