"""Checks a value against its scalar or enum type.

The words never repeat a text: it may be megabytes long, or name a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from graphql import GraphQLEnumType, GraphQLNamedType

LONGEST_ID = 500  # characters; what the API gives has about thirty, and an index takes 2,700 bytes
LONGEST_TEXT = 2_000  # characters; the API takes 255 for a title
LONGEST_PROSE = 1_000_000  # characters of what may be a page of HTML, or may quote one
_PROSE = {"description", "message", "value"}
_LARGEST_INT = 2**31
_LONGEST_DECIMAL = 40  # digits before or after the point
_DECIMAL = re.compile(r"[+-]?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,3})?", re.ASCII)
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)
_ZONED = re.compile(_LOCAL.pattern + r"(Z|[+-]\d\d:?\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)


def wrong_value(declared: GraphQLNamedType, name: str, value: object) -> str:
    """What is wrong with the value of the field of that name; empty where nothing is."""
    if isinstance(declared, GraphQLEnumType):
        if not isinstance(value, str):
            return f"is {kind(value)}, not one of {declared.name}"
        # A value of an enum names nobody.
        shown = value[:40] + "…" if len(value) > 40 else value
        known = value in declared.values
        return "" if known else f"is none of the schema's {declared.name}: {shown!r}"
    if declared.name == "String":
        return _wrong_text(value, LONGEST_PROSE if name in _PROSE else LONGEST_TEXT)
    return _SCALARS[declared.name](value)


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return "a number"


def _wrong_text(value: object, most: int) -> str:
    if not isinstance(value, str):
        return f"is {kind(value)}, not a text"
    if len(value) > most:
        return f"has {len(value):,} characters; more than {most:,} are not taken"
    return ""


def wrong_id(value: object) -> str:
    """What is wrong with an id; empty where nothing is."""
    return _wrong_text(value, LONGEST_ID) or ("" if value else "is empty")


def _wrong_boolean(value: object) -> str:
    return "" if isinstance(value, bool) else f"is {kind(value)}, not true or false"


def _wrong_int(value: object) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"is {kind(value)}, not a whole number"
    return "" if -_LARGEST_INT <= value < _LARGEST_INT else "is a number of more than 32 bits"


def _wrong_decimal(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return f"is {kind(value)}, not a decimal number"
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        return "is no decimal number"
    number = Decimal(value)
    if number.is_finite() and (number == 0 or abs(number.adjusted()) <= _LONGEST_DECIMAL):
        return ""
    return "is a number out of all measure"


def _moment(
    form: re.Pattern[str], words: str, read: Callable[[str], object]
) -> Callable[[object], str]:
    def wrong(value: object) -> str:
        if not isinstance(value, str):
            return f"is {kind(value)}, not {words}"
        try:
            if len(value) <= LONGEST_ID and form.fullmatch(value):
                read(value)
                return ""
        except ValueError:
            pass
        return f"is not {words}"

    return wrong


_SCALARS: Mapping[str, Callable[[object], str]] = {
    "ID": wrong_id,
    "Boolean": _wrong_boolean,
    "Int": _wrong_int,
    "Decimal": _wrong_decimal,
    "LocalDateTime": _moment(_LOCAL, "a local time", datetime.fromisoformat),
    "TimeZonedDateTime": _moment(_ZONED, "a time with its zone", datetime.fromisoformat),
    "Date": _moment(_DAY, "a date", date.fromisoformat),
    "Time": _moment(_TIME, "a time of day", time.fromisoformat),
}
