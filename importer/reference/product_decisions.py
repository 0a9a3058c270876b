"""People's product choices, read from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from attrs import frozen
from sqlalchemy import Connection

from importer.reference.values import CourseTemplate, Location, ProductDecision
from ledger.database.connection import driver
from ledger.events import DecisionTaken, DecisionWithdrawn, record_name, tutorial_key
from ledger.store.ledger import Ledger
from ledger.store.read import Selection, read_recorded


@frozen
class Question:
    """The key of a product choice: a linked course template, a sitting, a linked location."""

    template: str
    sitting: str
    location: str

    @property
    def fields(self) -> dict[str, str]:
        """Its part in the decision's ``fields``; the template is the subject."""
        return {"sitting": self.sitting, "location": self.location}


def product_decisions(
    connection: Connection, templates: Iterable[CourseTemplate], locations: Iterable[Location]
) -> Iterator[ProductDecision]:
    """The current choices, newest last, by current names of templates and locations."""
    codes = {
        record_name("acted.tutorial_course_templates", one.tutorial_id): one.code
        for one in templates
    }
    places = {
        record_name("acted.tutorial_locations", one.tutorial_id): one.name for one in locations
    }
    for choice in current_choices(connection):
        taken = choice.event
        code, place = codes.get(taken.subject), places.get(str(taken.fields["location"]))
        # A record no longer linked cannot be named in a workbook.
        if code is not None and place is not None:
            yield ProductDecision(
                code,
                choice.sitting,
                place,
                tutorial_key(str(taken.object)),
                {name: str(value) for name, value in taken.meaning.items()},
                f"decided by {choice.actor} on {choice.recorded_at:%Y-%m-%d} for {choice.sitting}:"
                f" “{taken.reason}” (position {choice.position})",
            )


@frozen
class Choice:
    """A current product choice, as recorded."""

    position: int
    recorded_at: datetime
    actor: str
    run_id: UUID | None
    event: DecisionTaken

    @property
    def sitting(self) -> str:
        """The sitting of the choice."""
        return str(self.event.fields["sitting"])

    def answers(self, question: Question) -> bool:
        """Whether it applies to a question: same sitting or, with a ``meaning``, a later one."""
        if (self.event.subject, self.event.fields["location"]) != (
            question.template,
            question.location,
        ):
            return False
        later = bool(self.event.meaning) and self.sitting < question.sitting
        return self.sitting == question.sitting or later


def choice_for(ledger: Ledger, question: Question) -> Choice | None:
    """The choice for a question: the newest one of the latest sitting until then."""
    with ledger.database.transaction() as connection:
        mine = [one for one in current_choices(connection) if one.answers(question)]
    return max(mine, key=lambda one: (one.sitting, one.position), default=None)


def current_choices(connection: Connection) -> list[Choice]:
    """The choices not withdrawn, newest last."""
    chosen: dict[int, Choice] = {}
    reader = driver(connection)
    types = [kind.__name__ for kind in (DecisionTaken, DecisionWithdrawn)]
    for recorded in read_recorded(reader, Selection(types=types)):
        match recorded.event:
            case DecisionWithdrawn(taken=taken):
                chosen.pop(taken, None)
            case DecisionTaken(decision="product") as decision:
                chosen[recorded.position] = Choice(
                    recorded.position,
                    recorded.recorded_at,
                    recorded.actor,
                    recorded.run_id,
                    decision,
                )
    return list(chosen.values())
