"""One request of every declared change, with every field that its input has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sync.administrate.writes.changes import CHANGES
from sync.administrate.writes.declaration import Change, Creation, Deletion, Update, WriteRequest

START = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - a local time
# Where the API takes but a few values; every other text is the name of its field.
TEXTS = {
    "event_type": "public",
    "lifecycle_state": "draft",
    "staff_type": "instructor",
    "time_zone_name": "Europe/London",
}
T = TypeVar("T")


def filled(kind: type[T]) -> T:
    """An input with every field that it has."""
    return kind(**{name: _value(name, hint) for name, hint in get_type_hints(kind).items()})


def _value(name: str, hint: Any) -> object:
    if isinstance(hint, UnionType):
        hint = get_args(hint)[0]
    values = {
        str: TEXTS.get(name, name),
        int: 1,
        bool: True,
        datetime: START,
        tuple: (name,),
        Mapping: {"D1": "Y", "D2": None},
    }
    declared = get_origin(hint) or hint
    return values[declared] if declared in values else filled(declared)


def request_of(change: Change) -> WriteRequest:
    match change:
        case Creation():
            return change(filled(change.input))
        case Update():
            return change("R1", filled(change.input))
        case Deletion():
            return change("R1")
    raise TypeError(f"{change.name} is of no known kind")


REQUESTS = {name: request_of(change) for name, change in CHANGES.items()}
