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
from functools import cached_property
from inspect import getmembers, isclass
from itertools import islice
from types import ModuleType
from typing import Any

from attrs import field, fields, frozen

from ledger.canonical import UNIT_SEPARATOR, canonical, canonical_texts, parse
from ledger.errors import UnreadableEvent
from ledger.events.base import HOLDS, Event
from ledger.events.conversion import structured, unstructured
from ledger.values import Personal

# How many payloads are written in one call: enough for speed, few enough for the memory.
_TOGETHER = 200
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

        payload = canonical(unstructured(event), seal)
        sealed.extend(seals.values())
        return payload

    def write_all(self, events: Iterable[Event], sealed: list[SealedValue]) -> str:
        """The events' payloads, as ``write`` would write each, U+001F between two."""
        rest = iter(events)
        written: list[str] = []
        while some := list(islice(rest, _TOGETHER)):
            texts = canonical_texts(map(unstructured, some))
            # One that names a person, say, needs more than that.
            written += (
                [self.write(one, sealed).decode() for one in some] if texts is None else [texts]
            )
        return UNIT_SEPARATOR.join(written)

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
        return structured(data, known)


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
