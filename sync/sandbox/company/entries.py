"""The fictional company: entries from which Administrate and the tutorial tables both derive.

An entry may say ``only`` (the one side that has it), ``tutorial`` (values that differ there) and
``why`` the discrepancy is there, for the reader.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from attrs import field, frozen

Entry = Mapping[str, Any]
Entries = Callable[[], Iterable[Entry]]
_Key = TypeVar("_Key")


@frozen
class Company:
    """The company's entries by section; ``more`` adds to a section, made anew on each reading."""

    values: Mapping[str, Any]
    more: Mapping[str, Entries] = field(factory=dict)

    @classmethod
    def shipped(cls, more: Mapping[str, Entries] | None = None) -> Company:
        path = Path(__file__).parent / "company.json"
        return cls(json.loads(path.read_text(encoding="utf-8")), more or {})

    def section(self, name: str) -> Iterator[Entry]:
        generated = self.more[name]() if name in self.more else ()
        return chain(self.values[name], generated)

    def administrate(self, name: str) -> Iterator[Entry]:
        """The section's entries that Administrate has."""
        return (entry for entry in self.section(name) if entry.get("only") != "tutorial")

    def tutorial_numbers(self, name: str, key: Callable[[Entry], _Key]) -> dict[_Key, int]:
        """Of the tutorial side's entries, by a key of what is declared; of two alike, the first."""
        numbers: dict[_Key, int] = {}
        entries = (one for one in self.section(name) if one.get("only") != "administrate")
        for number, entry in enumerate(entries, start=1):
            numbers.setdefault(key(entry), number)
        return numbers

    def tutorial(self, name: str) -> Iterator[Entry]:
        """The section's entries that the tutorial side has, with its values."""
        return (
            {**entry, **entry.get("tutorial", {})}
            for entry in self.section(name)
            if entry.get("only") != "administrate"
        )
