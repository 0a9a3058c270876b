"""The plan as shown to a person: the verdict first, then every event, then what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from importer.planning.missing import MissingName, missing_names, other_errors
from importer.planning.plan import ImportPlan, counts_of
from importer.planning.unsold import unsold_document, unsold_lines, unsold_of
from importer.validation.changes import CellChange
from importer.validation.planned_event import Mode, PlannedSession
from importer.validation.verdicts import Accepted, ProductError, SkipReason
from ledger.output.plans import (
    ADMINISTRATE,
    TUTORIAL,
    Effect,
    PlannedItem,
    PlanPart,
    ShownPlan,
)
from ledger.output.plans import plan_document as shown_document
from ledger.output.words import counted

_STAYS = "the approval of instructors for a course template"
_PUBLISHED = "events once they are published, booked or referred to: a rollback keeps these"

_SKIPPED = {
    SkipReason.CANCELLED: "cancelled in the workbook",
    SkipReason.DUPLICATE: "the same as {}",
    SkipReason.LEFT_OUT: "left out of {}; change a row of it to import it, or roll that run back",
}


def shown_plan(plan: ImportPlan, workers: int, *, refusals: bool = True) -> ShownPlan:
    """The plan as a person judges it; without ``refusals`` where these are told afterwards."""
    return ShownPlan(
        f"{verdict(plan)}{_effort(plan, workers)}",
        tuple(_effects(plan)),
        tuple(_item(one) for one in plan.accepted),
        (
            PlanPart("Approved for a course template", tuple(_approvals(plan)), "→"),
            PlanPart("Skipped", tuple(_skipped(plan)), "·"),
            PlanPart("Refused", tuple(_refused(plan)) if refusals else ()),
            PlanPart("Products to choose", tuple(_products(plan)) if refusals else ()),
            PlanPart("Taken for hints, not imported", tuple(_hints(plan)), "·"),
            PlanPart("To look at", tuple(_notes(plan)), "!"),
        ),
        tuple(irreversible(plan)),
    )


def irreversible(plan: ImportPlan) -> Iterator[str]:
    """What no rollback takes back of the plan."""
    if plan.approvals:
        yield _STAYS
    if plan.events:
        yield _PUBLISHED


def _effects(plan: ImportPlan) -> Iterator[Effect]:
    people = sum(len(one.people) for one in plan.approvals)
    yield Effect(TUTORIAL, len(plan.events), "event", "made")
    yield Effect(TUTORIAL, plan.sessions, "session", "made")
    yield Effect(ADMINISTRATE, len(plan.events), "draft event", "created")
    yield Effect(ADMINISTRATE, plan.sessions, "session", "created")
    yield Effect(ADMINISTRATE, people, "instructor", "approved for a course template")


def _item(accepted: Accepted) -> PlannedItem:
    event = accepted.event
    kind = "LMS" if event.mode is Mode.LMS else counted(len(event.sessions), "session")
    code = f" as {event.code}" if event.code != event.title else ""
    sold = f"sold as {event.sold_as}: {', '.join(event.product_steps)}"
    sessions = (_session(session, accepted.names) for session in event.sessions)
    return PlannedItem(
        f"row {event.row} {event.title!r}{code}",
        f"{event.template_code}, {event.place}, {kind}",
        event.lms.start.date(),
        event.lms.end.date(),
        details=(sold, *sessions, counted(event.calls, "call")),
    )


def _approvals(plan: ImportPlan) -> Iterator[tuple[str, ...]]:
    names = {key: name for one in plan.accepted for key, name in one.names.items()}
    for approval in plan.approvals:
        people = ", ".join(names.get(person, person) for person in approval.people)
        yield (f"{approval.template_code}: {people}",)


def _skipped(plan: ImportPlan) -> Iterator[tuple[str, ...]]:
    for one in plan.skipped:
        why = _SKIPPED[one.reason].format(one.twin)
        yield (f"row {one.rows[0]} {one.title!r}: {why}", *map(str, one.changes))


def _refused(plan: ImportPlan) -> Iterator[tuple[str, ...]]:
    """Missing names, each once for all its rows, then every other error of every refused row, but
    products to choose."""
    yield from ((str(one),) for one in missing_of(plan))
    for event in plan.refused:
        told = other_errors(event.errors)
        errors = [error for error in told if not isinstance(error, ProductError)]
        if errors or event.changes:
            yield (f"{event.title!r} is refused:", *map(str, errors), *map(str, event.changes))


def missing_of(plan: ImportPlan) -> list[MissingName]:
    """The names in refused rows that no linked record has."""
    return missing_names(error for event in plan.refused for error in event.errors)


def _products(plan: ImportPlan) -> Iterator[tuple[str, ...]]:
    """The products to choose, each once for all its events."""
    unsold = unsold_of(plan.refused)
    yield from map(unsold_lines, unsold)
    if sum(bool(one.wanted.candidates) for one in unsold) > 1:
        spreadsheet = "admsync discrepancies export OUT.xlsx --workbook FILE.xlsx"
        yield (f"The products can be chosen in a spreadsheet: {spreadsheet}",)


def _hints(plan: ImportPlan) -> Iterator[tuple[str, ...]]:
    for number, beginning in plan.hints:
        yield (f"row {number}: {beginning!r}",)


def _notes(plan: ImportPlan) -> Iterator[tuple[str, ...]]:
    """The warnings before an import; the same warning of several cells once."""
    alike = Counter((note.column, note.value, note.message) for note in plan.notes)
    for note in plan.notes:
        if cells := alike.pop((note.column, note.value, note.message), 0):
            more = f" (and in {counted(cells - 1, 'more cell')})" if cells > 1 else ""
            yield (f"{note}{more}",)


def note_lines(plan: ImportPlan) -> Iterator[str]:
    """The warnings alone, for those who are not shown the plan."""
    yield from (f"  ! {line}" for (line,) in _notes(plan))


def verdict(plan: ImportPlan) -> str:
    """What the import will do, or that there is nothing to do."""
    counts = counts_of(plan)
    left = [
        f"{counts[name]} {words}"
        for name, words in (
            ("duplicates", "there already"),
            ("cancelled", "cancelled"),
            ("left out", "left out before"),
            ("refused events", "refused"),
        )
        if counts[name]
    ]
    rest = f"; {', '.join(left)}" if left else ""
    if not plan.events:
        return f"Nothing to import{rest}."
    events, sessions = counted(counts["events"], "event"), counted(counts["sessions"], "session")
    return f"{events} with {sessions} to make in both systems{rest}."


def plan_document(plan: ImportPlan, workers: int) -> dict[str, Any]:
    return {
        "plan": shown_document(shown_plan(plan, workers)),
        "approvals": [
            {"course_template": one.template_code, "instructors": list(one.people)}
            for one in plan.approvals
        ],
        "counts": counts_of(plan),
        "seconds": round(plan.seconds(workers)),
        "events": [_event_document(one) for one in plan.accepted],
        "skipped": [
            {
                "rows": one.rows,
                "title": one.title,
                "reason": one.reason.value,
                "twin": one.twin,
                "changes": [_change_document(change) for change in one.changes],
            }
            for one in plan.skipped
        ],
        "refused": [
            {"row": row.row, "errors": [str(error) for error in row.errors], "note": row.note}
            for event in plan.refused
            for row in event.rows
        ],
        "missing": [one.document() for one in missing_of(plan)],
        "products_to_choose": [unsold_document(one) for one in unsold_of(plan.refused)],
        "hints": [number for number, _ in plan.hints],
        "warnings": [
            {"cell": f"{note.sheet}!{note.cell}", "column": note.column, "told": str(note)}
            for note in plan.notes
        ],
    }


def _event_document(accepted: Accepted) -> dict[str, Any]:
    event = accepted.event
    return {
        "row": event.row,
        "title": event.title,
        "code": event.code,
        "course_template": event.template_code,
        "mode": event.mode.value,
        "location": event.place,
        "starts": event.lms.start.date(),
        "sessions": len(event.sessions),
        "days": [_session_document(one, accepted.names) for one in event.sessions],
        "approve": list(event.approve),
        "calls": event.calls,
        "product": {
            "id": event.product_id,
            "code": event.product_code,
            "title": event.product_title,
            "steps": list(event.product_steps),
        },
    }


def _change_document(change: CellChange) -> dict[str, Any]:
    return {
        "cell": f"{change.sheet}!{change.cell}",
        "column": change.column,
        "before": change.before,
        "after": change.after,
        "applied": False,
    }


def _session(session: PlannedSession, names: Mapping[str, str]) -> str:
    start, end = session.span.start, session.span.end
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
    people = " / ".join(names[one.external_id] for one in session.instructors) or "no instructor"
    return f"day {session.day}: {start:%Y-%m-%d %H:%M}-{until}, {people}"


def _session_document(session: PlannedSession, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "row": session.row,
        "day": session.day,
        "title": session.title,
        "starts": session.span.start,
        "ends": session.span.end,
        "zone": session.zone,
        "location": names[session.location.external_id],
        "venue": names[session.venue.external_id] if session.venue else None,
        "instructors": [names[one.external_id] for one in session.instructors],
    }


def _effort(plan: ImportPlan, workers: int) -> str:
    if not plan.events:
        return ""
    return f" At least {counted(plan.calls, 'call')}, {_duration(plan, workers)}."


def _duration(plan: ImportPlan, workers: int) -> str:
    seconds = plan.seconds(workers)
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"about {counted(round(seconds), 'second')} with {workers} at a time"
    return f"about {seconds / 60:.0f} minutes with {workers} at a time"
