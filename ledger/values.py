"""The values an event may hold, and their lossless JSON.

JSON has no decimals, dates, times, or integers that every reader keeps; those travel as an object
of one key: ``{"$decimal": "1.10"}``. An object of our own whose keys could be mistaken for such a
tag travels as ``{"$map": [[key, value], ...]}``. Floats are refused: an amount is a Decimal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING, Any, NewType, TypeAlias, cast

from attrs import field, frozen

if TYPE_CHECKING:
    # What a field of a record may hold. Lists come back as lists, mappings as dictionaries.
    Value: TypeAlias = (
        bool
        | int
        | str
        | Decimal
        | date
        | datetime
        | time
        | "Personal"
        | Sequence["Value"]
        | Mapping[str, "Value"]
        | None
    )
else:
    # The recursive alias cannot be resolved outside this module, where cattrs meets it.
    Value = NewType("Value", object)
Fields: TypeAlias = Mapping[str, Value]

_TEXT = frozenset({str})
# Beyond these, readers that hold numbers as doubles (RFC 8785 asks for that) would round.
LARGEST_INTEGER = 2**53 - 1


@frozen
class Personal:
    """A value that names or reaches a person, stored outside the event so that it can be erased.

    Two are equal when their values are. An erased one has the value ``None`` and says ``erased``.
    """

    value: str | None = field(repr=False)
    erased: bool = False


_AS_THEY_ARE = frozenset({str, bool, NoneType, Personal})


class UnstorableValue(ValueError):
    """A value no event can hold: a float, a number that is not finite, or a foreign object."""


def plain(value: Value) -> object:
    """The value as JSON can hold it; ``Personal`` stays, to be sealed when the event is written."""
    if _is_plain(value):
        return value
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if type(value) is int:
        return {"$int": str(value)}
    for known, tag, text in _TAGGED:
        if isinstance(value, known):
            return {tag: text(value)}
    kind = type(value).__name__
    raise UnstorableValue(f"an event cannot hold {kind} {value!r}; use text or Decimal")


def _is_plain(value: object) -> bool:
    """Whether JSON holds the value as it is, which most are: they are not copied."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return True
    if kind is dict:
        mapping = cast("dict[str, object]", value)
        items = mapping.values()
        return (
            _TEXT.issuperset(map(type, mapping))
            and "$" not in "".join(mapping)
            and (_TEXT.issuperset(map(type, items)) or all(map(_is_plain, items)))
        )
    if kind is list:
        return all(map(_is_plain, cast("list[object]", value)))
    return kind is int and -LARGEST_INTEGER <= cast("int", value) <= LARGEST_INTEGER


def restored(value: object) -> Value:
    """The value that ``plain`` made this from."""
    kind = type(value)
    if kind is list:
        items = cast("list[Value]", value)
        return items if _TEXT.issuperset(map(type, items)) else list(map(restored, items))
    if kind is not dict:
        return cast("Value", value)
    mapping = cast("dict[str, Any]", value)
    if len(mapping) == 1:
        [(key, inner)] = mapping.items()
        if key == "$map":
            return {name: restored(item) for name, item in inner}
        if key in _PARSERS:
            return _PARSERS[key](inner)
    if _TEXT.issuperset(map(type, mapping.values())):
        return mapping
    return {key: restored(item) for key, item in mapping.items()}


def plain_fields(fields: Fields) -> object:
    """``plain`` for a mapping of names to values."""
    return plain(cast("Value", fields))


def restored_fields(fields: object) -> Fields:
    """``restored`` for a mapping of names to values."""
    return cast("Fields", restored(fields))


def _plain_mapping(mapping: Mapping[str, Value]) -> object:
    if not _TEXT.issuperset(map(type, mapping)):
        foreign = next(key for key in mapping if type(key) is not str)
        raise UnstorableValue(f"an event's mappings have text keys, not {foreign!r}")
    result = {key: plain(item) for key, item in mapping.items()}
    # One look at all the keys at once: one that holds a "$" further in is only written longer.
    if "$" in "".join(result):
        return {"$map": [[key, item] for key, item in result.items()]}
    return result


def _decimal_text(value: object) -> str:
    number = cast("Decimal", value)
    if not number.is_finite():
        raise UnstorableValue(f"an event cannot hold the number {number}")
    return str(number)


def _iso_text(value: object) -> str:
    # A time that occurs twice when clocks go back keeps which of the two it is.
    moment = cast("datetime", value)
    fold = getattr(moment, "fold", 0)
    return moment.isoformat() + ("~" if fold else "")


def _datetime(text: str) -> datetime:
    return datetime.fromisoformat(text.rstrip("~")).replace(fold=int(text.endswith("~")))


def _time(text: str) -> time:
    return time.fromisoformat(text.rstrip("~")).replace(fold=int(text.endswith("~")))


# A datetime is a date too, so it comes first.
_TAGGED: tuple[tuple[type, str, Callable[[object], str]], ...] = (
    (Decimal, "$decimal", _decimal_text),
    (datetime, "$datetime", _iso_text),
    (date, "$date", _iso_text),
    (time, "$time", _iso_text),
)
_PARSERS: Mapping[str, Callable[[str], Value]] = {
    "$int": int,
    "$decimal": Decimal,
    "$datetime": _datetime,
    "$date": date.fromisoformat,
    "$time": _time,
}
