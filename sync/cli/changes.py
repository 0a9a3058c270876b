"""Changes of events in both systems: the plan, the question, the result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from attrs import define, field

from ledger.output.documents import print_json
from ledger.output.lines import report_lines
from ledger.output.plans import PlanPart, ShownPlan, plan_document
from ledger.output.terminal import Bar
from ledger.output.words import counted

if TYPE_CHECKING:
    from ledger.cli.planning import Judging
    from ledger.runs.states import RunState
    from ledger.store.ledger import Ledger
    from ledger.values import Fields
    from sync.administrate.client import Administrate
    from sync.changes.event import ChangeOutcome
    from sync.changes.plan import ChangePlan
    from sync.changes.run import ChangeRun


@define
class _Progress:
    """Shows a bar where standard error is a terminal."""

    bar: Bar = field(factory=Bar)
    done: int = 0
    events: int = 0

    def began(self, events: int) -> None:
        self.events = events
        self.bar.start("events")

    def finished(self, outcome: ChangeOutcome) -> None:
        self.done += outcome.tried
        self.bar.update(self.done, self.events)

    def ended(self) -> None:
        self.bar.stop()


def plan_and_carry_out(
    ledger: Ledger,
    client: Administrate,
    words: Sequence[str],
    options: Fields,
    plan: ChangePlan,
    judging: Judging,
    *,
    as_json: bool,
    parts: Sequence[PlanPart] = (),
) -> int:
    """Shows the plan, keeps it or asks, and carries it out; returns the exit code. ``parts`` are
    what the plan says of its own."""
    from ledger.runs.kept_plan import KeptPlan
    from sync.changes.run import new_change
    from sync.changes.shown import planned_entries, shown_plan

    judged = shown_plan(words, plan, parts)
    if not as_json:
        judging.show(judged)
    kept = KeptPlan(f"events {' '.join(words)}", options, planned_entries(plan))
    judging.settle(ledger.database, kept)
    if judging.rehearsed or not plan.changes:
        if as_json:
            print_json(_document((judged, plan), None))
        else:
            judging.say_kept()
        return 0
    judging.agree("Go on?")
    opening = new_change(ledger, client, words, options, plan, _Progress())
    return _carry_out(opening, (judged, plan) if as_json else None, as_json=as_json)


def resume_change(ledger: Ledger, state: RunState, *, as_json: bool) -> int:
    """Resumes a stopped change to its end; returns the number of events with refusals."""
    from sync.changes.run import resumed_change
    from sync.connection import opened_administrate

    with opened_administrate(ledger.database) as client:
        return _carry_out(resumed_change(ledger, client, state, _Progress()), None, as_json=as_json)


def _carry_out(
    opening: AbstractContextManager[ChangeRun],
    planned: tuple[ShownPlan, ChangePlan] | None,
    *,
    as_json: bool,
) -> int:
    under_way: ChangeRun | None = None
    try:
        with opening as under_way:
            under_way.make_all()
    finally:
        if under_way is not None:
            if as_json:
                print_json(_document(planned, under_way))
            else:
                report_lines(_outcome_lines(under_way))
    return 4 if any(one.refused or one.notes for one in under_way.outcomes) else 0


def _outcome_lines(under_way: ChangeRun) -> Iterator[str]:
    for one in under_way.outcomes:
        yield from (f"  ✗ {why}" for why in one.refused)
        yield from (f"  ⚠ {note}" for note in one.notes)
    done = sum(one.done for one in under_way.outcomes)
    of = len(under_way.planned)
    mark = "✓" if done == of else "⚠"
    yield f"{mark} {done} of {counted(of, 'event')} done, in run {under_way.run.run_id}"


def _document(
    planned: tuple[ShownPlan, ChangePlan] | None, under_way: ChangeRun | None
) -> dict[str, Any]:
    judged, plan = planned or (None, None)
    return {
        "plan": plan_document(judged) if judged else None,
        "ok": under_way is None or all(one.done for one in under_way.outcomes),
        "run_id": None if under_way is None else str(under_way.run.run_id),
        "warning": plan.warning if plan else "",
        "changes": [
            {
                "event": change.event.record,
                "name": change.event.name,
                "records": [
                    {"record": one.record, "wanted": one.wanted, "state": one.state}
                    for one in change.records
                ],
                "notes": list(change.notes),
            }
            for change in (plan.changes if plan else ())
        ],
        "left_out": [
            {"event": one.event.record, "name": one.event.name, "why": one.why}
            for one in (plan.left_out if plan else ())
        ],
        "outcomes": [
            {
                "event": one.event,
                "done": one.done,
                "refused": list(one.refused),
                "notes": list(one.notes),
            }
            for one in (under_way.outcomes if under_way else ())
        ],
    }
