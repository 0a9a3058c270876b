"""Finds a workbook's names among the linked records of a `Reference`.

One rule for every name: exactly one record whose name differs only in case and in the number of
spaces; without any, exactly one that `fold` finds equal (the kind of apostrophe and of dash, the
encoding of accents, invisible characters), which is then reported. Anything weaker matches nothing;
the nearest known name is then suggested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from attrs import define, field, frozen
from rapidfuzz import fuzz, process

from importer.reference.values import (
    Administrator,
    CourseTemplate,
    Instructor,
    Location,
    RecordKind,
    Reference,
    Side,
    Venue,
)
from importer.workbook.template import fold, plain

NEAR = 70
"""Least likeness, in percent, at which a known name is offered for one that is not known."""

_LONGEST_COMPARED = 100
_NO_VENUE = frozenset({"to be confirmed", "tbc", "tbd"})

T = TypeVar("T")


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
    """Records of one kind by name."""

    _by_name: dict[str, list[T]] = field(factory=dict)
    _plainly: dict[str, list[T]] = field(factory=dict)
    _spelling: dict[str, str] = field(factory=dict)
    _nearest: dict[str, str | None] = field(factory=dict)

    @classmethod
    def of(cls, records: Iterable[T], name: Callable[[T], str]) -> NameIndex[T]:
        """The records, each under what ``name`` gives for it; blank names are left out."""
        names = cls()
        for record in records:
            if key := fold(name(record)):
                names._by_name.setdefault(key, []).append(record)
                names._plainly.setdefault(plain(name(record)), []).append(record)
                names._spelling.setdefault(key, name(record))
        return names

    def called(self, name: str) -> list[T]:
        """The records of that name."""
        return self._plainly.get(plain(name)) or self._by_name.get(fold(name), [])

    def is_known(self, name: str) -> bool:
        """Whether any record has that name."""
        return bool(self.called(name))

    def spelling(self, name: str) -> str | None:
        """The records' spelling of a name, where it differs from the typed one."""
        return None if plain(name) in self._plainly else self._spelling.get(fold(name))

    def nearest(self, name: str) -> str | None:
        """The most similar known name, or None where none is near."""
        key = fold(name[:_LONGEST_COMPARED])
        if key not in self._nearest:
            near = process.extractOne(key, self._spelling.keys(), scorer=fuzz.ratio)
            found = near is not None and near[1] >= NEAR
            self._nearest[key] = self._spelling[near[0]] if near and found else None
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
    _unlinked: dict[tuple[RecordKind, str], set[Side]]

    @classmethod
    def of(cls, reference: Reference) -> Lookups:
        """Index a reference once, for the whole of a workbook."""
        places = {place.external_id: place.name for place in reference.locations}
        places_of_venue: dict[str, list[str]] = {}
        for venue in reference.venues:
            place = places.get(venue.location_external_id, venue.location_external_id)
            places_of_venue.setdefault(fold(venue.name), []).append(place)
        unlinked: dict[tuple[RecordKind, str], set[Side]] = {}
        for record in reference.unlinked:
            unlinked.setdefault((record.entity, fold(record.name)), set()).add(record.side)
        venues = {
            at: NameIndex.of([v for v in reference.venues if v.location_external_id == at], _name)
            for at in {venue.location_external_id for venue in reference.venues}
        }
        return cls(
            templates=NameIndex.of(reference.course_templates, lambda template: template.code),
            locations=NameIndex.of(reference.locations, _name),
            instructors=NameIndex.of(reference.instructors, _name),
            administrators=NameIndex.of(reference.administrators, _name),
            venues=venues,
            places_of_venue=places_of_venue,
            unlinked=unlinked,
        )

    def template(self, code: str) -> NamedRecord[CourseTemplate]:
        """The linked course template of that code; raises `NotFoundError`."""
        return self._one(RecordKind.COURSE_TEMPLATE, code, self.templates)

    def location(self, name: str) -> NamedRecord[Location]:
        """The linked location of that name; raises `NotFoundError`."""
        return self._one(RecordKind.LOCATION, name, self.locations)

    def venue(self, name: str, location: Location) -> NamedRecord[Venue | None]:
        """The linked venue of that name there, None for one to be confirmed."""
        if fold(name) in _NO_VENUE:
            return NamedRecord(None)
        there = self._venues.get(location.external_id, NameIndex[Venue]())
        try:
            found = self._one(RecordKind.VENUE, name, there)
            return NamedRecord(found.record, found.spelling)
        except NotFoundError as error:
            if elsewhere := self._places_of_venue.get(fold(name)):
                known = ", ".join(repr(place) for place in sorted(set(elsewhere)))
                problem = f"no venue of {location.name!r}, but of {known}"
                raise NotFoundError(problem, "a venue of the row's location") from error
            raise

    def instructor(self, name: str) -> NamedRecord[Instructor]:
        """The linked instructor of that full name; raises `NotFoundError`.

        Only the linked records say where a surname begins, so the name is tried at every split into
        first and last names: which is to compare it with both of a record's names put together.
        """
        return self._one(RecordKind.INSTRUCTOR, name, self.instructors)

    def administrator(self, name: str) -> NamedRecord[Administrator]:
        """The contact of that name with the administrator role; raises `NotFoundError`."""
        return self._one(RecordKind.ADMINISTRATOR, name, self.administrators)

    def _one(self, entity: RecordKind, name: str, among: NameIndex[T]) -> NamedRecord[T]:
        found = among.called(name)
        if len(found) == 1:
            return NamedRecord(found[0], among.spelling(name))
        raise self._absent(entity, name, len(found), among.nearest(name))

    def _absent(
        self, entity: RecordKind, name: str, found: int, nearest: str | None
    ) -> NotFoundError:
        if found > 1:
            return NotFoundError(
                f"{found} {entity.value}s of that name", "a name that only one of them has"
            )
        if entity is RecordKind.ADMINISTRATOR:
            return NotFoundError(
                "no administrator of that name in Administrate",
                "the name of a contact marked there as administrator",
                nearest,
            )
        sides = self._unlinked.get((entity, fold(name)), set())
        problem = f"no linked {entity.value} of that name"
        return NotFoundError(problem, _remedy(entity, sides), nearest)


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
