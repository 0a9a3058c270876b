"""``discrepancies create``: creates in Administrate what a person names, after a plan."""

from __future__ import annotations

import click

from ledger.cli import completion
from ledger.cli.command import command, json_option, opened_ledger
from ledger.cli.planning import Judging, judging_options
from ledger.output.documents import print_json
from ledger.output.plans import plan_document


@command(
    "create",
    "admsync discrepancies create Belfast --in Ireland --dry-run",
    "admsync discrepancies create acted.tutorial_locations/4 acted.tutorial_locations/9",
)
@click.argument("records", nargs=-1, required=True, shell_complete=completion.records)
@click.option(
    "--in",
    "within",
    multiple=True,
    metavar="PLACE",
    help="The region or account to create in, by name or id, where no setting says it.",
)
@judging_options(
    yes="Do not ask; needed where there is no terminal.",
    dry_run="Show the plan and create nothing.",
)
@json_option
@click.pass_context
def create(
    ctx: click.Context,
    records: tuple[str, ...],
    within: tuple[str, ...],
    *,
    judging: Judging,
    as_json: bool,
) -> None:
    """Create RECORDS in Administrate, then link them.

    Tutorial records without an equal there, after a plan. What is created stays: the API deletes
    none of it.
    """
    from ledger.settings.environment import environment
    from sync.cli.asking import create as carry_out
    from sync.connection import opened_administrate
    from sync.missing.chosen import asked_creations, creations_to_keep
    from sync.missing.shown import creation_plan
    from sync.reports.sync_report import JsonReport, PrintedReport

    reporter = JsonReport() if as_json else PrintedReport()
    refused: int | None = None
    with opened_ledger() as ledger, opened_administrate(ledger.database) as client:
        asked = asked_creations(ledger, client, records, environment())
        creations = asked.within(within)
        plan = creation_plan(creations)
        if not as_json:
            judging.show(plan)
        judging.settle(ledger.database, creations_to_keep(creations))
        if not judging.rehearsed:
            judging.agree("Create them?" if len(creations) > 1 else "Create it?")
            refused = carry_out(ledger, lambda: client, creations, reporter)
    if isinstance(reporter, JsonReport):
        print_json(
            {
                "ok": not refused,
                "plan": plan_document(plan),
                "steps": reporter.steps,
                "created": reporter.creations,
            }
        )
    else:
        judging.say_kept()
    ctx.exit(4 if refused else 0)
