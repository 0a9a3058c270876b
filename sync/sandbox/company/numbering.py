"""Ids for the company's records, given out as they are made and found again by name."""

from __future__ import annotations

from attrs import define, field

from sync.sandbox.records.ids import global_id
from sync.sandbox.records.kinds import Kind
from sync.sandbox.records.store import FIRST_NUMBER, Record

#: The only tax type of many tenants has this very number.
FIRST_NUMBERS = {"TaxType": 1, "Company": 1, "Course": 9500, "CustomFieldDefinition": 24}


@define
class Numbering:
    """The last number by id prefix, and the ids by kind and the name that entries use."""

    _last: dict[str, int] = field(factory=dict)
    _named: dict[tuple[str, object], str] = field(factory=dict)

    def new(self, kind: Kind, name: object = None, /, **values: object) -> tuple[Kind, Record]:
        """A record of the values, with the next number of its prefix."""
        first = FIRST_NUMBERS.get(kind.prefix, FIRST_NUMBER)
        number = self._last.get(kind.prefix, first - 1) + 1
        self._last[kind.prefix] = number
        identifier = global_id(kind.prefix, number)
        if name is not None:
            self._named.setdefault((kind.name, name), identifier)
        return kind, {"id": identifier, "legacyId": str(number), **values}

    def of(self, kind: Kind, name: object) -> str:
        return self._named[kind.name, name]
