"""A small workbook of events that a given reference accepts, to try an import with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import cycle, islice

from attrs import frozen

from importer.output.empty_template import TypedRow, write_template
from importer.reference.product_choice import Chosen, ProductChooser
from importer.reference.sittings import exam_session, sittings_of
from importer.reference.values import CourseTemplate, Location, Reference
from importer.workbook.cells import Value
from importer.workbook.template import is_lms
from ledger.files import NewFile

_WEEK = timedelta(weeks=1)
_FIRST_SESSION = 18 * _WEEK


def write_sample(file: NewFile, reference: Reference, events: int = 5, sessions: int = 3) -> int:
    """Write the current template with up to ``events`` valid events; returns how many it holds.

    Each blended event has ``sessions`` sessions a week apart, the first eighteen weeks before the
    month of a sitting's exam for which the catalogue has one product of its course template.
    """
    people = cycle(one.name for one in reference.instructors)
    offers = islice(_offers(reference), events)
    found = [list(_rows(offer, reference, people, sessions)) for offer in offers]
    write_template(file, reference, [row for rows in found for row in rows])
    return len(found)


@frozen
class _Offer:
    """A course template that can be sold: where, and in which sitting."""

    template: CourseTemplate
    location: Location
    sitting: str

    @property
    def exam(self) -> date:
        """The first day of the exam's month."""
        return date.fromisoformat(f"{exam_session(self.sitting)}-01")


def _offers(reference: Reference) -> Iterator[_Offer]:
    """Each course template once, in the latest sitting and the first place that have a product."""
    catalogue = ProductChooser.of(reference)
    for template in reference.course_templates:
        if not is_lms(template.code) and not reference.instructors:
            continue
        sold = (
            _Offer(template, location, sitting)
            for sitting in reversed(sittings_of(reference))
            for location in reference.locations
            if isinstance(catalogue.choose(template.code, sitting, location.name), Chosen)
        )
        yield from islice(sold, 1)


def _rows(
    offer: _Offer, reference: Reference, people: Iterator[str], sessions: int
) -> Iterator[TypedRow]:
    event = _event(offer)
    if is_lms(offer.template.code):
        yield event | {"mode": "Self Paced (LMS)", "ocr": f"{offer.template.code} OC"}
        return
    venues = (v for v in reference.venues if v.location_external_id == offer.location.external_id)
    instructor = next(people)
    own = event | {
        "mode": "Blended",
        "venue": next((venue.name for venue in venues), "To be confirmed"),
        "max_places": 12,
        "instructor": instructor,
        "finalisation": event["lms_start_date"],
    }
    for day in range(1, sessions + 1):
        on = offer.exam - _FIRST_SESSION + (day - 1) * _WEEK
        yield (own if day == 1 else {}) | {
            "session_title": f"{event['title']}-{day}",
            "classroom_start_date": on,
            "classroom_start_time": time(9, 30),
            "classroom_end_date": on,
            "classroom_end_time": time(17),
            "session_instructor": instructor,
            "day": day,
        }


def _event(offer: _Offer) -> dict[str, Value]:
    return {
        "code": offer.template.code,
        "title": f"SAMPLE-{offer.template.code}-{offer.sitting}",
        "location": offer.location.name,
        "zone": "Europe - London",
        "lms_start_date": offer.exam - _FIRST_SESSION - 2 * _WEEK,
        "lms_start_time": time(16),
        "lms_end_date": offer.exam + _WEEK,
        "lms_end_time": time(0),
        "web_sale": "N",
        "sitting": offer.sitting,
    }
