"""``sync``: reference data from Administrate, from the start or from where it stopped."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.command import command, json_option, opened_ledger
from ledger.cli.planning import Judging, judging_options
from ledger.output.documents import print_json
from ledger.output.lines import report_lines

if TYPE_CHECKING:
    from ledger.runs.states import RunState
    from ledger.store.ledger import Ledger
    from sync.reports.digest import QuietReport
    from sync.reports.sync_report import JsonReport, PrintedReport
    from sync.run import SyncRun

NAMES = (
    "custom-fields",
    "price-levels",
    "locations",
    "venues",
    "instructors",
    "course-templates",
    "course-template-price-levels",
    "events",
    "sessions",
)


class EntityName(click.Choice[str]):
    """One of some names of entities; underscores do for hyphens, as in the older tool."""

    def __init__(self, *names: str) -> None:
        super().__init__(names)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(str(value).replace("_", "-"), param, ctx)


@command(
    "sync",
    "admsync sync all",
    "admsync sync all --no-prompt --skip-errors",
    "admsync sync venues --allow-deletes",
    "admsync sync events --push --dry-run",
)
@click.argument("name", type=EntityName(*NAMES, "all"), metavar="NAME")
@click.option(
    "--page-size",
    type=click.IntRange(2, 100),
    default=100,
    show_default=True,
    help="Records a page; 100 is Administrate's most.",
)
@click.option("--no-prompt", is_flag=True, help="Never ask; create nothing in Administrate.")
@click.option("--skip-errors", is_flag=True, help="With all: go on after a step that fails.")
@click.option("--allow-deletes", is_flag=True, help="Remove rows also where many are gone at once.")
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Of events and sessions every one, also those long over.",
)
@click.option(
    "--push",
    is_flag=True,
    help="Of events or sessions: send what the web application changed, after a plan.",
)
@judging_options(
    yes="With --push: do not ask.", dry_run="With --push: show the plan and send nothing."
)
@click.option("--quiet", is_flag=True, help="Say in one line that nothing changed, or what did.")
@click.option("--strict", is_flag=True, help="Exit with 5 where a person's decision is waited for.")
@json_option
@click.pass_context
def sync(
    ctx: click.Context,
    name: str,
    *,
    page_size: int,
    no_prompt: bool,
    skip_errors: bool,
    allow_deletes: bool,
    every: bool,
    push: bool,
    judging: Judging,
    quiet: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Sync one entity from Administrate, or all of them.

    Its bridge rows and links are updated to Administrate's records.

    NAME is custom-fields, price-levels, locations, venues, instructors, course-templates,
    course-template-price-levels, events, sessions, or all: the nine in the order in which they
    need each other. Events and sessions are those that are not over, and linked ones until 90 days
    after their end: known ones are read each time, beside them what was updated since the last
    time. With --push nothing is fetched: what admsync drift lists as to push is sent to
    Administrate. With --quiet, for the night, nothing is asked, and the end says what is new, gone,
    changed, decided and waiting, with what to type; or, in one line, that nothing changed.
    """
    if push:
        ctx.exit(_push(name, judging, as_json=as_json))
    if judging != Judging():
        raise click.UsageError("--dry-run, --yes, --full and those of a plan are of --push")
    from ledger.runs.kinds import SYNC
    from sync.connection import opened_administrate
    from sync.discrepancies.waiting import decision_is_waited_for
    from sync.reports.notifications import told_of_failure
    from sync.run import SyncOptions, entity_names, new_sync

    options = SyncOptions(entity_names(name), page_size, skip_errors, allow_deletes, every)
    reporter = reporter_of(as_json=as_json, quiet=quiet)
    with (
        told_of_failure(SYNC.command(name)),
        opened_ledger() as ledger,
        opened_administrate(ledger.database) as client,
    ):
        opening = new_sync(ledger, client, SYNC.command(name), options, reporter)
        refused = carry_out(ledger, opening, reporter, ask=not (no_prompt or quiet or as_json))
        waits = strict and decision_is_waited_for(ledger.database)
    ctx.exit(4 if refused else 5 if waits else 0)


def _push(name: str, judging: Judging, *, as_json: bool) -> int:
    from sync.changes.push import plan_push
    from sync.changes.run import PUSH
    from sync.cli.changes import plan_and_carry_out
    from sync.connection import opened_administrate
    from sync.entities import BY_NAME

    if name == "all" or not BY_NAME[name].windowed:
        raise click.UsageError("--push is of events or sessions: admsync sync events --push")
    with opened_ledger() as ledger, opened_administrate(ledger.database) as client:
        plan = plan_push(ledger.database, client, BY_NAME[name].table.fullname)
        return plan_and_carry_out(ledger, client, [PUSH, name], {}, plan, judging, as_json=as_json)


def resume_sync(
    ledger: Ledger, state: RunState, *, ask: bool, as_json: bool, quiet: bool = False
) -> int:
    """Resumes a stopped sync to its end; returns the number of skipped records."""
    from sync.connection import opened_administrate
    from sync.reports.notifications import told_of_failure
    from sync.run import resumed_sync

    reporter = reporter_of(as_json=as_json, quiet=quiet)
    with told_of_failure(state.command), opened_administrate(ledger.database) as client:
        opening = resumed_sync(ledger, client, state, reporter)
        return carry_out(ledger, opening, reporter, ask=ask and not as_json)


def reporter_of(*, as_json: bool, quiet: bool = False) -> JsonReport | PrintedReport | QuietReport:
    """The reporter for the output's form."""
    from sync.reports.digest import QuietReport
    from sync.reports.sync_report import JsonReport, PrintedReport

    return JsonReport() if as_json else QuietReport() if quiet else PrintedReport()


def carry_out(
    ledger: Ledger,
    opening: AbstractContextManager[SyncRun],
    reporter: JsonReport | PrintedReport | QuietReport,
    *,
    ask: bool,
) -> int:
    """Carries a sync out, and prints its document or digest; asks about what Administrate lacks
    once it is done. Returns the number of records skipped or refused."""
    from ledger.output.terminal import somebody_is_there
    from sync.missing.create import create_and_sync
    from sync.reports.digest import QuietReport
    from sync.reports.notifications import notify_of_end

    under_way: SyncRun | None = None
    ok = False
    try:
        with opening as under_way:
            create_and_sync(under_way)
        ok = True
    finally:
        # After the run, which must not fail because of its output.
        if under_way is not None:
            _print_end(under_way, reporter, ok=ok)
    notify_of_end(ledger.database, under_way.run.run_id)
    if isinstance(reporter, QuietReport) or not (ask and somebody_is_there()):
        return under_way.run.refused
    from sync.cli.asking import decide_at_terminal

    client, entities = under_way.client, under_way.entities
    refused = decide_at_terminal(ledger, lambda: client, entities, reporter)
    return under_way.run.refused + (refused or 0)


def _print_end(
    under_way: SyncRun, reporter: JsonReport | PrintedReport | QuietReport, *, ok: bool
) -> None:
    from sync.reports.digest import QuietReport, digest_lines
    from sync.reports.sync_report import JsonReport

    run = under_way.run
    if isinstance(reporter, JsonReport):
        print_json(
            {
                "run_id": str(run.run_id),
                "ok": ok,
                "steps": reporter.steps,
                "created": reporter.creations,
            }
        )
    if isinstance(reporter, QuietReport) and ok:
        from sync.discrepancies.waiting import read_waiting

        with run.ledger.database.driver_transaction() as connection:
            waiting = read_waiting(connection)
        calls = under_way.client.calls
        report_lines(digest_lines(reporter.steps, waiting, str(run.run_id), calls))
