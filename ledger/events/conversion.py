"""An event's fields as JSON can hold them, and back, by the annotations of its class (cattrs)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from inspect import isclass
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args

from attrs import fields

from ledger.events.base import SELDOM, Event
from ledger.values import Fields, Personal, Value, plain, plain_fields, restored, restored_fields

if TYPE_CHECKING:
    from cattrs import Converter

_SCALARS = frozenset({str, int, bool, NoneType})


def unstructured(event: Event) -> dict[str, Any]:
    """An event's payload, as ``ledger.canonical`` writes it; ``Personal`` values stay."""
    return _writer(type(event))(event)  # type: ignore[arg-type]  # a class can be hashed


def structured(data: Any, kind: type[Event]) -> Event:
    """The event of a payload of the class's own version. Raises an ``ExceptionGroup`` that says
    where in the payload a value is of another type."""
    return _reader(kind)(data, kind)  # type: ignore[arg-type]  # the same


@cache
def _writer(kind: type[Event]) -> Callable[[Event], dict[str, Any]]:
    return _converter().get_unstructure_hook(kind)


@cache
def _reader(kind: type[Event]) -> Callable[[Any, type[Event]], Event]:
    return _converter().get_structure_hook(kind)


def _exactly(value: Any, kind: type[Any]) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected")
    return value


def _is_of_scalars(kind: Any) -> bool:
    """Whether the values of an annotation are JSON as they are: say ``str | None``."""
    return bool(get_args(kind)) and _SCALARS.union({...}).issuperset(get_args(kind))


def _optional(kind: Any) -> Callable[[Any, Any], Any]:
    """Reads an annotation such as ``str | None``."""
    kinds = frozenset(get_args(kind))

    def read(value: Any, _: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(f"{kind} expected")
        return value

    return read


def _list_of(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    [item, *_] = get_args(kind)
    structure = converter.get_structure_hook(item)

    def listed(value: Any, _: Any) -> Any:
        if item in _SCALARS and {item}.issuperset(map(type, _exactly(value, list))):
            return tuple(value)
        return tuple(structure(one, item) for one in _exactly(value, list))

    return listed


def _payload_writer(kind: type[Event], converter: Converter) -> Callable[[Event], dict[str, Any]]:
    """Writes an event's fields but those with the default that are declared to be left out then."""
    from cattrs.gen import make_dict_unstructure_fn, override  # noqa: PLC0415 - with the converter

    seldom: dict[str, Any] = {
        one.name: override(omit_if_default=True)
        for one in fields(kind)
        if SELDOM.items() <= one.metadata.items()
    }
    return make_dict_unstructure_fn(kind, converter, **seldom)


@cache
def _converter() -> Converter:
    from cattrs import Converter  # noqa: PLC0415 - not for a command that reads no event
    from cattrs.fns import identity  # noqa: PLC0415 - the same

    converter = Converter(forbid_extra_keys=False)
    converter.register_unstructure_hook_factory(
        lambda kind: isclass(kind) and issubclass(kind, Event),
        lambda kind: _payload_writer(kind, converter),
    )
    for tagged in (Decimal, date, datetime):
        converter.register_unstructure_hook(tagged, plain)
        converter.register_structure_hook(tagged, lambda value, _: restored(value))
    converter.register_unstructure_hook(Personal, plain)
    converter.register_structure_hook(Personal, lambda value, _: value)
    converter.register_unstructure_hook_func(lambda kind: kind is Value, plain)
    converter.register_structure_hook_func(lambda kind: kind is Value, lambda v, _: restored(v))
    converter.register_unstructure_hook_func(lambda kind: kind == Fields, plain_fields)
    converter.register_structure_hook_func(
        lambda kind: kind == Fields, lambda value, _: restored_fields(_exactly(value, dict))
    )
    converter.register_unstructure_hook_func(_is_of_scalars, identity)
    converter.register_structure_hook_factory(
        lambda kind: isinstance(kind, UnionType) and _is_of_scalars(kind), _optional
    )
    for exact in (str, int, bool):
        converter.register_structure_hook(exact, _exactly)
    converter.register_structure_hook_factory(
        lambda kind: getattr(kind, "__origin__", None) is tuple,
        lambda kind: _list_of(kind, converter),
    )
    return converter
