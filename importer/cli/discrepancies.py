"""``discrepancies export``, ``import``, ``decisions``: decisions in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.import_events import WORKBOOK
from ledger.cli.command import command, force_option, json_option, opened_ledger, require_agreement
from ledger.output.documents import print_json, print_table
from ledger.output.lines import answer, answer_lines, report, report_lines
from ledger.output.words import counted
from sync.cli.discrepancies import discrepancies

if TYPE_CHECKING:
    from importer.decisions.decision_plan import DecisionPlan
    from importer.decisions.record_decisions import RecordedDecisions

_OUT = click.Path(path_type=Path)


@command(
    "export",
    "admsync discrepancies export open.xlsx",
    "admsync discrepancies export open.xlsx --workbook sitting.xlsx",
)
@click.argument("out", metavar="OUT.xlsx", type=_OUT)
@click.option(
    "--workbook",
    metavar="FILE.xlsx",
    type=WORKBOOK,
    help="Only the products that this workbook of events needs.",
)
@force_option
@json_option
def export(out: Path, workbook: Path | None, *, force: bool, as_json: bool) -> None:
    """Write open discrepancies to a workbook, to decide in.

    Records with whom they may be, and the products to choose: those that a workbook of events
    needs, or else those that rows refused by the last import of each workbook need, and those of
    every template and place for which one of the last three sittings on sale has several.
    """
    from importer.decisions.record_decisions import gather_open
    from importer.decisions.writing import write_open
    from importer.workbook.archive import read_file
    from importer.workbook.sheet import read_sheet
    from ledger.files import NewFile

    file = NewFile(out, force)
    file.check(*([workbook] if workbook else []))
    sheet = None if workbook is None else read_sheet(read_file(workbook))
    with opened_ledger() as ledger:
        pairs, products = gather_open(ledger, sheet)
    write_open(file, pairs, products)
    if as_json:
        print_json({"ok": True, "records": len(pairs), "products": len(products)})
        return
    report(
        f"✓ {out}: {counted(len(pairs), 'row')} about records,"
        f" {counted(len(products), 'product')} to choose"
    )
    report(f"Decide in it, then run: admsync discrepancies import {out}")


@command("import", "admsync discrepancies import open.xlsx --dry-run")
@click.argument("workbook", metavar="FILE.xlsx", type=WORKBOOK)
@click.option("--dry-run", is_flag=True, help="Say what would be decided; record nothing.")
@click.option("--yes", is_flag=True, help="Record the plan without asking.")
@json_option
@click.pass_context
def import_decisions(
    ctx: click.Context, workbook: Path, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Record the decisions of a workbook that export wrote.

    First comes the plan. What has changed since the export, and rows that contradict each other,
    are refused, each by its cell; the rest is recorded, all or none, as if decided at the prompt.
    Imported again, it changes nothing.
    """
    from importer.decisions.record_decisions import plan_decisions, record_decisions
    from importer.workbook.archive import read_file

    file = read_file(workbook)
    with opened_ledger() as ledger:
        typed, plan = plan_decisions(ledger, file)
        if not as_json:
            (answer_lines if dry_run else report_lines)(_plan_lines(plan))
        recorded: RecordedDecisions | None = None
        if plan.decisions and not dry_run:
            count = len(plan.decisions)
            question = f"Record {'this decision' if count == 1 else f'these {count} decisions'}?"
            require_agreement(question, yes=yes)
            recorded = record_decisions(ledger, file, typed, plan)
    if as_json:
        print_json(_document(plan, recorded, dry_run=dry_run))
    elif recorded is not None:
        report(f"✓ Recorded {counted(len(plan.decisions), 'decision')}, in run {recorded.run_id}")
        report_lines(f"  {line}" for line in recorded.changed)
    else:
        report("Nothing was recorded.")
    ctx.exit(4 if plan.refused else 0)


@command("decisions", "admsync discrepancies decisions")
@json_option
def decisions(*, as_json: bool) -> None:
    """List every current decision, with its author, time and reason.

    About pairs, records and products; those withdrawn, or overruled by a later one, are in the
    history of their records.
    """
    from importer.decisions.current_decisions import current_decisions
    from ledger.output.words import local_time, local_zone

    with opened_ledger() as ledger, ledger.database.snapshot() as connection:
        decisions = current_decisions(connection)
    if as_json:
        print_json(decisions)
        return
    if not decisions:
        answer("No current decisions.")
        return
    print_table(
        ("Decision", "By", f"When ({local_zone()})", "At", "About and why"),
        [
            (
                one.decision,
                one.actor,
                local_time(one.recorded_at),
                one.position,
                f"{one.about}: “{one.reason}”",
            )
            for one in decisions
        ],
    )


def _plan_lines(plan: DecisionPlan) -> Iterator[str]:
    counts = ", ".join(f"{count} {name}" for name, count in plan.counts.items() if count)
    yield f"Decisions: {counts or 'none'}"
    yield from (f"  → {one}" for one in plan.decisions)
    yield from (f"  ✗ {error}" for error in plan.refused)


def _document(
    plan: DecisionPlan, recorded: RecordedDecisions | None, *, dry_run: bool
) -> dict[str, Any]:
    return {
        "ok": not plan.refused,
        "dry_run": dry_run,
        "run_id": recorded.run_id if recorded else None,
        "counts": plan.counts,
        "decisions": [
            {
                "cell": one.cell,
                "decision": one.decision,
                "about": one.about,
                "reason": one.reason,
            }
            for one in plan.decisions
        ],
        "refused": [str(error) for error in plan.refused],
        "changed": list(recorded.changed) if recorded else [],
    }


for _command in (export, import_decisions, decisions):
    discrepancies.add_command(_command)
