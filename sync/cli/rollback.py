"""``rollback``: rolls a run back in both systems, after a plan that a person agrees to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ledger.cli import completion
from ledger.cli.command import command, json_option, opened_ledger, reason_option, require_agreement
from ledger.output.documents import print_json
from ledger.output.lines import answer_lines, report, report_lines
from ledger.output.words import beginning, counted, counts_in_words

if TYPE_CHECKING:
    from ledger.rollback.parts import FieldsBack, KeptRow, RollbackPlan, RowRollback
    from ledger.runs.states import RunState
    from ledger.store.ledger import Ledger
    from sync.administrate.client import Administrate
    from sync.rollback.run import Rollback


@command(
    "rollback",
    "admsync rollback last --dry-run",
    'admsync rollback last --reason "the wrong sitting\'s dates"',
    'admsync rollback last --only ELO-CB1-30-26A --reason "tutor ill"',
)
@click.argument("run", shell_complete=completion.runs)
@click.option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@click.option("--only", metavar="EVENT", help="Of one event alone, by a name of either side.")
@reason_option("Why (needed, but for --dry-run)", required=False)
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@json_option
@click.pass_context
def rollback(
    ctx: click.Context,
    run: str,
    *,
    dry_run: bool,
    only: str | None,
    reason: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Roll back a sync, an import or a settled field.

    Its changes are reversed by compensating events; nothing is deleted from the ledger.

    First the plan, in three parts: what is rolled back, what is kept because something later
    changed it or refers to it, what is irreversible. Administrate is asked for its current state:
    drafts are deleted; events since published, booked or staffed are kept. With --only one event
    is rolled back, with its sessions, and the rest of the run stands. RUN is as for admsync show.
    """
    from ledger.migrations.migrate import take_up_tutorial_shape
    from ledger.rollback.execute import check_can_roll_back, check_can_roll_back_one_event
    from ledger.rollback.one_event import event_named
    from ledger.runs.states import find_run
    from sync.rollback.administrate_side import plan_rollback
    from sync.rollback.run import new_rollback

    if not dry_run and not reason:
        raise click.UsageError("--reason says why it is rolled back, and is kept in the ledger")
    with opened_ledger(announcing=False) as ledger:
        target = find_run(ledger.database, run)
        check_can_roll_back(target)
        event = None if only is None else event_named(ledger.database, only)
        if event is not None:
            check_can_roll_back_one_event(target)
        if not dry_run:
            take_up_tutorial_shape(ledger)
        with _administrate_of(ledger, target) as client:
            plan = plan_rollback(ledger, client, target.run_id, event).plan
            if not as_json:
                say = answer_lines if dry_run else report_lines
                say([f"{target.command}, run {target.run_id}, by {target.actor}"])
                say(_plan_lines(plan))
            if not dry_run:
                require_agreement("Roll back?", yes=yes)
                with new_rollback(ledger, client, target, str(reason), event) as under_way:
                    plan = under_way.carry_out(plan)
                if not as_json:
                    _print_end(under_way)
    if as_json:
        print_json(_plan_json(plan, dry_run=dry_run))
    ctx.exit(4 if not dry_run and (plan.kept or plan.impossible) else 0)


def resume_rollback(ledger: Ledger, state: RunState, *, as_json: bool) -> int:
    """Resumes a stopped rollback to its end; returns the number of kept rows."""
    from ledger.runs.states import find_run
    from sync.rollback.run import resumed_rollback

    target = find_run(ledger.database, str(state.options["run"]))
    with (
        _administrate_of(ledger, target) as client,
        resumed_rollback(ledger, client, state, target) as under_way,
    ):
        plan = under_way.carry_out()
    if as_json:
        print_json(_plan_json(plan, dry_run=False))
    else:
        _print_end(under_way)
    return len(plan.kept) + len(plan.impossible)


@contextmanager
def _administrate_of(ledger: Ledger, target: RunState) -> Iterator[Administrate | None]:
    """The Administrate client, where the run made anything there; a sync is rolled back without
    it."""
    from sync.connection import opened_administrate

    if not target.kind.in_administrate:
        yield None
        return
    with opened_administrate(ledger.database) as client:
        yield client


def _plan_lines(plan: RollbackPlan) -> Iterator[str]:
    if not (plan.rollbacks or plan.kept or plan.impossible or plan.fields):
        yield "Nothing to roll back."
        return
    yield f"To roll back: {counted(len(plan.rollbacks), 'row')}"
    yield from beginning([_rollback_line(row_rollback) for row_rollback in plan.rollbacks])
    yield from beginning([f"{one.record}: {_fields_line(one)}" for one in plan.fields])
    for heading, kept in (("Kept", plan.kept), ("Irreversible", plan.impossible)):
        if kept:
            yield f"{heading}: {len(kept)}"
            yield from beginning([_kept_line(one) for one in kept])


def _print_end(under_way: Rollback) -> None:
    counts = under_way.run.counts
    for kept in under_way.kept:
        report(f"  ⚠ {_kept_line(kept)}")
    report(f"✓ {counts_in_words(counts)}")


def _rollback_line(row_rollback: RowRollback) -> str:
    from ledger.output.words import shown
    from ledger.schema.adm import link_name

    if row_rollback.after is None:
        return f"{row_rollback.record}: deleted"
    if row_rollback.before is None:
        return f"{row_rollback.record}: restored"
    link = link_name(row_rollback.row.table)
    columns = [*row_rollback.changed, *([link] if row_rollback.decided and link else [])]
    changes = (
        f"{c}: {shown(row_rollback.before[c])} → {shown(row_rollback.after[c])}" for c in columns
    )
    return f"{row_rollback.record}: {', '.join(changes)}"


def _fields_line(one: FieldsBack) -> str:
    what = "decision taken back" if one.row is None else "what both sides agreed on set back"
    return f"{what}: {', '.join(one.names)}"


def _kept_line(kept: KeptRow) -> str:
    at = f" (position {kept.position})" if kept.position is not None else ""
    return f"{kept.record}, {kept.what}: {kept.why}{at}"


def _plan_json(plan: RollbackPlan, *, dry_run: bool) -> dict[str, object]:
    return {
        "ok": True,
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
        "kept": plan.kept,
        "impossible": plan.impossible,
    }
