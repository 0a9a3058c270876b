"""The building blocks of descriptions: sentences, values, display names beside ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from attrs import frozen

from ledger.events import Event, record_name
from ledger.tables import METADATA
from ledger.values import Personal, Value

# Adds a record's display name to its id.
Names: TypeAlias = Callable[[str], str]
_LONGEST = 200
# Counts lose their order in events and in columns.
_COUNTED = ("created", "updated", "unchanged", "deleted", "skipped", "errors")
_RANKS = {name: rank for rank, name in enumerate(_COUNTED)}


@frozen
class Description:
    """A description: a sentence, and one line a change."""

    sentence: str
    changes: tuple[str, ...] = ()


# The descriptions of a family's events, by type.
Describers: TypeAlias = Mapping[type[Event], Callable[[Any, Names], Description]]


def in_words(value: Value) -> str:
    """A value as shown to people."""
    if isinstance(value, Personal):
        return "(erased)" if value.erased else in_words(value.value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {in_words(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(in_words, value))
    if isinstance(value, datetime):
        # The same in every time zone: the page of an audit pack is compared.
        utc = value.astimezone(UTC) if value.tzinfo else value
        return f"{utc:%Y-%m-%d %H:%M:%S}{' UTC' if value.tzinfo else ''}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value) or "(blank)"


def shown(value: Value, longest: int = _LONGEST) -> str:
    """A value in words, truncated."""
    text = in_words(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def counts_in_words(counts: Mapping[str, Value]) -> str:
    """Counts by name, on a line; a sync's counts in its own order, then the rest."""
    names = sorted(counts, key=lambda name: _RANKS.get(name, len(_RANKS)))
    return ", ".join(f"{counts[name]} {name}" for name in names) or "nothing to count"


def field_lines(table: str, fields: Mapping[str, Value], names: Names) -> Iterator[str]:
    """The non-empty fields of a record, a line each."""
    for name, value in fields.items():
        if value not in (None, "", [], {}):
            yield f"{name}: {in_column(table, name, value, names)}"


def in_column(table: str, column: str, value: Value, names: Names) -> str:
    """A column's value; for a foreign key with the display name of its target."""
    known = METADATA.tables[table].columns.get(column) if table in METADATA.tables else None
    if value is not None and known is not None:
        for reference in known.foreign_keys:
            referred = record_name(reference.target_fullname.rpartition(".")[0], shown(value))
            return names(referred).partition("/")[2]
    return shown(value)
