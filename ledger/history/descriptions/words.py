"""The building blocks of descriptions: sentences, fields, display names beside ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import frozen

from ledger.events import Event, record_name
from ledger.output.words import shown
from ledger.schema import acted, adm
from ledger.values import Value

# Adds a record's display name to its id.
Names: TypeAlias = Callable[[str], str]
_TABLES = {table.fullname: table for table in (*acted.TABLES, *adm.TABLES)}


@frozen
class Description:
    """A description: a sentence, and one line a change."""

    sentence: str
    changes: tuple[str, ...] = ()


# The descriptions of a family's events, by type.
Describers: TypeAlias = Mapping[type[Event], Callable[[Any, Names], Description]]


def references_in_words(referred_by: Mapping[str, int]) -> str:
    """The references in words: ``3 rows refer to it by
    acted.tutorial_events.course_template_id``."""
    return " and ".join(
        f"{count} {'row refers' if count == 1 else 'rows refer'} to it by {where}"
        for where, count in referred_by.items()
    )


def field_lines(table: str, fields: Mapping[str, Value], names: Names) -> Iterator[str]:
    """The non-empty fields of a record, a line each."""
    for name, value in fields.items():
        if value not in (None, "", [], {}):
            yield f"{name}: {in_column(table, name, value, names)}"


def in_column(table: str, column: str, value: Value, names: Names) -> str:
    """A column's value; for a foreign key with the display name of its target."""
    known = _TABLES[table].by_name.get(column) if table in _TABLES else None
    if value is not None and known is not None and known.referred:
        return names(record_name(known.referred, shown(value))).partition("/")[2]
    return shown(value)
