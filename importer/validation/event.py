"""Builds the planned event from an event's rows, or notes their errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from importer.reference.product_choice import Chosen, NoProduct, ProductChooser
from importer.reference.sittings import SITTING_FORM, exam_session
from importer.reference.values import CourseTemplate, Instructor, Location, Reference, Venue
from importer.validation.custom_fields import CustomFields
from importer.validation.event_details import read_details
from importer.validation.names import Lookups
from importer.validation.planned_event import Mode, PlannedEvent, PlannedSession
from importer.validation.row_reader import RowReader
from importer.validation.session import (
    Place,
    check_is_session_of,
    read_place,
    read_session,
)
from importer.workbook.column import RowKind
from importer.workbook.grouping import Group
from importer.workbook.template import EVENT_VALUES, fold

_MODES = {
    "blended": Mode.BLENDED,
    "lms": Mode.LMS,
    "self paced": Mode.LMS,
    "self-paced": Mode.LMS,
    "self paced (lms)": Mode.LMS,
    "self-paced (lms)": Mode.LMS,
}
_MODE_NAMES = {Mode.BLENDED: "Blended", Mode.LMS: "Self Paced (LMS)"}
_EDGES = ("start_date", "start_time", "end_date", "end_time")
_CLASSROOM, _LMS = ([f"{part}_{edge}" for edge in _EDGES] for part in ("classroom", "lms"))


@frozen
class Builder:
    """The reference data for building events, indexed once for a workbook.

    ``names`` are those of linked records, by Administrate id. Without ``approve``, an instructor
    who is not approved for the course template is an error.
    """

    lookups: Lookups
    catalogue: ProductChooser
    fields: CustomFields
    names: Mapping[str, str]
    longest: Mapping[str, int]
    approve: bool = True

    @classmethod
    def of(cls, reference: Reference, *, approve: bool = True) -> Builder:
        """Raises `WorkbookError` where a custom field lacks that every import sets."""
        named: tuple[Location | Venue | Instructor, ...] = (
            *reference.locations,
            *reference.venues,
            *reference.instructors,
        )
        return cls(
            Lookups.of(reference),
            ProductChooser.of(reference),
            CustomFields.of(reference),
            {one.external_id: one.name for one in named},
            reference.longest,
            approve,
        )

    def build(self, group: Group, event: RowReader, *sessions: RowReader) -> PlannedEvent | None:
        """The event of a group; None where a reader has noted an error.

        Every cell of every row is read, whatever the errors before it.
        """
        if group.problem:
            event.refuse("event_key", group.problem)
        for reader in (event, *sessions):
            reader.fact("cancelled")
        mode = Mode.LMS if event.kind is RowKind.LMS else Mode.BLENDED
        _check_mode(event, mode)
        template = event.found("code", self.lookups.templates.find)
        place = read_place(event, self.lookups)
        lms = event.span("lms", place.zone)
        instructors = event.all_found("instructor", self.lookups.instructors)
        administrators = event.all_found("administrator", self.lookups.administrators)
        plain = event.facts(EVENT_VALUES)
        chosen = self._product(event, template, place.location, plain["sitting"])
        optional = self.fields.optional(event)
        details = read_details(event, administrators, self.longest)
        read: list[PlannedSession] = []
        if mode is Mode.LMS:
            _refuse_classroom(event, sessions)
        else:
            read = self._sessions(event, sessions, place, instructors)
        approve = self._to_approve(template, instructors, read, [event, *sessions])
        if any(reader.errors for reader in (event, *sessions)):
            return None
        if template is None or place.location is None or place.zone is None:
            return None
        if lms is None or chosen is None:
            return None
        return PlannedEvent(
            **plain,
            row=event.row.number,
            event_key=group.event_key,
            mode=mode,
            code=plain["title"],
            template=template.keys,
            template_code=template.code,
            location=place.location.keys,
            place=place.location.name,
            venue=place.venue.keys if place.venue else None,
            zone=place.zone,
            lms=lms,
            instructors=tuple(one.keys for one in instructors),
            approve=approve,
            administrators=tuple(one.contact_id for one in administrators),
            product_id=chosen.product.id,
            product_code=chosen.product.code,
            product_title=chosen.product.title,
            product_steps=chosen.steps,
            tax_type="",
            custom_fields=self.fields.values("Event", plain) | optional,
            sessions=tuple(sorted(read, key=lambda one: one.day)),
            details=details,
        )

    def _product(
        self,
        event: RowReader,
        template: CourseTemplate | None,
        location: Location | None,
        sitting: str | None,
    ) -> Chosen | None:
        """The product; None where there is none, or what it depends on is missing."""
        if sitting is not None and exam_session(sitting) is None:
            event.refuse("sitting", "no sitting", SITTING_FORM)
            return None
        if template is None or location is None or sitting is None:
            return None
        chosen = self.catalogue.choose(template.code, sitting, location.name)
        if isinstance(chosen, NoProduct):
            event.refuse_unsold(chosen)
            return None
        return chosen

    def _sessions(
        self,
        event: RowReader,
        below: Sequence[RowReader],
        place: Place,
        instructors: tuple[Instructor, ...],
    ) -> list[PlannedSession]:
        """The sessions of a blended event, the one in its own row first."""
        read = [read_session(event, place, instructors, self.lookups, self.fields)]
        for reader in below:
            _check_mode(reader, Mode.BLENDED)
            check_is_session_of(reader, event.row.text("title"))
            for key in _LMS:
                reader.fact(key)
            own = read_place(reader, self.lookups, place)
            named = reader.all_found("instructor", self.lookups.instructors)
            read.append(read_session(reader, own, named, self.lookups, self.fields))
        _refuse_repeated_days([event, *below])
        return [session for session in read if session is not None]

    def _to_approve(
        self,
        template: CourseTemplate | None,
        instructors: tuple[Instructor, ...],
        sessions: list[PlannedSession],
        readers: list[RowReader],
    ) -> tuple[str, ...]:
        """The ids of instructors who are not approved for the template; each refused in its row
        where the import is not to approve them."""
        if template is None:
            return ()
        people = {readers[0].row.number: [one.external_id for one in instructors]}
        for session in sessions:
            ids = (one.external_id for one in session.instructors)
            people.setdefault(session.row, []).extend(ids)
        lacking: dict[str, None] = {}
        for reader in readers:
            for person in dict.fromkeys(people.get(reader.row.number, ())):
                if person in template.approved:
                    continue
                lacking[person] = None
                if not self.approve:
                    _refuse_unapproved(reader, self.names[person], template)
        return tuple(lacking)


def _refuse_unapproved(reader: RowReader, name: str, template: CourseTemplate) -> None:
    own = "session_instructor"
    reader.refuse(
        "instructor" if reader.is_blank(own) else own,
        f"not approved for {template.code}",
        "an approved instructor; without --no-approve the import approves them",
        value=name,
    )


def _check_mode(reader: RowReader, mode: Mode) -> None:
    typed = reader.fact("mode")
    if typed is not None and _MODES.get(fold(typed)) is not mode:
        reader.refuse(
            "mode", "contradicts the course template code", f"{_MODE_NAMES[mode]!r} for such a code"
        )


def _refuse_classroom(event: RowReader, below: Sequence[RowReader]) -> None:
    for key in _CLASSROOM:
        if not event.is_blank(key):
            event.refuse(key, "an LMS event has no classroom dates", "a blank cell")
    for reader in below:
        reader.refuse("session_title", "an LMS event has no sessions", "another event above it")


def _refuse_repeated_days(readers: list[RowReader]) -> None:
    seen: dict[int, int] = {}
    for reader in readers:
        day = reader.fact("day")
        if day is not None and seen.setdefault(day, reader.row.number) != reader.row.number:
            reader.refuse("day", f"row {seen[day]} is day {day} of this event too", "another day")
