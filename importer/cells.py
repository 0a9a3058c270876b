"""One cell's value as a date, a time, a number, a URL, a yes or no, or text.

Each reader takes what openpyxl found in a cell that is not blank, in any of the forms people use,
and returns the value or raises `Unreadable`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

Value = str | int | float | bool | datetime | date | time | timedelta | None

_SECONDS_A_DAY = 86_400
_YEARS = range(2000, 2100)
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_FORMULA_ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"}
)


class Unreadable(Exception):
    """The cell does not hold what its column asks for; the message says what is wrong."""

    def __init__(self, problem: str, expected: str) -> None:
        """Keep what is wrong and what was expected apart, as `CellError` shows them."""
        super().__init__(problem)
        self.problem = problem
        self.expected = expected


def is_blank(value: Value) -> bool:
    """Whether nothing stands in the cell: empty, an empty text, or spaces."""
    return value is None or (isinstance(value, str) and not value.strip())


def shown(value: Value) -> str:
    """The value as text, the same for every spelling of the same date, time or number.

    Used for messages and for recognising a row again; the spaces at its ends do not count.
    """
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ")
        case time():
            return value.isoformat(timespec="auto")
        case str():
            return value.strip()
        case _:
            return str(value)


def read_text(value: Value, most: int) -> str:
    """Text of at most ``most`` characters on one line; a number counts as its digits."""
    expected = f"text of at most {most} characters on one line"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unreadable("not a text", expected)
    text = shown(value)
    if text in _FORMULA_ERRORS:
        raise Unreadable("the formula in this cell failed", expected)
    if len(text) > most:
        raise Unreadable(f"{len(text)} characters", expected)
    if not text.isprintable():
        raise Unreadable("holds a line break or an invisible character", expected)
    return text


def read_date(value: Value) -> date:
    """A date from a date cell or from text: DD/MM/YYYY, DD-MM-YYYY or YYYY-MM-DD."""
    expected = "a date of this century, as a date or as DD/MM/YYYY, DD-MM-YYYY or YYYY-MM-DD"
    found = _date(value)
    if found is None:
        raise Unreadable("not a date", expected)
    if found.year not in _YEARS:
        raise Unreadable(f"a date in the year {found.year}", expected)
    return found


def _date(value: Value) -> date | None:
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else None
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    if found := _DAY_FIRST.fullmatch(text):
        day, _, month, year = found.groups()
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_time(value: Value) -> time:
    """A time of day, to the second, from a time cell, text (HH:MM) or a fraction of a day."""
    seconds = _seconds(value)
    if seconds is None or not 0 <= seconds < _SECONDS_A_DAY:
        raise Unreadable("not a time of day", "a time, as a time, as HH:MM or as part of a day")
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _seconds(value: Value) -> int | None:
    # Spreadsheets keep times as fractions of a day, which miss the second by a rounding error.
    match value:
        case bool() | datetime():
            return None
        case time():
            whole = value.hour * 3600 + value.minute * 60 + value.second
            return whole + round(value.microsecond / 1_000_000)
        case timedelta():
            return round(value.total_seconds())
        case int() | float() if 0 <= value < 1:
            return round(value * _SECONDS_A_DAY)
        case str():
            found = _CLOCK.fullmatch(value.strip())
            if found is None:
                return None
            hours, minutes, seconds = (int(part or 0) for part in found.groups())
            in_range = hours < 24 and minutes < 60 and seconds < 60
            return hours * 3600 + minutes * 60 + seconds if in_range else None
        case _:
            return None


def read_number(value: Value, least: int, most: int) -> int:
    """A whole number from a number cell or from text of digits."""
    expected = f"a whole number from {least} to {most}"
    number: int | None = None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value.strip()):
        number = int(value)
    elif isinstance(value, float) and value.is_integer():
        number = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    if number is None:
        raise Unreadable("not a whole number", expected)
    if not least <= number <= most:
        raise Unreadable("out of range", expected)
    return number


def read_url(value: Value) -> str:
    """An absolute http or https URL of at most 500 characters."""
    expected = "a URL that begins with http:// or https://, of at most 500 characters"
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        has_host = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        has_host = False
    if not has_host or len(text) > 500 or not text.isprintable() or " " in text:
        raise Unreadable("not a web address", expected)
    return text


def read_yes_no(value: Value) -> bool:
    """Y or N, in either case."""
    answer = value.strip().casefold() if isinstance(value, str) else ""
    if answer not in {"y", "n"}:
        raise Unreadable("neither Y nor N", "Y or N")
    return answer == "y"
