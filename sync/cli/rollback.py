"""``rollback``: rolls a run back in both systems, after a plan that a person agrees to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from ledger.cli import completion
from ledger.cli.command import command, json_option, opened_ledger, reason_option
from ledger.cli.planning import Judging, judging_options
from ledger.output.documents import print_json
from ledger.output.lines import report_lines
from ledger.output.plans import ShownPlan, plan_document
from ledger.output.words import counted, counts_in_words

if TYPE_CHECKING:
    from ledger.rollback.changes import RowKey
    from ledger.rollback.parts import RollbackPlan
    from ledger.runs.kept_plan import KeptPlan
    from ledger.runs.states import RunState
    from ledger.store.ledger import Ledger
    from sync.rollback.administrate_side import PlannedRollback
    from sync.rollback.run import Rollback


@command(
    "rollback",
    "admsync rollback last --dry-run",
    'admsync rollback last --reason "the wrong sitting\'s dates"',
    'admsync rollback last --only ELO-CB1-30-26A --reason "tutor ill"',
    "admsync rollback last --save-plan rollback.plan",
)
@click.argument("run", shell_complete=completion.runs)
@click.option("--only", metavar="EVENT", help="Of one event alone, by a name of either side.")
@reason_option("Why (needed, unless nothing is changed)", required=False)
@judging_options(
    yes="Do not ask; needed where there is no terminal.",
    dry_run="Show the plan and change nothing.",
)
@json_option
@click.pass_context
def rollback(
    ctx: click.Context,
    run: str,
    *,
    only: str | None,
    reason: str | None,
    judging: Judging,
    as_json: bool,
) -> None:
    """Roll back a sync, an import or other changes.

    Its changes are reversed by compensating events; nothing is deleted from the ledger.

    First the plan: what goes in which system, event by event; what is kept because something later
    changed it or refers to it; what cannot be undone. Administrate is asked for its current state:
    of an import, drafts are deleted, and events since published, booked or staffed are kept; of a
    change (admsync events, --push, --update), values are set again where neither side has changed
    them since. With --only one event is rolled back, with its sessions, and the rest of the run
    stands. RUN is as for admsync show.
    """
    from ledger.migrations.migrate import take_up_tutorial_shape
    from ledger.rollback.execute import (
        check_can_roll_back,
        check_can_roll_back_one_event,
        event_named,
    )
    from ledger.runs.states import find_run
    from sync.rollback.administrate_side import plan_rollback
    from sync.rollback.judged import administrate_for
    from sync.rollback.judged import judged as judged_plan
    from sync.rollback.run import new_rollback

    if not judging.rehearsed and not reason:
        raise click.UsageError("--reason says why it is rolled back, and is kept in the ledger")
    with opened_ledger(announcing=False) as ledger:
        target = find_run(ledger.database, run)
        check_can_roll_back(target)
        event = None if only is None else event_named(ledger.database, only)
        if event is not None:
            check_can_roll_back_one_event(target)
        if not judging.rehearsed:
            take_up_tutorial_shape(ledger)
        with administrate_for(ledger.database, target) as client:
            found = plan_rollback(ledger, client, target.run_id, event)
            plan, judged = found.plan, judged_plan(ledger, found, target)
            if not as_json:
                judging.show(judged)
            judging.settle(ledger.database, _to_keep(found, event))
            if not judging.rehearsed:
                judging.agree("Roll back?")
                opening = new_rollback(ledger, client, target, str(reason), event)
                plan = _carry_out(opening, plan, as_json=as_json)
    if as_json:
        print_json(_plan_json(plan, judged, dry_run=judging.rehearsed))
    else:
        judging.say_kept()
    ctx.exit(4 if not judging.rehearsed and (plan.kept or plan.impossible) else 0)


def _to_keep(found: PlannedRollback, event: RowKey | None) -> KeptPlan:
    """The plan as it is kept in a file."""
    from ledger.events import record_name
    from ledger.runs.kept_plan import KeptPlan
    from sync.rollback.shown import planned_entries

    about = {"run": str(found.plan.run_id), "only": None if event is None else record_name(*event)}
    return KeptPlan("rollback", about, planned_entries(found))


def resume_rollback(ledger: Ledger, state: RunState, *, as_json: bool) -> int:
    """Resumes a stopped rollback to its end; returns the number of kept rows."""
    from ledger.runs.states import find_run
    from sync.rollback.judged import administrate_for
    from sync.rollback.run import resumed_rollback

    target = find_run(ledger.database, str(state.options["run"]))
    with administrate_for(ledger.database, target) as client:
        opening = resumed_rollback(ledger, client, state, target)
        plan = _carry_out(opening, None, as_json=as_json)
    if as_json:
        print_json(_plan_json(plan, None, dry_run=False))
    return len(plan.kept) + len(plan.impossible)


def _carry_out(
    opening: AbstractContextManager[Rollback], plan: RollbackPlan | None, *, as_json: bool
) -> RollbackPlan:
    """Carries a rollback out, and says what it did, however it ends."""
    under_way: Rollback | None = None
    ended = False
    try:
        with opening as under_way:
            carried = under_way.carry_out(plan)
        ended = True
    finally:
        if under_way is not None and not as_json:
            report_lines(_end_lines(under_way, ended=ended))
    return carried


def _end_lines(under_way: Rollback, *, ended: bool) -> Iterator[str]:
    from sync.rollback.shown import kept_line

    for kept in under_way.kept:
        yield f"  ⚠ {kept_line(kept)}"
    counts = under_way.run.counts
    if not ended:
        of = counted(under_way.events, "event")
        done = f"{under_way.done} of {of}" if under_way.done else "nothing"
        yield f"⚠ Rolled back so far: {done}"
    else:
        yield f"✓ Rolled back: {counts_in_words(counts) if any(counts.values()) else 'nothing'}"


def _plan_json(plan: RollbackPlan, judged: ShownPlan | None, *, dry_run: bool) -> dict[str, object]:
    """``judged`` is the plan as it was shown, where it was."""
    return {
        "ok": True,
        "plan": plan_document(judged) if judged else None,
        "run_id": str(plan.run_id),
        "dry_run": dry_run,
        "undone": [
            {
                "record": row_rollback.record,
                "table": row_rollback.row.table,
                "id": row_rollback.row.id,
                "before": row_rollback.before,
                "after": row_rollback.after,
                "causes": row_rollback.causes,
            }
            for row_rollback in plan.rollbacks
        ],
        "fields": [
            {"record": one.record, "fields": one.names, "causes": [one.cause]}
            for one in plan.fields
        ],
        "values": plan.values,
        "kept": plan.kept,
        "impossible": plan.impossible,
    }
