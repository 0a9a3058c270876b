"""The live records of one side, by what they are compared by."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define

from sync.matching.keys import Compared, Id, Record, Rule, order


@define
class Records:
    """One side's live records: by id, and, in order of id, by compared key."""

    by_id: dict[Id, Record]
    alike: dict[Compared, list[Record]]
    keyless: list[Record]

    @classmethod
    def of(cls, rule: Rule, records: Iterable[Record]) -> Records:
        """Sorted into groups; ValueError where an id is there twice."""
        given = list(records)
        found = cls({record.id: record for record in given}, {}, [])
        if len(found.by_id) < len(given):
            raise ValueError(f"{rule.name}: an id is there twice among {len(given)} records")
        for record in given:
            compared = rule.compared(record)
            if compared is None:
                found.keyless.append(record)
            else:
                found.alike.setdefault(compared, []).append(record)
        for group in found.alike.values():
            if len(group) > 1:
                group.sort(key=record_order)
        return found

    def like(self, compared: Compared | None) -> list[Record]:
        """The records of that key; none where there is no key."""
        return [] if compared is None else self.alike.get(compared, [])


def record_order(record: Record) -> tuple[bool, int, str]:
    """The key that sorts records by id."""
    return order(record.id)
