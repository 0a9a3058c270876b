"""The building blocks of descriptions: sentences, fields, display names beside ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import frozen

from ledger.events import Event, record_name
from ledger.output.words import shown
from ledger.tables import METADATA
from ledger.values import Value

# Adds a record's display name to its id.
Names: TypeAlias = Callable[[str], str]


@frozen
class Description:
    """A description: a sentence, and one line a change."""

    sentence: str
    changes: tuple[str, ...] = ()


# The descriptions of a family's events, by type.
Describers: TypeAlias = Mapping[type[Event], Callable[[Any, Names], Description]]


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
