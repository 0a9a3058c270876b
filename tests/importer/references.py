"""Builders of reference data: small linked references, and one made for a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import evolve

from importer.reference.values import (
    Administrator,
    CourseTemplate,
    CustomField,
    Instructor,
    Location,
    Product,
    Reference,
    Venue,
)
from importer.workbook.names import names_in
from importer.workbook.sheet import Sheet
from importer.workbook.template import parts_of

SITTING = "2026A"

CUSTOM_FIELDS = tuple(
    CustomField(f"key-{entity}-{label}", label, entity, field_type)
    for entity, label, field_type in (
        ("Event", "Sitting", "string"),
        ("Event", "Finalisation date", "date"),
        ("Event", "URL", "url"),
        ("Event", "Web sale", "checkbox"),
        ("Event", "OCR Moodle Code", "string"),
        ("Session", "Day", "integer"),
        ("Session", "URL", "url"),
    )
)


def a_reference(**changes: Any) -> Reference:
    """A small linked company: three templates, two places with a venue each, three instructors."""
    return evolve(
        reference_of(
            codes=("CB1_LO_6", "CM2_f2f_5", "OC_CB1"),
            places={"London": ("BPP Waterloo",), "Live online": ("Live online",)},
            people=("Clara Haversham", "John Smith", "Mary Grant Holloway"),
            administrators=("Pat Quill",),
        ),
        **changes,
    )


def reference_of(
    codes: Iterable[str],
    places: dict[str, Sequence[str]],
    people: Iterable[str],
    administrators: Iterable[str] = (),
    sitting: str = SITTING,
) -> Reference:
    """Everything linked that the names stand for, with one product for each template code."""
    codes = tuple(codes)
    subjects = {code: _subject(code) for code in codes}
    locations = tuple(
        Location(i, f"location-{i}", 100 + i, name) for i, name in enumerate(places, start=1)
    )
    venues = [(place.external_id, name) for place in locations for name in places[place.name]]
    instructors = tuple(
        Instructor(i, f"person-{i}", 300 + i, *name.split(maxsplit=1))
        for i, name in enumerate(people, start=1)
    )
    approved = frozenset(one.external_id for one in instructors)
    session = f"{sitting[:4]}-{'04' if sitting.endswith('A') else '09'}"
    return Reference(
        course_templates=tuple(
            CourseTemplate(i, f"template-{i}", 500 + i, code, approved)
            for i, code in enumerate(codes, start=1)
        ),
        locations=locations,
        venues=tuple(
            Venue(i, f"venue-{i}", 200 + i, name, at)
            for i, (at, name) in enumerate(venues, start=1)
        ),
        instructors=instructors,
        administrators=tuple(Administrator(name, f"contact-{name}") for name in administrators),
        custom_fields=CUSTOM_FIELDS,
        subjects=tuple(sorted(set(subjects.values()))),
        products=tuple(
            Product(
                700 + i,
                f"P{i}",
                subjects[code],
                session,
                f"{code} tutorial",
                variation_code="_".join(
                    p for p in parts_of(code) if p != subjects[code].casefold()
                ),
                anywhere=True,
            )
            for i, code in enumerate(codes, start=1)
        ),
    )


def _subject(code: str) -> str:
    parts = [part.upper() for part in parts_of(code)]
    return next(part for part in parts if part[-1:].isdigit() and part[:1].isalpha())


def reference_for(sheet: Sheet) -> Reference:
    """The reference in which everything that a sheet's rows name is linked."""

    def column(key: str) -> list[str]:
        return [row.text(key) for row in sheet.rows if row.value(key)]

    places: dict[str, list[str]] = {}
    for row in sheet.rows:
        venue = row.text("venue")
        venues = places.setdefault(row.text("location"), [])
        if venue and venue != "To be confirmed" and venue not in venues:
            venues.append(venue)
    cells = column("instructor") + column("session_instructor")
    return reference_of(
        codes=dict.fromkeys(column("code")),
        places={name: tuple(venues) for name, venues in places.items() if name},
        people=dict.fromkeys(name for cell in cells for name in names_in(cell)),
    )
