"""Reads one cell's value as a date, a time, a number, a URL, a yes or no, or text.

Each reader takes openpyxl's value of a cell that is not blank, in any of the forms people use, and
returns the value or raises `UnreadableError`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from attrs import frozen


@frozen
class CellFault:
    """The content of a cell without a value: an error value, or a formula not calculated."""

    text: str
    problem: str


FAILED = "the formula in this cell failed"
UNCALCULATED = "a formula that was never calculated"

Value = str | int | float | bool | datetime | date | time | timedelta | CellFault | None

_SECONDS_A_DAY = 86_400
_YEARS = range(2000, 2100)
_MIDNIGHT = r"(?:[ T](?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00)? ?[Aa][Mm]))?"
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}})([/-])([0-9]{{1,2}})\2([0-9]{{4}}){_MIDNIGHT}")
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}}){_MIDNIGHT}")
_CLOCK = re.compile(
    r"(?P<hours>[0-9]{1,2})(?:[:.]?(?P<minutes>[0-9]{2})(?:[:.](?P<seconds>[0-9]{2}))?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?"
)
# Error texts pasted as values; other errors show in the cell's type.
_FORMULA_ERRORS = frozenset(
    "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD!"
    " #BLOCKED! #UNKNOWN! #CONNECT! #BUSY! #PYTHON!".split()
)
_WIDE_SPACES = {ord(space): " " for space in "\u00a0\u2002\u2003\u2007\u2008\u2009\u202f\u3000"}
_ANSWERS = {
    **dict.fromkeys(("y", "yes", "true", "1"), True),
    **dict.fromkeys(("n", "no", "false", "0"), False),
}


class UnreadableError(Exception):
    """The cell's content does not fit its column; the message says why."""

    def __init__(self, problem: str, expected: str) -> None:
        """Keep what is wrong and what was expected apart, as `CellError` shows them."""
        super().__init__(problem)
        self.problem = problem
        self.expected = expected


def is_blank(value: Value) -> bool:
    """Whether the cell is empty, an empty text, or spaces."""
    return value is None or (isinstance(value, str) and not value.strip())


def shown(value: Value) -> str:
    """The value as text, equal for every spelling of the same date, time or number.

    Used for messages and for recognising a row again; spaces at the ends are dropped.
    """
    if value is None:
        return ""
    if isinstance(value, CellFault):
        return value.text
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value).strip()


def read_text(value: Value, most: int) -> str:
    """Text of at most ``most`` characters on one line; a number counts as its digits."""
    text = read_name(value, most).translate(_WIDE_SPACES)
    if not text.isprintable():
        raise UnreadableError("holds a line break or an invisible character", _text_of(most))
    return text


def read_name(value: Value, most: int) -> str:
    """Text that is only compared with known names: line breaks count as spaces."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnreadableError("not a text", _text_of(most))
    text = shown(value)
    if text in _FORMULA_ERRORS:
        raise UnreadableError(FAILED, _text_of(most))
    if len(text) > most:
        raise UnreadableError(f"{len(text)} characters", _text_of(most))
    return text


def _text_of(most: int) -> str:
    return f"text of at most {most} characters on one line"


def read_date(value: Value) -> date:
    """A date from a date cell or from text: DD/MM/YYYY, DD-MM-YYYY or YYYY-MM-DD."""
    expected = "a date of this century, as a date or as DD/MM/YYYY, DD-MM-YYYY or YYYY-MM-DD"
    found = _date(value)
    if found is None:
        raise UnreadableError("not a date", expected)
    if found.year not in _YEARS:
        raise UnreadableError(f"a date in the year {found.year}", expected)
    return found


def _date(value: Value) -> date | None:
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else None
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())
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
    """A time of day, to the second: a time cell, text (``09:00``, ``9.00 am``, ``0900``), the
    number that a spreadsheet makes of ``0900``, or a fraction of a day."""
    seconds = _seconds(value)
    if seconds is None or not 0 <= seconds < _SECONDS_A_DAY:
        raise UnreadableError("not a time of day", "a time, as HH:MM or as part of a day")
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def is_moment(value: Value) -> bool:
    """Whether a cell holds a date or a time; a bare number is neither."""
    if isinstance(value, datetime):
        return value.year in _YEARS  # a small number in a date's format is a day of 1900
    if isinstance(value, str):
        if value.strip().isdigit():
            return False
        return _date(value) is not None or _seconds(value) is not None
    return isinstance(value, date | time | timedelta)


def _seconds(value: Value) -> int | None:
    # Spreadsheets keep times as fractions of a day, which miss the second by a rounding error.
    if isinstance(value, time):
        since_midnight = datetime.combine(date.min, value) - datetime.combine(date.min, time())
        return round(since_midnight.total_seconds())
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) and 0 <= value < 1:
        return round(value * _SECONDS_A_DAY)
    if isinstance(value, int | float) and 100 <= value < 2400 and value == int(value):
        return _clock(f"{int(value):04}")
    return _clock(" ".join(value.casefold().split())) if isinstance(value, str) else None


def _clock(text: str) -> int | None:
    """The seconds since midnight of a clock text."""
    if len(text) == 3 and text.isascii() and text.isdigit():
        text = f"0{text}"
    found = _CLOCK.fullmatch(text)
    if found is None or (found["minutes"] is None and found["half"] is None):
        return None
    hours, minutes, seconds = (int(found[part] or 0) for part in ("hours", "minutes", "seconds"))
    if found["half"]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + 12 * (found["half"] == "p")
    if hours < 24 and minutes < 60 and seconds < 60:
        return hours * 3600 + minutes * 60 + seconds
    return None


def read_number(value: Value, least: int, most: int) -> int:
    """A whole number from a number cell or from text of digits."""
    expected = f"a whole number from {least} to {most}"
    digits = "" if isinstance(value, bool) else shown(value)
    if not re.fullmatch(r"-?[0-9]{1,9}", digits):
        raise UnreadableError("not a whole number", expected)
    number = int(digits)
    if not least <= number <= most:
        raise UnreadableError("out of range", expected)
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
        raise UnreadableError("not a web address", expected)
    return text


def read_yes_no(value: Value) -> bool:
    """Y or N, yes or no, true or false, 1 or 0; in any case, as text, number or tick."""
    answer = _ANSWERS.get(shown(value).casefold())
    if answer is None or isinstance(value, CellFault):
        raise UnreadableError("neither Y nor N", "Y or N")
    return answer
