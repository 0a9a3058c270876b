"""The plan as shown to a person: the verdict first, then every event, then what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from importer.planning.plan import ImportPlan, counts_of
from importer.planning.unsold import unsold_document, unsold_lines, unsold_of
from importer.validation.changes import CellChange
from importer.validation.planned_event import Mode, PlannedEvent, PlannedSession
from importer.validation.verdicts import Accepted, ProductError, SkipReason
from ledger.output.words import counted

_REVERSIBLE = (
    "Reversible later, with admsync rollback: tutorial rows that nothing else refers",
    "to, and events in Administrate while they are drafts. Published events are kept",
    "and listed.",
)
_IRREVERSIBLE = "Irreversible: instructors approved for a course template."

_SKIPPED = {
    SkipReason.CANCELLED: "cancelled in the workbook",
    SkipReason.DUPLICATE: "the same as {}",
    SkipReason.LEFT_OUT: "left out of {}; change a row of it to import it, or roll that run back",
}


def plan_lines(plan: ImportPlan, workers: int) -> Iterator[str]:
    yield verdict(plan)
    for one in plan.accepted:
        yield f"  → {_event(one.event)}"
        yield f"      sold as {one.event.sold_as}: {', '.join(one.event.product_steps)}"
        yield from (f"      {_session(session, one.names)}" for session in one.event.sessions)
    for approval in plan.approvals:
        people = counted(len(approval.people), "instructor")
        yield f"  → Administrate: approve {people} for {approval.template_code}"
    for skipped in plan.skipped:
        why = _SKIPPED[skipped.reason].format(skipped.twin)
        yield f"  · row {skipped.rows[0]} {skipped.title!r}: skipped, {why}"
        yield from (f"      {change}" for change in skipped.changes)
    yield from refusal_lines(plan)
    yield from hint_lines(plan)
    yield from note_lines(plan)
    if plan.events:
        calls = counted(plan.calls, "call")
        yield f"At least {calls} to Administrate, about {_duration(plan, workers)}."
        yield from undo_lines(plan)


def undo_lines(plan: ImportPlan) -> Iterator[str]:
    """What can be taken back of the plan, and what cannot."""
    yield from _REVERSIBLE
    if plan.approvals:
        yield _IRREVERSIBLE


def verdict(plan: ImportPlan) -> str:
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


def refusal_lines(plan: ImportPlan) -> Iterator[str]:
    """Every error of every refused row; an unchosen product once for all its events."""
    for event in plan.refused:
        errors = [error for error in event.errors if not isinstance(error, ProductError)]
        if errors or event.changes:
            yield f"  ✗ {event.title!r} is refused:"
            yield from (f"      {one}" for one in (*errors, *event.changes))
    unsold = unsold_of(plan.refused)
    for one in unsold:
        yield from unsold_lines(one)
    to_choose = sum(bool(one.wanted.candidates) for one in unsold)
    if to_choose > 1:
        yield (
            f"  The {to_choose} products can be chosen in a spreadsheet:"
            " admsync discrepancies export OUT.xlsx --workbook FILE.xlsx"
        )


def hint_lines(plan: ImportPlan) -> Iterator[str]:
    for number, beginning in plan.hints:
        yield f"  · row {number} is taken for a hint, not imported: {beginning!r}"


def note_lines(plan: ImportPlan) -> Iterator[str]:
    """The warnings before an import; the same warning of several cells once."""
    alike = Counter((note.column, note.value, note.message) for note in plan.notes)
    for note in plan.notes:
        if cells := alike.pop((note.column, note.value, note.message), 0):
            more = f" (and in {counted(cells - 1, 'more cell')})" if cells > 1 else ""
            yield f"  ! {note}{more}"


def plan_document(plan: ImportPlan, workers: int) -> dict[str, Any]:
    return {
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


def changed_lines(plan: ImportPlan) -> Iterator[str]:
    """The changes since an earlier import, event by event."""
    for one in plan.changed:
        yield f"  ! {one.title!r} differs from what was imported before:"
        yield from (f"      {change}" for change in one.changes)


def _change_document(change: CellChange) -> dict[str, Any]:
    return {
        "cell": f"{change.sheet}!{change.cell}",
        "column": change.column,
        "before": change.before,
        "after": change.after,
        "applied": False,
    }


def _event(event: PlannedEvent) -> str:
    kind = "LMS" if event.mode is Mode.LMS else counted(len(event.sessions), "session")
    code = f" as {event.code}" if event.code != event.title else ""
    starts = f"{event.lms.start:%Y-%m-%d}"
    return (
        f"row {event.row} {event.title!r}{code}: {event.template_code}, {event.place}, from"
        f" {starts}, {kind}, {counted(event.calls, 'call')}"
    )


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


def _duration(plan: ImportPlan, workers: int) -> str:
    seconds = plan.seconds(workers)
    if seconds < 90:
        return f"{seconds:.0f} seconds with {workers} at a time"
    return f"{seconds / 60:.0f} minutes with {workers} at a time"
