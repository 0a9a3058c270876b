"""The products that people chose, read from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from importer.choosing import Question
from importer.reference import CourseTemplate, Location, ProductDecision
from ledger.book import Ledger
from ledger.database.connection import driver
from ledger.errors import UsageRefused
from ledger.events import DecisionTaken, DecisionWithdrawn, record_name
from ledger.reading import Selection, read_recorded


def product_decisions(
    connection: Connection, templates: Iterable[CourseTemplate], locations: Iterable[Location]
) -> Iterator[ProductDecision]:
    """The choices that stand, the newest last, by what templates and locations are called now."""
    codes = {
        record_name("acted.tutorial_course_templates", one.tutorial_id): one.code
        for one in templates
    }
    places = {
        record_name("acted.tutorial_locations", one.tutorial_id): one.name for one in locations
    }
    for taken in _standing(connection).values():
        code, place = codes.get(taken.subject), places.get(str(taken.fields["location"]))
        # One that is no longer linked is in no workbook that could be imported.
        if code is not None and place is not None:
            product = int(str(taken.object).rpartition("/")[2])
            yield ProductDecision(code, str(taken.fields["sitting"]), place, product)


def choice_standing(ledger: Ledger, asked: Question) -> tuple[int, DecisionTaken]:
    """The newest choice for a question, and its position; raises ``UsageRefused`` without one."""
    with ledger.database.transaction() as connection:
        mine = [
            (position, taken)
            for position, taken in _standing(connection).items()
            if (taken.subject, taken.fields) == (asked.template, asked.fields)
        ]
    if not mine:
        raise UsageRefused("no product is chosen for that; nothing is to be withdrawn")
    return mine[-1]


def _standing(connection: Connection) -> dict[int, DecisionTaken]:
    """The product decisions not withdrawn, by position."""
    chosen: dict[int, DecisionTaken] = {}
    reader = driver(connection)
    types = [kind.__name__ for kind in (DecisionTaken, DecisionWithdrawn)]
    for recorded in read_recorded(reader, Selection(types=types)):
        match recorded.event:
            case DecisionWithdrawn(taken=taken):
                chosen.pop(taken, None)
            case DecisionTaken(decision="product") as decision:
                chosen[recorded.position] = decision
    return chosen
