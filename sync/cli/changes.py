"""Changes of events in both systems: the plan, the question, the result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from attrs import define, field

from ledger.cli.command import require_agreement
from ledger.output.documents import print_json
from ledger.output.lines import answer_lines, report_lines
from ledger.output.terminal import Bar
from ledger.output.words import beginning, counted, shown

if TYPE_CHECKING:
    from ledger.runs.states import RunState
    from ledger.store.ledger import Ledger
    from ledger.values import Fields
    from sync.administrate.client import Administrate
    from sync.changes.event import ChangeOutcome
    from sync.changes.plan import ChangePlan, EventChange
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
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Shows the plan, asks, and carries it out; returns the exit code."""
    from sync.changes.run import new_change

    if not as_json:
        (answer_lines if dry_run else report_lines)(_plan_lines(words, plan))
    if dry_run or not plan.changes:
        if as_json:
            print_json(_document(plan, None))
        return 0
    require_agreement("Go on?", yes=yes)
    opening = new_change(ledger, client, words, options, plan, _Progress())
    return _carry_out(opening, plan if as_json else None, as_json=as_json)


def resume_change(ledger: Ledger, state: RunState, *, as_json: bool) -> int:
    """Resumes a stopped change to its end; returns the number of events with refusals."""
    from sync.changes.run import resumed_change
    from sync.connection import opened_administrate

    with opened_administrate(ledger.database) as client:
        return _carry_out(resumed_change(ledger, client, state, _Progress()), None, as_json=as_json)


def _carry_out(
    opening: AbstractContextManager[ChangeRun], plan: ChangePlan | None, *, as_json: bool
) -> int:
    under_way: ChangeRun | None = None
    try:
        with opening as under_way:
            under_way.make_all()
    finally:
        if under_way is not None:
            if as_json:
                print_json(_document(plan, under_way))
            else:
                report_lines(_outcome_lines(under_way))
    return 4 if any(one.refused or one.notes for one in under_way.outcomes) else 0


def _plan_lines(words: Sequence[str], plan: ChangePlan) -> Iterator[str]:
    what = " ".join(words)
    calls = counted(plan.calls, "call")
    yield f"{what}: {counted(len(plan.changes), 'event')}, {calls} to Administrate"
    yield from beginning([line for change in plan.changes for line in _change_lines(change)])
    if plan.left_out:
        yield f"Left out: {len(plan.left_out)}"
        yield from beginning([f"✗ {one.event.name}: {one.why}" for one in plan.left_out])
    if plan.warning:
        yield f"⚠ {plan.warning}"


def _change_lines(change: EventChange) -> Iterator[str]:
    own = [one for one in change.records if one.record == change.event.record]
    told = [
        f"{name.replace('_', ' ')} {shown(change.event.values.get(name))} → {shown(value)}"
        for one in own
        for name, value in one.wanted.items()
        if change.event.values.get(name) != value
    ]
    if sessions := len(change.records) - len(own):
        state = next((one.state for one in change.records if one.state), None)
        told.append(f"{counted(sessions, 'session')} {state or 'changed'}")
    yield f"→ {change.event.name}: {', '.join(told) or 'set again in the tutorial row'}"
    yield from (f"  ⚠ {note}" for note in change.notes)


def _outcome_lines(under_way: ChangeRun) -> Iterator[str]:
    for one in under_way.outcomes:
        yield from (f"  ✗ {why}" for why in one.refused)
        yield from (f"  ⚠ {note}" for note in one.notes)
    done = sum(one.done for one in under_way.outcomes)
    of = len(under_way.planned)
    mark = "✓" if done == of else "⚠"
    yield f"{mark} {done} of {counted(of, 'event')} done, in run {under_way.run.run_id}"


def _document(plan: ChangePlan | None, under_way: ChangeRun | None) -> dict[str, Any]:
    return {
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
