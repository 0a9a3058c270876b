"""The plan of an import: a pure function from verdicts to every write.

A rehearsal prints it, a real run executes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from attrs import frozen

from importer.validation.custom_fields import FieldValue
from importer.validation.planned_event import Linked, PlannedEvent, PlannedSession, Span
from importer.validation.times import Window
from importer.validation.verdicts import (
    AcceptedEvent,
    AcceptedSession,
    Refused,
    Skipped,
    SkipReason,
    Verdict,
)
from importer.workbook.problems import CellNote
from sync.administrate.pace import MOST, WINDOW

SECONDS_A_CALL = 0.25
"""What a call to Administrate takes, about; for the estimate alone."""


@frozen
class Approval:
    """Instructors, by Administrate id, to approve for a course template."""

    template: Linked
    template_code: str
    people: tuple[str, ...]


@frozen
class ImportPlan:
    """The plan of an import: events to create, events skipped and why, rows refused and why.

    ``hints`` are the rows taken for explanations of the columns, number and beginning; ``notes``
    the warnings.
    """

    events: tuple[PlannedEvent, ...]
    accepted: tuple[AcceptedEvent, ...]
    skipped: tuple[Skipped, ...]
    refused: tuple[Refused, ...]
    hints: tuple[tuple[int, str], ...] = ()
    notes: tuple[CellNote, ...] = ()

    @property
    def approvals(self) -> tuple[Approval, ...]:
        return approvals_of(self.events)

    @property
    def sessions(self) -> int:
        return sum(len(event.sessions) for event in self.events)

    @property
    def refused_rows(self) -> int:
        return sum(len(event.rows) for event in self.refused)

    @property
    def changed(self) -> tuple[Skipped | Refused, ...]:
        """The events that were imported before and whose rows have changed since."""
        known: tuple[Skipped | Refused, ...] = (*self.skipped, *self.refused)
        return tuple(one for one in known if one.changes)

    @property
    def duplicates(self) -> tuple[Skipped, ...]:
        return tuple(one for one in self.skipped if one.reason is SkipReason.DUPLICATE)

    @property
    def calls(self) -> int:
        """The minimum number of calls to Administrate for the whole plan."""
        return sum(event.calls for event in self.events) + len(self.approvals)

    def seconds(self, workers: int) -> float:
        """The estimated duration: the calls, at the pace of the API if that is slower."""
        paced = (self.calls - 1) // MOST * WINDOW
        return max(self.calls * SECONDS_A_CALL / workers, paced)


def approvals_of(events: Iterable[PlannedEvent]) -> tuple[Approval, ...]:
    """The approvals that events need, one for each course template."""
    needed: dict[tuple[Linked, str], dict[str, None]] = {}
    for event in events:
        if event.approve:
            template = event.template, event.template_code
            needed.setdefault(template, {}).update(dict.fromkeys(event.approve))
    return tuple(Approval(*template, tuple(people)) for template, people in needed.items())


def make_plan(verdicts: Iterable[Verdict], codes: Iterable[str], tax_type: str) -> ImportPlan:
    """The plan for the verdicts; ``codes`` are those taken in either system."""
    taken = set(codes)
    judged = list(verdicts)
    accepted = tuple(one for one in judged if isinstance(one, AcceptedEvent))
    events = []
    for event in accepted:
        code = _free_code(event.title, taken)
        taken.add(code)
        events.append(_planned(event, code, tax_type))
    return ImportPlan(
        tuple(events),
        accepted,
        tuple(one for one in judged if isinstance(one, Skipped)),
        tuple(one for one in judged if isinstance(one, Refused)),
        notes=tuple(note for one in judged for note in one.notes),
    )


def counts_of(plan: ImportPlan) -> dict[str, int]:
    """The plan in numbers, by name."""
    reasons = Counter(one.reason for one in plan.skipped)
    return {
        "events": len(plan.events),
        "sessions": plan.sessions,
        "approvals": sum(len(one.people) for one in plan.approvals),
        "duplicates": reasons[SkipReason.DUPLICATE],
        "cancelled": reasons[SkipReason.CANCELLED],
        "refused events": len(plan.refused),
        "refused rows": plan.refused_rows,
        "calls": plan.calls,
    }


def _free_code(title: str, taken: set[str]) -> str:
    code, number = title, 1
    while code in taken:
        number += 1
        code = f"{title}-{number}"
    return code


class _Record(Protocol):
    """The common fields of a reference's linked records."""

    @property
    def row_id(self) -> int: ...

    @property
    def external_id(self) -> str: ...

    @property
    def tutorial_id(self) -> int: ...


def _linked(record: _Record) -> Linked:
    return Linked(record.row_id, record.external_id, record.tutorial_id)


def _span(window: Window) -> Span:
    start, end = window.start, window.end
    return Span(start.local, end.local, start.utc, end.utc)


def _values(fields: Iterable[FieldValue]) -> dict[str, str]:
    return {one.definition_key: one.value for one in fields}


def _planned(event: AcceptedEvent, code: str, tax_type: str) -> PlannedEvent:
    return PlannedEvent(
        row=event.row,
        event_key=event.event_key,
        mode=event.mode,
        title=event.title,
        code=code,
        template=_linked(event.template),
        template_code=event.template.code,
        location=_linked(event.location),
        place=event.location.name,
        venue=_linked(event.venue) if event.venue else None,
        zone=event.zone,
        lms=_span(event.lms),
        max_places=event.max_places,
        min_places=event.min_places,
        sold_out=event.sold_out,
        instructors=tuple(_linked(one) for one in event.instructors),
        approve=tuple(one.external_id for one in event.to_approve),
        administrators=tuple(one.contact_id for one in event.administrators),
        url=event.url,
        finalisation_date=event.finalisation_date,
        registration_deadline=event.registration_deadline,
        web_sale=event.web_sale,
        sitting=event.sitting,
        ocr_moodle_code=event.ocr_moodle_code,
        product_id=event.product.id,
        tax_type=tax_type,
        custom_fields=_values(event.custom_fields),
        sessions=tuple(_planned_session(one) for one in event.sessions),
        product_code=event.product.code,
        product_title=event.product.title,
        product_steps=event.product_steps,
        details=dict(event.details),
    )


def _planned_session(session: AcceptedSession) -> PlannedSession:
    return PlannedSession(
        row=session.row,
        day=session.day,
        title=session.title,
        span=_span(session.window),
        zone=session.window.start.zone,
        location=_linked(session.location),
        venue=_linked(session.venue) if session.venue else None,
        instructors=tuple(_linked(one) for one in session.instructors),
        url=session.url,
        custom_fields=_values(session.custom_fields),
    )
