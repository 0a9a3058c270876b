"""The result of a finished import: in lines, as JSON, and as a receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from importer.dual_write.event import EventOutcome, State, unfinished
from importer.dual_write.run import ImportRun
from importer.output.receipt import (
    RUN,
    RowOutcome,
    accepted,
    is_receipt_of,
    refused,
    skipped,
    write_receipt,
)
from importer.planning.missing import missing_names, other_errors
from importer.planning.prepare import workbook_of
from importer.planning.record import RecordedPlan, cell_error
from importer.planning.unsold import listed
from importer.validation.verdicts import SkipReason
from importer.workbook.beside import read_beside
from importer.workbook.problems import CellError
from importer.workbook.sheet import read_sheet
from ledger.database.connection import Database, driver
from ledger.events import RowAccepted, RowRefused, RowSkipped
from ledger.files import NewFile
from ledger.output.words import counted
from ledger.runs.states import find_run
from ledger.store.append import head

_MARKS = {State.DONE: "✓", State.LEFT_OUT: "·"}


def outcome_lines(imported: ImportRun) -> Iterator[str]:
    """Counts, then unfinished events, warnings, and refused rows."""
    yield _verdict(imported)
    for outcome in imported.outcomes:
        mark = _MARKS.get(outcome.state, "✗")
        if outcome.problems or outcome.notes:
            yield f"  {mark} {outcome.in_progress.plan.title!r}: {outcome.state.value}"
            yield from (f"      {text}" for text in (*outcome.problems, *outcome.notes))
    untried = sum(one.state is State.UNTRIED for one in imported.outcomes)
    if untried:
        yield f"  {counted(untried, 'event')} not begun"
    if any(one.problems for one in unfinished(imported.outcomes)):
        again = f"admsync resume {imported.run.run_id} --leave-out EVENT --reason WHY"
        yield f"  What can never be made is left out: {again}"
    yield from _refusals(imported.recorded)


def _verdict(imported: ImportRun) -> str:
    """What was made of what was planned, however early it stopped."""
    recorded = imported.recorded
    made = [one.in_progress.plan for one in imported.outcomes if one.state is State.DONE]
    planned = len(recorded.to_make)
    events = counted(planned, "event") if planned else "nothing"
    counts = [
        (sum(len(plan.sessions) for plan in made), "session"),
        (recorded.planned.skipped if recorded.planned else 0, "skipped row"),
        (recorded.planned.refused if recorded.planned else 0, "refused row"),
    ]
    rest = [counted(count, what) for count, what in counts if count]
    of = f"{len(made)} of {events}" if len(made) < planned else events
    return f"Imported: {', '.join([of, *rest])}"


def outcome_document(imported: ImportRun) -> dict[str, Any]:
    return {
        "run_id": str(imported.run.run_id),
        "ok": not unfinished(imported.outcomes),
        "counts": imported.run.counts,
        "refused_rows": imported.run.refused,
        "events": [
            {
                "row": one.in_progress.plan.row,
                "title": one.in_progress.plan.title,
                "state": one.state.value,
                "tutorial_event": one.in_progress.keys.tutorial,
                "administrate_event": one.event_id,
                "problems": list(one.problems),
                "notes": list(one.notes),
            }
            for one in imported.outcomes
        ],
        "refused": [
            {
                "row": row.row,
                "errors": [str(cell_error(imported.recorded.sheet, error)) for error in row.errors],
                "note": row.note,
            }
            for row in imported.recorded.rows
            if isinstance(row, RowRefused)
        ],
    }


def write_run_receipt(imported: ImportRun, path: Path) -> None:
    """Writes the run's receipt: the workbook as read, each row with its outcome.

    It names the current head of the ledger's chain, so that it anchors the run.
    """
    database = imported.run.ledger.database
    workbook = workbook_of(database, imported.options)
    sheet = read_sheet(workbook)
    with database.transaction() as connection:
        position, link = head(driver(connection))
    run = str(imported.run.run_id)
    state = find_run(database, run)
    about = {
        "Workbook": Path(imported.options.path).name,
        "Digest (SHA-256)": imported.options.digest,
        RUN: run,
        "State": f"{state.state} {state.reason}".strip(),
        "By": state.actor,
        "Ledger position": str(position),
        "Ledger link": link.hex(),
    }
    # An interrupted run already has one, of its progress then.
    replaces = imported.options.force or is_receipt_of(path, run)
    beside = read_beside(workbook, sheet.title)
    write_receipt(NewFile(path, replaces), sheet, row_outcomes(imported), about, beside)


def row_outcomes(imported: ImportRun) -> Mapping[int, RowOutcome]:
    outcomes: dict[int, RowOutcome] = {}
    for row in imported.recorded.rows:
        match row:
            case RowRefused():
                errors = (cell_error(imported.recorded.sheet, error) for error in row.errors)
                outcomes[row.row] = refused(errors, row.note, row.event_key)
            case RowSkipped():
                outcomes[row.row] = skipped(
                    SkipReason(row.reason), row.twin, row.event_key, row.changed
                )
            case RowAccepted():
                outcomes[row.row] = accepted(row.event_key)
    ids = _bridge_ids(imported.run.ledger.database, imported.outcomes)
    for outcome in imported.outcomes:
        outcomes.update(_made(outcome, ids))
    return outcomes


def _made(outcome: EventOutcome, ids: Mapping[int, str]) -> Iterator[tuple[int, RowOutcome]]:
    """Each row of an event with its ids; the event's own row has the errors."""
    plan, keys = outcome.in_progress.plan, outcome.in_progress.keys
    note = "\n".join((*outcome.problems, *outcome.notes))
    tutorial: dict[int, list[str]] = {plan.row: [f"event {keys.tutorial}"]}
    remote: dict[int, list[str]] = {plan.row: [f"event {outcome.event_id or '-'}"]}
    for session, own in zip(plan.sessions, keys.sessions, strict=True):
        tutorial.setdefault(session.row, []).append(f"session {own.tutorial}")
        remote.setdefault(session.row, []).append(f"session {ids.get(own.bridge) or '-'}")
    begun = outcome.state is not State.UNTRIED
    for row, named in tutorial.items():
        yield (
            row,
            RowOutcome(
                outcome.state.value,
                tutorial_id=", ".join(named) if begun else "",
                administrate_id=", ".join(remote[row]) if begun else "",
                note=note if row == plan.row else "",
                event_key=plan.event_key,
                sold_as=plan.sold_as if row == plan.row else "",
            ),
        )


def _bridge_ids(database: Database, outcomes: Sequence[EventOutcome]) -> Mapping[int, str]:
    """Administrate's ids of the created sessions, by their bridge rows."""
    keys = [own.bridge for outcome in outcomes for own in outcome.in_progress.keys.sessions]
    with database.driver_transaction() as connection:
        found = connection.execute(
            "SELECT id, external_id FROM adm.sessions"
            " WHERE id = ANY(%s) AND external_id IS NOT NULL",
            (keys,),
        )
        return dict(found.fetchall())


def _refusals(recorded: RecordedPlan) -> Iterator[str]:
    to_correct = [row for row in recorded.rows if isinstance(row, RowRefused)]
    if not to_correct:
        return
    yield f"  {counted(len(to_correct), 'row')} refused:"
    errors = [cell_error(recorded.sheet, error) for row in to_correct for error in row.errors]
    yield from (f"      {one}" for one in missing_names(errors))
    # An error shared by many rows, say a product to choose, is printed once.
    alike: dict[CellError, list[str]] = {}
    for one in other_errors(errors):
        alike.setdefault(evolve(one, cell=""), []).append(one.cell)
    for shared, cells in alike.items():
        yield f"      {evolve(shared, cell=listed(cells))}"
