"""Detects existing events: same course template, title and start date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import define, field, frozen

from importer.reference.values import EarlierRow, KnownEvent
from importer.workbook.template import fold

Key = tuple[str, str, date]


def key_of(course_code: str, title: str, start_date: date) -> Key:
    """The key that identifies equal events."""
    return fold(course_code), fold(title), start_date


@frozen
class Twin:
    """An equal event: its place, in words; its rows, where known."""

    place: str
    rows: tuple[EarlierRow, ...] = ()


@define
class Duplicates:
    """The existing events, and those accepted from the file so far."""

    _known: dict[Key, Twin] = field(factory=dict)

    @classmethod
    def of(cls, events: Iterable[KnownEvent]) -> Duplicates:
        """The events of a reference; an event on both sides is described by both."""
        duplicates = cls()
        for event in events:
            key = key_of(event.course_code, event.title, event.start_date)
            place = f"{event.side.value} ({event.identity})"
            before = duplicates._known.get(key)
            duplicates._known[key] = Twin(f"{before.place} and {place}" if before else place)
        return duplicates

    def twin(self, key: Key) -> Twin | None:
        """The place of the equal event; None for a new one."""
        return self._known.get(key)

    def accept(self, key: Key, row: int, rows: tuple[EarlierRow, ...]) -> None:
        """Registers an event accepted from the file, so that a second equal one is found."""
        self._known.setdefault(key, Twin(f"row {row} of this file", rows))
