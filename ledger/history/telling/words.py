"""The parts that telling an event is made of: its sentence, its values, names beside ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from attrs import frozen

from ledger.events import Event, record_name
from ledger.tables import METADATA
from ledger.values import Personal, Value

# Gives a record's name beside its id.
Names: TypeAlias = Callable[[str], str]
_LONGEST = 200
# Neither an event nor a column keeps the order that counts were made in.
_COUNTED = ("created", "updated", "unchanged", "deleted", "skipped", "errors")
_RANKS = {name: rank for rank, name in enumerate(_COUNTED)}


@frozen
class Told:
    """An event in words: a sentence, and what changed, a line each."""

    sentence: str
    changes: tuple[str, ...] = ()


# How the events of a family are told, by their type.
Tellers: TypeAlias = Mapping[type[Event], Callable[[Any, Names], Told]]


def in_words(value: Value) -> str:
    """A value as a person reads it."""
    if isinstance(value, Personal):
        return "(erased)" if value.erased else in_words(value.value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {in_words(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(in_words, value))
    if isinstance(value, datetime):
        # Everywhere the same, whatever zone the reader is in: an audit pack's page is compared.
        utc = value.astimezone(UTC) if value.tzinfo else value
        return f"{utc:%Y-%m-%d %H:%M:%S}{' UTC' if value.tzinfo else ''}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value) or "(blank)"


def shown(value: Value, longest: int = _LONGEST) -> str:
    """A value in words, of a bounded length."""
    text = in_words(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def counts_in_words(counts: Mapping[str, Value]) -> str:
    """Counts by name, on a line; what a sync counts in its own order, then the rest."""
    names = sorted(counts, key=lambda name: _RANKS.get(name, len(_RANKS)))
    return ", ".join(f"{counts[name]} {name}" for name in names) or "nothing to count"


def field_lines(table: str, fields: Mapping[str, Value], names: Names) -> Iterator[str]:
    """The fields of a record that hold anything, a line each."""
    for name, value in fields.items():
        if value not in (None, "", [], {}):
            yield f"{name}: {in_column(table, name, value, names)}"


def in_column(table: str, column: str, value: Value, names: Names) -> str:
    """A value of a column; the name of what it refers to beside it."""
    known = METADATA.tables[table].columns.get(column) if table in METADATA.tables else None
    if value is not None and known is not None:
        for reference in known.foreign_keys:
            referred = record_name(reference.target_fullname.rpartition(".")[0], shown(value))
            return names(referred).partition("/")[2]
    return shown(value)
