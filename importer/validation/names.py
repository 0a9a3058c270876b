"""Finds a workbook's names among the linked records of a `Reference`.

One rule for every name: exactly one record whose name differs only in case and in the number of
spaces; without any, exactly one that `fold` finds equal (the kind of apostrophe and of dash, the
encoding of accents, invisible characters), which is then reported. Anything weaker matches nothing;
the nearest known name is then suggested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Generic, TypeVar

from attrs import define, field, frozen

from importer.reference.values import (
    Administrator,
    CourseTemplate,
    Instructor,
    Location,
    RecordKind,
    Reference,
    Side,
    UnlinkedRecord,
    Venue,
)
from importer.workbook.template import fold, plain
from sync.matching.keys import COURSE_TEMPLATE, INSTRUCTOR, LOCATION
from sync.matching.known_names import KnownNames

_LONGEST_COMPARED = 100
_RULES = {
    RecordKind.COURSE_TEMPLATE: COURSE_TEMPLATE,
    RecordKind.LOCATION: LOCATION,
    RecordKind.VENUE: LOCATION,
    RecordKind.INSTRUCTOR: INSTRUCTOR,
    RecordKind.ADMINISTRATOR: INSTRUCTOR,
}
_NO_VENUE = frozenset({"to be confirmed", "tbc", "tbd"})

_NOT_LINKED = re.compile("no linked (.+) of that name")

T = TypeVar("T")


def missing_kind(problem: str) -> str | None:
    """The kind of record that an error says is missing; None where it is about something else."""
    found = _NOT_LINKED.fullmatch(problem)
    return found[1] if found else None


class NotFoundError(Exception):
    """No record, or more than one, has the name; ``expected`` says what to enter or to run."""

    def __init__(self, problem: str, expected: str, nearest: str | None = None) -> None:
        """Keep the three parts apart, as `CellError` shows them."""
        super().__init__(problem)
        self.problem = problem
        self.expected = expected
        self.nearest = nearest


@frozen
class NamedRecord(Generic[T]):
    """The record of a name; ``spelling`` is its own spelling where that differs."""

    record: T
    spelling: str | None = None


@define
class NameIndex(Generic[T]):
    """Records of one kind by name; ``unlinked`` are the sides that have a name, not linked."""

    kind: RecordKind
    unlinked: Mapping[str, set[Side]] = field(factory=dict)
    _by_name: dict[str, list[T]] = field(factory=dict)
    _plainly: dict[str, list[T]] = field(factory=dict)
    _spelling: dict[str, str] = field(factory=dict)
    _nearest: dict[str, str | None] = field(factory=dict)
    _names: KnownNames | None = None

    @classmethod
    def of(
        cls,
        kind: RecordKind,
        records: Iterable[T],
        name: Callable[[T], str],
        unlinked: Iterable[UnlinkedRecord] = (),
    ) -> NameIndex[T]:
        """The records, each under what ``name`` gives for it; blank names are left out."""
        sides: dict[str, set[Side]] = {}
        for one in unlinked:
            if one.entity is kind:
                sides.setdefault(fold(one.name), set()).add(one.side)
        index = cls(kind, sides)
        for record in records:
            if key := fold(name(record)):
                index._by_name.setdefault(key, []).append(record)
                index._plainly.setdefault(plain(name(record)), []).append(record)
                index._spelling.setdefault(key, name(record))
        return index

    def called(self, name: str) -> list[T]:
        return self._plainly.get(plain(name)) or self._by_name.get(fold(name), [])

    def is_known(self, name: str) -> bool:
        return bool(self.called(name))

    def find(self, name: str) -> NamedRecord[T]:
        """The one record of that name; raises `NotFoundError`.

        A person's name is compared with both of a record's names put together, since only the
        linked records say where a surname begins.
        """
        found = self.called(name)
        if len(found) != 1:
            raise self._not_found(name, len(found))
        return NamedRecord(
            found[0], None if plain(name) in self._plainly else self._spelling.get(fold(name))
        )

    def _not_found(self, name: str, found: int) -> NotFoundError:
        if found > 1:
            return NotFoundError(
                f"{found} {self.kind.value}s of that name", "a name that only one of them has"
            )
        nearest = self._most_similar(name)
        if self.kind is RecordKind.ADMINISTRATOR:
            return NotFoundError(
                "no administrator of that name in Administrate",
                "the name of a contact marked there as administrator",
                nearest,
            )
        remedy = _remedy(self.kind, self.unlinked.get(fold(name), set()))
        if self.kind is not RecordKind.VENUE and not self._by_name and not self.unlinked:
            remedy = f"no {self.kind.value} is known yet: run `{self.kind.sync}` first"
        return NotFoundError(f"no linked {self.kind.value} of that name", remedy, nearest)

    def _most_similar(self, name: str) -> str | None:
        """The one most similar known name, or None where none is near."""
        key = fold(name[:_LONGEST_COMPARED])
        if key not in self._nearest:
            if self._names is None:
                self._names = KnownNames.of(_RULES[self.kind], self._spelling.values())
            self._nearest[key] = self._names.nearest(name[:_LONGEST_COMPARED])
        return self._nearest[key]


@frozen
class Lookups:
    """The records of a `Reference` by the names in a workbook."""

    templates: NameIndex[CourseTemplate]
    locations: NameIndex[Location]
    instructors: NameIndex[Instructor]
    administrators: NameIndex[Administrator]
    _venues: dict[str, NameIndex[Venue]]
    _places_of_venue: dict[str, list[str]]

    @classmethod
    def of(cls, reference: Reference) -> Lookups:
        """Index a reference once, for the whole of a workbook."""
        locations = {one.external_id: one.name for one in reference.locations}
        at: dict[str, list[Venue]] = {place: [] for place in locations}
        places: dict[str, list[str]] = {}
        for venue in reference.venues:
            place = venue.location_external_id
            at.setdefault(place, []).append(venue)
            places.setdefault(fold(venue.name), []).append(locations.get(place, place))
        index = partial(NameIndex.of, unlinked=reference.unlinked)
        return cls(
            index(RecordKind.COURSE_TEMPLATE, reference.course_templates, lambda one: one.code),
            index(RecordKind.LOCATION, reference.locations, _name),
            index(RecordKind.INSTRUCTOR, reference.instructors, _name),
            index(RecordKind.ADMINISTRATOR, reference.administrators, _name),
            {place: index(RecordKind.VENUE, venues, _name) for place, venues in at.items()},
            places,
        )

    def venue(self, name: str, location: Location) -> NamedRecord[Venue | None]:
        """The linked venue of that name there, None for one to be confirmed."""
        if fold(name) in _NO_VENUE:
            return NamedRecord(None)
        try:
            found = self._venues[location.external_id].find(name)
            return NamedRecord(found.record, found.spelling)
        except NotFoundError as error:
            if elsewhere := self._places_of_venue.get(fold(name)):
                known = ", ".join(repr(place) for place in sorted(set(elsewhere)))
                problem = f"no venue of {location.name!r}, but of {known}"
                raise NotFoundError(problem, "a venue of the row's location") from error
            raise


def _remedy(entity: RecordKind, sides: set[Side]) -> str:
    """The value to enter, or the command to run, so that the name's record is linked."""
    if len(sides) == 2:
        return f"both sides have it, not linked: run `{entity.sync}`, then `admsync discrepancies`"
    if Side.TUTORIAL in sides:
        by_hand = "enter it there by hand, then " if entity is RecordKind.VENUE else ""
        return f"Administrate lacks it: {by_hand}run `{entity.sync}`"
    if Side.ADMINISTRATE in sides:
        return f"the tutorial tables lack it: enter it there, then run `{entity.sync}`"
    return f"neither side is known to have it: enter it in both, then run `{entity.sync}`"


def _name(record: Location | Venue | Instructor | Administrator) -> str:
    return record.name
