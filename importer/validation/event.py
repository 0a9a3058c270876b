"""Builds the planned event from an event's rows, or notes their errors."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from importer.reference.product_choice import Catalogue, Chosen, NoProduct
from importer.reference.sittings import SITTING_FORM, exam_session
from importer.reference.values import CourseTemplate, Instructor, Location, Reference, Venue
from importer.validation.custom_fields import EVENT_LABELS, CustomFields
from importer.validation.event_details import read_details
from importer.validation.names import Lookups
from importer.validation.planned_event import Mode, PlannedEvent, PlannedSession
from importer.validation.rows import RowReader
from importer.validation.session import (
    Place,
    check_is_session_of,
    read_instructors,
    read_place,
    read_session,
)
from importer.workbook.cells import Fault, UnreadableError, is_blank, shown
from importer.workbook.grouping import Group
from importer.workbook.template import CUSTOM_LABEL_KEYS, RowKind, fold, normal

_MODES = {
    "blended": Mode.BLENDED,
    "lms": Mode.LMS,
    "self paced": Mode.LMS,
    "self-paced": Mode.LMS,
    "self paced (lms)": Mode.LMS,
    "self-paced (lms)": Mode.LMS,
}
_MODE_NAMES = {Mode.BLENDED: "Blended", Mode.LMS: "Self Paced (LMS)"}
_CLASSROOM = (
    "classroom_start_date",
    "classroom_start_time",
    "classroom_end_date",
    "classroom_end_time",
)


@frozen
class Builder:
    """The reference data for building events, indexed once for a workbook.

    ``names`` are those of linked records, by Administrate id. Without ``approve``, an instructor
    who is not approved for the course template is an error.
    """

    lookups: Lookups
    catalogue: Catalogue
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
            Catalogue.of(reference),
            CustomFields.of(reference),
            {one.external_id: one.name for one in named},
            reference.longest,
            approve,
        )

    def build(
        self, group: Group, event: RowReader, sessions: list[RowReader]
    ) -> PlannedEvent | None:
        """The event of a group; None where a reader has noted an error.

        Every cell of every row is read, whatever the errors before it.
        """
        if group.problem:
            event.refuse("event_key", group.problem)
        for reader in (event, *sessions):
            reader.yes("cancelled")
        mode = Mode.LMS if event.kind is RowKind.LMS else Mode.BLENDED
        _check_mode(event, mode)
        template = event.found("code", self.lookups.template)
        title = event.text("title")
        place = read_place(event, self.lookups)
        lms = event.window("lms", place.zone)
        max_places, min_places = event.number("max_places"), event.number("min_places")
        instructors = read_instructors(event, "instructor", self.lookups)
        administrators = event.all_found(
            "administrator", self.lookups.administrators, self.lookups.administrator
        )
        url, finalisation = event.url("event_url"), event.day("finalisation")
        web_sale, sold_out = event.yes("web_sale"), event.yes("sold_out")
        deadline, ocr = event.day("deadline"), event.text("ocr")
        sitting, chosen = self._product(event, template, place.location)
        typed = self._typed_fields(event)
        details = read_details(event, administrators, self.longest)
        if mode is Mode.LMS:
            _refuse_classroom(event, sessions)
            read = []
        else:
            read = self._sessions(event, sessions, place, instructors)
        approve = self._to_approve(template, instructors, read, [event, *sessions])
        if any(reader.errors for reader in (event, *sessions)):
            return None
        if template is None or title is None or place.location is None or place.zone is None:
            return None
        if lms is None or sitting is None or chosen is None:
            return None
        facts = zip(EVENT_LABELS, (sitting, finalisation, url, web_sale, ocr), strict=True)
        return PlannedEvent(
            row=event.row.number,
            event_key=group.event_key,
            mode=mode,
            title=title,
            code=title,
            template=template.keys,
            template_code=template.code,
            location=place.location.keys,
            place=place.location.name,
            venue=place.venue.keys if place.venue else None,
            zone=place.zone,
            lms=lms,
            max_places=max_places,
            min_places=min_places,
            sold_out=sold_out,
            instructors=tuple(one.keys for one in instructors),
            approve=approve,
            administrators=tuple(one.contact_id for one in administrators),
            url=url,
            finalisation_date=finalisation,
            registration_deadline=deadline,
            web_sale=web_sale,
            sitting=sitting,
            ocr_moodle_code=ocr,
            product_id=chosen.product.id,
            product_code=chosen.product.code,
            product_title=chosen.product.title,
            product_steps=chosen.steps,
            tax_type="",
            custom_fields=self.fields.values("Event", facts) | typed,
            sessions=tuple(sorted(read, key=lambda one: one.day)),
            details=dict(details),
        )

    def _product(
        self, event: RowReader, template: CourseTemplate | None, location: Location | None
    ) -> tuple[str | None, Chosen | None]:
        """The sitting and the product; each None where it is missing or invalid."""
        sitting = event.text("sitting")
        if sitting is None:
            return None, None
        if exam_session(sitting) is None:
            event.refuse("sitting", "no sitting", SITTING_FORM)
            return sitting, None
        if template is None or location is None:
            return sitting, None
        chosen = self.catalogue.choose(template.code, sitting, location.name)
        if isinstance(chosen, NoProduct):
            event.refuse_unsold(chosen)
            return sitting, None
        return sitting, chosen

    def _typed_fields(self, event: RowReader) -> dict[str, str]:
        """The custom fields named by optional columns, and by columns outside the template."""
        sheet = event.sheet
        known = {sheet.columns[key] for key in CUSTOM_LABEL_KEYS if key in sheet.columns}
        fixed = {normal(label) for label in EVENT_LABELS}
        values = {}
        for index in sorted(known.union(sheet.extras)):
            label = shown(sheet.header.at(index))
            definition = self.fields.labelled("Event", label)
            value = event.row.at(index)
            if definition is None or is_blank(value) or normal(label) in fixed:
                continue
            if isinstance(value, Fault):  # an error of the row already
                continue
            try:
                values[definition.key] = self.fields.typed(definition, value)
            except UnreadableError as error:
                event.refuse_at(index, error.problem, error.expected)
        return values

    def _sessions(
        self,
        event: RowReader,
        below: list[RowReader],
        place: Place,
        instructors: tuple[Instructor, ...],
    ) -> list[PlannedSession]:
        """The sessions of a blended event, the one in its own row first."""
        read = [read_session(event, place, instructors, self.lookups, self.fields)]
        for reader in below:
            _check_mode(reader, Mode.BLENDED)
            check_is_session_of(reader, shown(event.value("title")))
            for part in ("lms_start", "lms_end"):
                reader.day(f"{part}_date")
                reader.clock(f"{part}_time")
            own = read_place(reader, self.lookups, place)
            named = read_instructors(reader, "instructor", self.lookups)
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
    said = reader.text("mode")
    if said is not None and _MODES.get(fold(said)) is not mode:
        reader.refuse(
            "mode", "contradicts the course template code", f"{_MODE_NAMES[mode]!r} for such a code"
        )


def _refuse_classroom(event: RowReader, below: list[RowReader]) -> None:
    for key in _CLASSROOM:
        if not event.is_blank(key):
            event.refuse(key, "an LMS event has no classroom dates", "a blank cell")
    for reader in below:
        reader.refuse("session_title", "an LMS event has no sessions", "another event above it")


def _refuse_repeated_days(readers: list[RowReader]) -> None:
    seen: dict[int, int] = {}
    for reader in readers:
        day = reader.number("day")
        if day is not None and seen.setdefault(day, reader.row.number) != reader.row.number:
            reader.refuse("day", f"row {seen[day]} is day {day} of this event too", "another day")
