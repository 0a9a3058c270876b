"""Hypothesis strategies: values that events hold, names of records, events of every class."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from ledger.events import CATALOGUE, Event, record_name
from ledger.schema import adm
from ledger.values import LARGEST_INTEGER, Fields, Personal, Value

# What storage, transport or the escapes of our own would trip over, often.
AWKWARD = "\x00\x1a\x1e\x1f\ud800\udfff\ue000\U00010000$~'\"\\%0"
texts = st.text(st.characters() | st.sampled_from(AWKWARD), max_size=12)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
# Whole seconds, as in every zone there ever was.
seconds = st.integers(-86_399, 86_399).map(lambda away: timezone(timedelta(seconds=away)))
offsets = st.none() | seconds
zones = st.sampled_from([ZoneInfo("Europe/London"), ZoneInfo("Africa/Monrovia")])


def _placed(moment: Any, zone: tzinfo | None, fold: int) -> Any:
    return moment.replace(tzinfo=zone, fold=fold)


folds = st.sampled_from([0, 1])
# Away from the first and last years, where a zone's offset leads out of the calendar.
datetimes = st.builds(
    _placed,
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)),  # noqa: DTZ001 - bounds are naive
    offsets | zones,
    folds,
)
times = st.builds(_placed, st.times(), offsets, folds)
integers = st.integers() | st.integers(LARGEST_INTEGER - 1, LARGEST_INTEGER + 1)
scalars: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.booleans(), integers, texts, decimals, st.dates(), datetimes, times
)
keys = texts | st.sampled_from(["$decimal", "$map", "$personal", "$", "digest"])
personal: st.SearchStrategy[Value] = st.builds(Personal, st.none() | texts)
values: st.SearchStrategy[Value] = st.recursive(
    scalars | personal,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
fields = st.dictionaries(keys, values, max_size=4)

tables = st.sampled_from(sorted(adm.BY_NAME))
names = st.builds(record_name, tables, texts)
# Fields of events that hold names of records, for which no other text is taken.
_NAMES = {
    "about",
    "before",
    "candidates",
    "erased",
    "event",
    "linked",
    "made",
    "object",
    "people",
    "records",
    "subject",
    "tutorial",
}


def events() -> st.SearchStrategy[Event]:
    """An event of any class, its fields as its annotations allow."""
    return st.one_of(*(events_of(kind) for kind in CATALOGUE.classes.values()))


def events_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    """An event of one class."""
    return _built(kind)


def _built(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{f.name: _field(f.name, hints[f.name]) for f in attrs.fields(kind)})


def _field(name: str, annotation: Any) -> st.SearchStrategy[Any]:
    if name in ("table", "tutorial_table"):
        return tables
    return _of(annotation, names if name in _NAMES else texts)


def _of(annotation: Any, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    known: dict[Any, st.SearchStrategy[Any]] = {
        str: text,
        bool: st.booleans(),
        date: st.dates(),
        int: st.integers(-LARGEST_INTEGER, LARGEST_INTEGER),
        type(None): st.none(),
        Value: values,
        Fields: fields,
    }
    if annotation in known:
        return known[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple:
        return st.lists(_of(arguments[0], text), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(keys, _of(arguments[1], text), max_size=3)
    if origin in (Union, types.UnionType):
        return st.one_of(*(_of(argument, text) for argument in arguments))
    return _built(annotation)


def exact(value: Any) -> object:
    """What a value is, type and scale and offset and fold: equal only for what is the same.

    Python's own equality takes 1 for True and 1.10 for 1.1, and no time in a repeated hour for its
    equal in another zone.
    """
    if attrs.has(type(value)):
        return (
            type(value),
            *(exact(getattr(value, f.name)) for f in attrs.fields(type(value))),
        )
    if isinstance(value, Mapping):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return (type(value), *map(exact, value))
    if isinstance(value, datetime | time):
        return (type(value), value.isoformat(), value.fold)
    if isinstance(value, Decimal | date):
        return (type(value), str(value))
    return (type(value), value)
