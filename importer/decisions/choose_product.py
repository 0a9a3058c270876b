"""A person's choice of the product for events of a course template, a sitting and a location.

Stored by tutorial ids, so that it survives renames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from importer.reference.product_decisions import Choice, Question, choice_for
from importer.reference.sittings import SITTING_FORM, exam_session, sitting_of
from importer.reference.values import Product, Reference
from importer.workbook.template import fold
from ledger.errors import UsageRefused
from ledger.events import DecisionTaken, DecisionWithdrawn, record_name
from ledger.output.visible import with_what_differs
from ledger.runs.kinds import PRODUCT
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from sync.matching.keys import COURSE_TEMPLATE, LOCATION
from sync.matching.known_names import KnownNames

_T = TypeVar("_T")


def question(reference: Reference, code: str, sitting: str, location: str) -> Question:
    """Raises ``UsageRefused`` where a workbook could not name the template, sitting or location
    so."""
    template = _one(reference.course_templates, lambda one: one.code, code, "course template")
    place = _one(reference.locations, lambda one: one.name, location, "location")
    if exam_session(sitting) is None:
        raise UsageRefused(f"no sitting: {sitting!r}; {SITTING_FORM}")
    return Question(
        record_name("acted.tutorial_course_templates", template.tutorial_id),
        sitting.strip().upper(),
        record_name("acted.tutorial_locations", place.tutorial_id),
    )


def product_decision(
    question: Question, reference: Reference, product: str, reason: str
) -> DecisionTaken:
    """The decision as an event. ``product`` is an active tutorial's code or primary key.

    Raises ``UsageRefused`` where there is none, or it is of another sitting.
    """
    by_id = [one for one in reference.products if str(one.id) == product.strip()]
    chosen: Product = (
        by_id[0] if by_id else _one(reference.products, lambda one: one.code, product, "product")
    )
    if sitting_of(chosen.exam_session) != question.sitting:
        session = exam_session(question.sitting)
        raise UsageRefused(f"{chosen.code} is sold in {chosen.exam_session}, not in {session}")
    return DecisionTaken(
        decision="product",
        table="acted.products",
        subject=question.template,
        object=record_name("acted.products", chosen.id),
        reason=reason,
        fields=question.fields,
        meaning=dict(chosen.meaning),
    )


def record_choice(
    ledger: Ledger, asked: Question, reference: Reference, product: str, reason: str
) -> DecisionTaken:
    """Records a choice in a run of its own. Raises what ``product_decision`` raises."""
    decision = product_decision(asked, reference, product, reason)
    with new_run(ledger, PRODUCT.name) as run:
        run.append(decision)
    return decision


def withdraw_choice(ledger: Ledger, asked: Question, reason: str) -> Choice:
    """Takes back the choice that answers a question, in a run of its own. Raises ``UsageRefused``
    where there is none."""
    choice = choice_for(ledger, asked)
    if choice is None:
        raise UsageRefused("no product is chosen for that; nothing is to be withdrawn")
    withdrawn = DecisionWithdrawn(
        taken=choice.position,
        subject=choice.event.subject,
        object=choice.event.object,
        reason=reason,
    )
    with new_run(ledger, PRODUCT.name) as run:
        run.append(withdrawn)
    return choice


def _one(known: Iterable[_T], named: Callable[[_T], str], typed: str, what: str) -> _T:
    by_name = {fold(named(one)): one for one in known}
    if (found := by_name.get(fold(typed))) is not None:
        return found
    hint = ""
    rule = LOCATION if what == "location" else COURSE_TEMPLATE
    if (name := KnownNames.of(rule, map(named, by_name.values())).nearest(typed)) is not None:
        hint = with_what_differs(f"; did you mean {name!r}?", typed, name)
    linked = "active" if what == "product" else "linked"
    raise UsageRefused(f"no {linked} {what} {typed!r}{hint}")
