"""The plan of an import: a pure function from verdicts to every write.

A rehearsal prints it, a real run executes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import evolve, frozen

from importer.reference.values import Linked
from importer.validation.planned_event import PlannedEvent
from importer.validation.verdicts import Accepted, Refused, Skipped, SkipReason, Verdict
from importer.workbook.problems import CellNote
from sync.administrate.pace import MOST, WINDOW

SECONDS_A_CALL = 0.25
"""Seconds of a call to Administrate, about; for the estimate alone."""


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

    accepted: tuple[Accepted, ...]
    skipped: tuple[Skipped, ...]
    refused: tuple[Refused, ...]
    hints: tuple[tuple[int, str], ...] = ()
    notes: tuple[CellNote, ...] = ()

    @property
    def events(self) -> tuple[PlannedEvent, ...]:
        return tuple(one.event for one in self.accepted)

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
    accepted: list[Accepted] = []
    skipped: list[Skipped] = []
    refused: list[Refused] = []
    notes: list[CellNote] = []
    for verdict in verdicts:
        notes += verdict.notes
        match verdict:
            case Accepted(event=event):
                code = _free_code(event.title, taken)
                taken.add(code)
                planned = evolve(event, code=code, tax_type=tax_type)
                accepted.append(evolve(verdict, event=planned))
            case Skipped():
                skipped.append(verdict)
            case Refused():
                refused.append(verdict)
    return ImportPlan(tuple(accepted), tuple(skipped), tuple(refused), notes=tuple(notes))


def counts_of(plan: ImportPlan) -> dict[str, int]:
    reasons = Counter(one.reason for one in plan.skipped)
    return {
        "events": len(plan.events),
        "sessions": plan.sessions,
        "approvals": sum(len(one.people) for one in plan.approvals),
        "duplicates": reasons[SkipReason.DUPLICATE],
        "cancelled": reasons[SkipReason.CANCELLED],
        "left out": reasons[SkipReason.LEFT_OUT],
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
