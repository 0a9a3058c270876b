"""The catalogue: every event class, the serialisation of its payload, and the upcasters of old
versions.

A payload is structured by cattrs from the class's annotations. A payload of an older schema version
is lifted by upcasters, one version at a time, before it is structured.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from inspect import getmembers, isclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_args

from attrs import field, fields, frozen

from ledger.canonical import canonical, parse
from ledger.errors import UnreadableEvent
from ledger.events.base import HOLDS, SELDOM, Event
from ledger.values import Fields, Personal, Value, plain, plain_fields, restored, restored_fields

if TYPE_CHECKING:
    from cattrs import Converter

# Lifts a payload of one schema version to the next.
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
# What another program appends may be spaced.
_DIGEST = re.compile(r'"\$personal"\s*:\s*"([0-9a-f]{64})"')


@frozen
class SealedValue:
    """A personal value to be stored in ``ledger.personal``: its digest, its salt, its text."""

    digest: bytes
    salt: bytes
    value: str = field(repr=False)


@frozen(slots=False)
class Catalogue:
    """Event classes by type, and the upcasters of each (type, version it lifts from)."""

    classes: Mapping[str, type[Event]]
    upcasters: Mapping[tuple[str, int], Upcaster]

    @classmethod
    def of(
        cls,
        classes: Iterable[type[Event]],
        upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    ) -> Catalogue:
        """A catalogue; every version below a class's own must have its upcaster."""
        by_type = {known.__name__: known for known in classes}
        lifts = dict(upcasters or {})
        for name, known in by_type.items():
            for version in range(1, known.schema_version):
                if (name, version) not in lifts:
                    raise ValueError(f"{name} has no upcaster from version {version}")
        return cls(by_type, lifts)

    @cached_property
    def _holding(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        for name, known in self.classes.items():
            for one in fields(known):
                if content := one.metadata.get(HOLDS):
                    found[content][name] = (*found[content].get(name, ()), one.name)
        return found

    def holding(self, content: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        """By event type, the fields declared with this metadata of ``ledger.events.base``."""
        return self._holding[content[HOLDS]]

    def held(self, content: Mapping[str, str], kind: str, payload: str) -> list[str]:
        """The texts in those fields of a stored payload: a record's name, or digests."""
        names = self.holding(content).get(kind)
        return [] if names is None else list(_texts_in(parse(payload), *names))

    def write(self, event: Event, sealed: list[SealedValue]) -> bytes:
        """The event's payload, canonical; personal values are sealed and added to ``sealed``."""
        seals: dict[int, SealedValue] = {}

        def seal(value: object) -> object:
            if not isinstance(value, Personal):
                raise TypeError(f"{type(event).__name__} cannot hold {type(value).__name__}")
            if value.value is None:
                return {"$personal": None}
            if id(value) not in seals:
                seals[id(value)] = _sealed(value.value)
            return {"$personal": seals[id(value)].digest.hex()}

        payload = canonical(_converter().unstructure(event), seal)
        sealed.extend(seals.values())
        return payload

    def read(self, kind: str, version: int, payload: str, personal: Mapping[str, str]) -> Event:
        """The event of a payload; ``personal`` maps digests to the values not yet erased.

        Raises ``UnreadableEvent`` where it is of no known type and version, or of another shape.
        """
        known = self.classes.get(kind)
        if known is None or not 1 <= version <= known.schema_version:
            raise UnreadableEvent(
                f"it is {kind} version {version}, which this version of admsync does not know: if a"
                " later one appended it, upgrade admsync; otherwise another program did"
            )
        try:
            return self._structured(known, version, payload, personal)
        except Exception as problem:
            # Whatever a payload of any shape makes an upcaster or a constructor raise.
            raise UnreadableEvent(
                f"it is no {kind} version {version}: {_told(problem)}"
            ) from problem

    def _structured(
        self, known: type[Event], version: int, payload: str, personal: Mapping[str, str]
    ) -> Event:
        data = parse(payload)
        if '"$personal"' in payload:
            data = _unsealed(data, personal)
        for step in range(version, known.schema_version):
            data = self.upcasters[known.__name__, step](data)
        return _converter().structure(data, known)


def declared_in(*families: ModuleType) -> list[type[Event]]:
    """The event classes that the modules declare. A class that others derive from is no event, but
    what these have in common."""
    classes = {
        kind
        for family in families
        for _, kind in getmembers(family, isclass)
        if issubclass(kind, Event)
    }
    bases = {base for kind in classes for base in kind.__mro__[1:]}
    return sorted(classes - bases, key=lambda kind: kind.__name__)


def personal_digests(payload: str) -> list[str]:
    """The digests of the personal values in a payload."""
    return _DIGEST.findall(payload) if '"$personal"' in payload else []


def personal_digest(salt: bytes, value: str) -> bytes:
    """The digest of a personal value in an event: SHA-256 of salt and value."""
    return hashlib.sha256(salt + value.encode("utf-8", "surrogatepass")).digest()


def _texts_in(value: Any, *names: str) -> Iterator[str]:
    """The texts of these fields, of lists of texts, and of lists of stored answers."""
    found = [value[name] for name in names if name in value] if isinstance(value, dict) else [value]
    for item in found:
        if isinstance(item, list):
            for one in item:
                yield from _texts_in(one, "digest")
        elif isinstance(item, str):
            yield item


def _sealed(value: str) -> SealedValue:
    salt = os.urandom(16)
    return SealedValue(personal_digest(salt, value), salt, value)


def _unsealed(data: Any, personal: Mapping[str, str]) -> Any:
    if isinstance(data, list):
        return [_unsealed(item, personal) for item in data]
    if not isinstance(data, dict):
        return data
    digest = data.get("$personal", data)
    # A record's column may be called that too; what changed in it is no digest.
    if len(data) == 1 and isinstance(digest, str | None):
        value = None if digest is None else personal.get(digest)
        return Personal(value, erased=value is None and digest is not None)
    return {key: _unsealed(item, personal) for key, item in data.items()}


def _told(problem: Exception) -> str:
    """What is wrong and where in the payload, without a value of it: that may name a person."""
    from cattrs import transform_error  # noqa: PLC0415 - only with the converter

    if isinstance(problem, ExceptionGroup):
        return "; ".join(transform_error(problem, "payload")[:3])
    return type(problem).__name__


def _exactly(value: Any, kind: type[Any]) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected")
    return value


def _list_of(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    [item, *_] = get_args(kind)
    structure = converter.get_structure_hook(item)

    def listed(value: Any, _: Any) -> Any:
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
    for exact in (str, int, bool):
        converter.register_structure_hook(exact, _exactly)
    converter.register_structure_hook_factory(
        lambda kind: getattr(kind, "__origin__", None) is tuple,
        lambda kind: _list_of(kind, converter),
    )
    return converter
