"""``history``: what happened to a record, or to a row of a workbook, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import completion
from ledger.cli.command import command, json_option, opened_for_reading, paged
from ledger.output.lines import answer

if TYPE_CHECKING:
    from uuid import UUID

    import psycopg

    from importer.history import Cell
    from ledger.database.connection import Database
    from ledger.history.workbook_rows import Outcome


@command(
    "history",
    'admsync history "BPP Waterloo"',
    "admsync history adm.venues/VmVudWU6Nw== --at 2026-05-01",
    "admsync history --cell sitting.xlsx 'Import!H27'",
)
@click.argument("record", required=False, shell_complete=completion.records)
@click.option(
    "--cell",
    type=(str, str),
    metavar="FILE.xlsx CELL",
    help="What became of that cell's row, say 'Import!H27'.",
)
@json_option
@click.option("--at", metavar="POSITION|TIME", help="As it was known then.")
@click.option("--changes-only", is_flag=True, help="Only what changed the record or its link.")
@click.option("--raw", is_flag=True, help="With what Administrate answered, as it was stored.")
@paged
def history(
    record: str | None,
    cell: tuple[str, str] | None,
    at: str | None,
    *,
    as_json: bool,
    **asked: bool,
) -> None:
    """Show what happened to a record or a cell, and why.

    Newest last, from either side of its link. RECORD is what it goes by, or went by ("BPP
    Waterloo"), its Administrate id, or TABLE/KEY: for example adm.venues/VmVudWU6Nw==,
    adm.venues/17 or acted.tutorial_venues/5.

    Instead of a record, --cell takes a cell of a workbook, H27, or a whole row, 27: what each
    import made of that row, in this file or, where it is recognised, in another, and the records
    that came of it. A file that is not here is read as it was imported: by its name, or the
    beginning of its digest.
    """
    from ledger.cli.history import print_history
    from ledger.history.find_record import find_record
    from ledger.store.positions import position_of

    if (record is None) == (cell is None):
        raise click.UsageError("name either a RECORD or, with --cell, a cell of a workbook")
    with opened_for_reading() as database:
        outcomes: list[Outcome] = []
        with database.driver_transaction() as reader:
            until = None if at is None else position_of(reader, at)
            if record is not None:
                records = [find_record(reader, record, in_part=True).record]
            else:
                from importer.history import cell_of, outcomes_of, workbook_of

                assert cell is not None  # noqa: S101 - one of the two is given
                named, address = cell
                sought = cell_of(workbook_of(reader, named), address, _template_codes(database))
                outcomes = outcomes_of(reader, sought, until=until)
                records = [made for outcome in outcomes for made in outcome.made]
                if not as_json:
                    _print_outcomes(reader, sought, outcomes)
        beside = {position for outcome in outcomes for position in outcome.positions}
        print_history(database, records, until=until, beside=beside, as_json=as_json, **asked)


def _template_codes(database: Database) -> Iterable[str]:
    from importer.reference.database import read_tutorial_reference
    from importer.reference.read import template_codes

    with database.transaction() as connection:
        return template_codes(read_tutorial_reference(connection, ()).reference)


def _print_outcomes(
    reader: psycopg.Connection[Any], cell: Cell, outcomes: Sequence[Outcome]
) -> None:
    """Prints the cell, and the outcome and errors of its row in each import, newest last."""
    from importer.planning.record import cell_error
    from ledger.events import RowRefused
    from ledger.history.descriptions import describe
    from ledger.history.display_names import Called
    from ledger.output.words import local_time
    from ledger.runs.states import short_id, states_of

    ids = {run_id for one in outcomes if (run_id := one.recorded.run_id) is not None}
    runs: dict[UUID | None, str] = {
        run_id: f"run {short_id(run_id)} ({state.state})"
        for run_id, state in states_of(reader, ids).items()
    }
    called = Called(reader)
    answer(str(cell))
    if not any(cell.is_of(outcome) for outcome in outcomes):
        answer("  This very file was never imported; its row was, from another:")
    for outcome in outcomes:
        row, when = outcome.row, local_time(outcome.recorded.recorded_at)
        file = "this file" if cell.is_of(outcome) else outcome.workbook.name
        answer(f"  {when}  {file}, {runs[outcome.recorded.run_id]}:")
        answer(f"    {describe(row, called).sentence}")
        if isinstance(row, RowRefused):
            own = [error for error in row.errors if cell.column in (None, error.column)]
            for error in own:
                answer(f"    {cell_error(outcome.workbook.sheet, error)}")
            if row.errors and not own:
                others = ", ".join(error.cell for error in row.errors)
                answer(f"    not for this cell, but for {others}")
