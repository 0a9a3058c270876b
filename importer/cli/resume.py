"""``resume``: resumes a stopped run, sync or import."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from ledger.cli import completion
from ledger.cli.command import command, json_option, opened_ledger, reason_option
from ledger.output.documents import print_json
from ledger.output.lines import report

if TYPE_CHECKING:
    from ledger.runs.kinds import RunKind
    from ledger.runs.states import RunState
    from ledger.store.ledger import Ledger


@command(
    "resume",
    "admsync resume",
    "admsync resume 8f12cc26964e --no-prompt",
    'admsync resume --leave-out ELO-CB1-30-26A --reason "no room"',
)
@click.argument("run", required=False, shell_complete=completion.runs)
@click.option("--no-prompt", is_flag=True, help="Never ask; a sync creates nothing.")
@click.option(
    "--leave-out",
    multiple=True,
    metavar="EVENT",
    help="Of an import: do not make this event. Title, code or tutorial event.",
)
@reason_option("Why it is left out", required=False)
@click.option("--quiet", is_flag=True, help="Of a sync: as admsync sync --quiet.")
@click.option("--strict", is_flag=True, help="Exit with 5 where a person's decision is waited for.")
@json_option
@click.pass_context
def resume(
    ctx: click.Context,
    run: str | None,
    *,
    no_prompt: bool,
    leave_out: tuple[str, ...],
    reason: str | None,
    quiet: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Go on from where a run stopped.

    The one given, or else the newest that stopped.
    """
    from ledger.errors import UsageRefused
    from ledger.runs.kinds import IMPORT, SYNC
    from ledger.runs.states import run_to_resume
    from sync.discrepancies.waiting import decision_is_waited_for

    if bool(leave_out) != bool(reason):
        raise click.UsageError("--leave-out and --reason go together")
    with _database_there(run), opened_ledger(announcing=False) as ledger:
        state = run_to_resume(ledger.database, run)
        if leave_out and state.kind is not IMPORT:
            raise UsageRefused(f"run {state.run_id} is of {state.command}: it has no event")
        if quiet and state.kind is not SYNC:
            raise UsageRefused(f"run {state.run_id} is of {state.command}: --quiet is of a sync")
        if not (as_json or quiet):
            report(f"Resuming {state.command}, run {state.run_id}")
        go_on = resumers(
            ask=not (no_prompt or quiet),
            as_json=as_json,
            quiet=quiet,
            leave_out=(leave_out, reason or ""),
        ).get(state.kind)
        if go_on is None:
            raise UsageRefused(f"{state.command} is not resumed; run it again")
        refused = go_on(ledger, state)
        waits = strict and decision_is_waited_for(ledger.database)
    ctx.exit(4 if refused else 5 if waits else 0)


@contextmanager
def _database_there(run: str | None) -> Iterator[None]:
    """Has a database that is not there just now, before or after the run goes on, be a reason to
    resume later."""
    from ledger.errors import DatabaseUnavailable, StoppedResumably

    try:
        yield
    except DatabaseUnavailable as problem:
        again = f"admsync resume {run}" if run else "admsync resume"
        raise StoppedResumably(f"{problem}; go on with: {again}") from problem


def resumers(
    *,
    ask: bool,
    as_json: bool,
    quiet: bool = False,
    leave_out: tuple[tuple[str, ...], str] = ((), ""),
) -> Mapping[RunKind, Callable[[Ledger, RunState], int]]:
    """The function that resumes a run of each kind; each returns the number refused.

    ``leave_out`` are the events that an import is not to make, and why.
    """
    from ledger.runs.kinds import CHANGE, IMPORT, ROLLBACK, SYNC
    from sync.cli.changes import resume_change
    from sync.cli.rollback import resume_rollback
    from sync.cli.sync import resume_sync

    return {
        SYNC: partial(resume_sync, ask=ask, as_json=as_json, quiet=quiet),
        IMPORT: partial(_resume_import, as_json=as_json, leave_out=leave_out),
        ROLLBACK: partial(resume_rollback, as_json=as_json),
        CHANGE: partial(resume_change, as_json=as_json),
    }


def _resume_import(
    ledger: Ledger, state: RunState, *, as_json: bool, leave_out: tuple[tuple[str, ...], str]
) -> int:
    from importer.cli.import_events import reporter
    from importer.dual_write.carry_out import carry_out
    from importer.dual_write.leave_out import LeavingOut
    from importer.dual_write.run import resumed_import
    from ledger.settings.environment import environment
    from sync.connection import opened_administrate

    with opened_administrate(ledger.database) as client:
        opening = resumed_import(
            ledger,
            client,
            state,
            reporter(as_json=as_json),
            environment(),
            LeavingOut(*leave_out),
        )
        return carry_out(opening, print_json if as_json else None)
