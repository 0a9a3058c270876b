"""``import-events`` and ``import-template``: imports a workbook, writes an empty one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli.command import ask_to_agree, command, force_option, json_option, opened_ledger
from ledger.cli.planning import Judging, judging_options
from ledger.output.documents import print_json
from ledger.output.lines import answer, notice, report

if TYPE_CHECKING:
    from importer.dual_write.run import Reporter
    from importer.planning.prepare import PreparedImport
    from importer.validation.verdicts import Verdict
    from ledger.files import NewFile
    from ledger.store.ledger import Ledger
    from sync.administrate.client import Administrate

WORKBOOK = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(path_type=Path)


@command(
    "import-events",
    "admsync import-events sitting.xlsx --dry-run",
    "admsync import-events sitting.xlsx --report receipt.xlsx",
    "admsync import-events sitting.xlsx --save-plan sitting.plan",
    "admsync import-events sitting.xlsx --update",
)
@click.argument("workbook", metavar="FILE.xlsx", type=WORKBOOK)
@judging_options(
    yes="Do not ask; with --update needed where there is no terminal.",
    dry_run="Say what would be done; write nothing anywhere.",
    force=False,
)
@click.option("--no-prompt", is_flag=True, help="Do not ask before importing.")
@click.option(
    "--update",
    is_flag=True,
    help="Carry out what the rows of events imported before say otherwise by now, and no more.",
)
@click.option("--no-approve", is_flag=True, help="Refuse instructors who are not approved.")
@click.option(
    "--report", "receipt", metavar="OUT.xlsx", type=_OUT, help="Write a receipt of every row."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 16),
    default=4,
    show_default=True,
    help="Events made at a time.",
)
@force_option
@json_option
@click.pass_context
def import_events(
    ctx: click.Context,
    workbook: Path,
    *,
    judging: Judging,
    no_prompt: bool,
    update: bool,
    no_approve: bool,
    receipt: Path | None,
    workers: int,
    force: bool,
    as_json: bool,
) -> None:
    """Make the events of a workbook in both systems.

    Every row is validated first; errors are listed cell by cell, and the rest is imported. An
    existing event is skipped. Where the import stops, admsync resume continues. With --update no
    event is made: changed cells of events imported before are carried out in both systems, where
    neither system has moved on since they last agreed.
    """
    from importer.dual_write.carry_out import carry_out
    from importer.dual_write.run import new_import
    from importer.planning.prepare import ImportOptions, earlier_import, prepare
    from importer.planning.to_keep import plan_to_keep
    from importer.workbook.archive import read_file
    from ledger.files import NewFile
    from ledger.settings.environment import environment
    from sync.connection import opened_administrate

    file = read_file(workbook)
    out = NewFile(receipt, force) if receipt else None
    if out is not None:
        out.check(workbook)
    with opened_ledger() as ledger, opened_administrate(ledger.database) as client:
        before = None if judging.rehearsed else earlier_import(ledger.database, file.digest)
        if not as_json:
            say = answer if judging.rehearsed else report
            say(f"Reading {workbook.name} and looking things up...")
        prepared = prepare(ledger, client, file, environment(), approve=not no_approve)
        if update:
            ctx.exit(_update(ledger, client, prepared, judging, as_json=as_json))
        asking = _is_asked(prepared, judging, no_prompt=no_prompt or as_json)
        _show(prepared, workers, judging, refusals=asking or judging.rehearsed, as_json=as_json)
        judging.settle(ledger.database, plan_to_keep(prepared, approve=not no_approve))
        if judging.rehearsed:
            _rehearse(prepared, workers, out, judging, as_json=as_json)
            ctx.exit(4 if prepared.plan.refused else 0)
        if before and not as_json:
            report(f"This file was imported before, by run {before}.")
        if asking:
            ask_to_agree("Import them?")
        path, written = str(workbook.resolve()), str(receipt.resolve()) if receipt else None
        options = ImportOptions(path, file.digest, not no_approve, workers, written, force)
        opening = new_import(ledger, client, options, reporter(as_json=as_json), prepared)
        refused = carry_out(opening, print_json if as_json else None)
    ctx.exit(4 if refused else 0)


def _is_asked(prepared: PreparedImport, judging: Judging, *, no_prompt: bool) -> bool:
    """Whether a person is asked to agree to the import."""
    from ledger.output.terminal import somebody_is_there

    unasked = judging.rehearsed or judging.yes or no_prompt
    return bool(prepared.plan.events) and not unasked and somebody_is_there()


def _show(
    prepared: PreparedImport, workers: int, judging: Judging, *, refusals: bool, as_json: bool
) -> None:
    from importer.planning.report import note_lines, shown_plan

    if as_json:
        for line in () if judging.rehearsed else note_lines(prepared.plan):
            notice(line)
        return
    judging.show(shown_plan(prepared.plan, workers, refusals=refusals))
    if prepared.plan.changed and not judging.rehearsed:
        report("  --update carries out changed rows, where neither system has moved on")


def _update(
    ledger: Ledger,
    client: Administrate,
    prepared: PreparedImport,
    judging: Judging,
    *,
    as_json: bool,
) -> int:
    """Carries out the changed cells of events imported before; returns the exit code."""
    from importer.dual_write.update import planned_updates
    from importer.planning.update import Outcome
    from ledger.output.plans import PlanPart
    from sync.changes.plan import ChangePlan
    from sync.cli.changes import plan_and_carry_out

    updates = planned_updates(ledger.database, client, prepared.plan)
    refused = [one for one in prepared.plan.refused if one.changes]
    parts = (
        PlanPart("Changed cells", tuple((one.title, *map(str, one.cells)) for one in updates), "·"),
        PlanPart(
            "Nothing of it carried out, since its rows have errors",
            tuple((one.title, *map(str, one.errors)) for one in refused),
        ),
    )
    plan = ChangePlan([one.change for one in updates if one.change is not None], ())
    about = {"file": prepared.file.name}
    code = plan_and_carry_out(
        ledger, client, ["update"], about, plan, judging, as_json=as_json, parts=parts
    )
    left = (Outcome.CONFLICT, Outcome.NO_PLACE)
    undone = any(cell.outcome in left for one in updates for cell in one.cells)
    return code or (4 if refused or undone else 0)


@command("import-template", "admsync import-template empty.xlsx")
@click.argument("out", metavar="OUT.xlsx", type=_OUT)
@force_option
def import_template(out: Path, *, force: bool) -> None:
    """Write an empty workbook to fill in.

    Its drop-down lists hold the linked records.
    """
    from importer.output.empty_template import write_template
    from importer.reference.read import read_local_reference
    from ledger.files import NewFile

    file = NewFile(out, force)
    file.check()
    with opened_ledger() as ledger:
        write_template(file, read_local_reference(ledger.database))
    report(f"✓ {out}: fill it in, then run: admsync import-events {out} --dry-run")


def reporter(*, as_json: bool) -> Reporter:
    """The reporter for the output's form."""
    from importer.dual_write.progress import PrintedProgress, SilentProgress

    return SilentProgress() if as_json else PrintedProgress()


def _rehearse(
    prepared: PreparedImport,
    workers: int,
    receipt: NewFile | None,
    judging: Judging,
    *,
    as_json: bool,
) -> None:
    from importer.output.receipt import outcomes_of, write_receipt
    from importer.planning.report import plan_document
    from importer.workbook.beside import read_beside

    plan = prepared.plan
    if as_json:
        print_json(plan_document(plan, workers))
    else:
        answer("Nothing was written.")
        judging.say_kept()
    if receipt is not None:
        verdicts: list[Verdict] = [*plan.accepted, *plan.skipped, *plan.refused]
        beside = read_beside(prepared.file, prepared.sheet.title)
        told = {"Run": "a rehearsal"}
        write_receipt(receipt, prepared.sheet, outcomes_of(verdicts), told, beside)
