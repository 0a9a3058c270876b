"""Prepares an import: its options, its workbook, and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import asdict, evolve, fields_dict, frozen

from importer.planning.plan import ImportPlan, make_plan
from importer.planning.record import newest_plan
from importer.reference.administrate import codes_taken, tax_type
from importer.reference.read import read_reference_data
from importer.reference.values import Reference
from importer.validation.earlier_events import EarlierEvents
from importer.validation.notes import hints_taken, sheet_notes
from importer.validation.plausibility import implausible
from importer.validation.taken_titles import refuse_taken_titles
from importer.validation.times import DEFAULT_ZONE
from importer.validation.validate import validate
from importer.validation.verdicts import Accepted
from importer.workbook.archive import WorkbookFile, read_file
from importer.workbook.sheet import Sheet, read_sheet
from ledger.database.connection import Database, driver
from ledger.errors import AdmsyncError
from ledger.runs.kinds import IMPORT
from ledger.runs.states import states_in
from ledger.store.blobs import get_blob
from ledger.store.ledger import Ledger
from ledger.values import Fields
from sync.administrate.client import Administrate

WORKERS = 4


@frozen
class ImportOptions:
    """The options of an import; stored with its run, for resuming it.

    ``path`` is the workbook's path, ``report`` that of its receipt, if any, ``force`` whether it
    may replace another file.
    """

    path: str
    digest: str
    approve: bool = True
    workers: int = WORKERS
    report: str | None = None
    force: bool = False

    def as_fields(self) -> Fields:
        return {"file": Path(self.path).name, **asdict(self)}

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> ImportOptions:
        # Runs older than the option replaced the existing file.
        known = {"force": True, **fields}
        return cls(**{name: known[name] for name in fields_dict(cls)})


@frozen
class PreparedImport:
    """A workbook and the plan of its import.

    ``seen`` is the newest plan that any import had recorded before.
    """

    file: WorkbookFile
    sheet: Sheet
    reference: Reference
    plan: ImportPlan
    seen: int


def prepare(
    ledger: Ledger,
    client: Administrate,
    file: WorkbookFile,
    environ: Mapping[str, str],
    *,
    approve: bool = True,
) -> PreparedImport:
    """Reads the workbook's sheet and plans its import; writes nothing.

    Raises ``WorkbookError`` for a file that is no workbook of events.
    """
    sheet, seen = read_sheet(file), newest_plan(ledger)
    reference_data = read_reference_data(ledger.database, client, sheet, file.name)
    sheet, reference = reference_data.sheet, reference_data.reference
    earlier = EarlierEvents.of(reference_data.earlier, file.name, sheet.rows)
    left_out = reference_data.left_out
    verdicts = list(
        validate(sheet.rows, reference, approve=approve, earlier=earlier, left_out=left_out)
    )
    titles = [one.event.title for one in verdicts if isinstance(one, Accepted)]
    codes = reference_data.codes.union(codes_taken(client, titles, reference_data.codes))
    if reference_data.title_is_code:
        verdicts = list(refuse_taken_titles(verdicts, sheet.rows, codes))
    plan = make_plan(verdicts, codes, tax_type(client, environ) if titles else "")
    of_sheet = sheet_notes(sheet, reference.custom_fields)
    doubtful = implausible(sheet.rows, plan.accepted, datetime.now(ZoneInfo(DEFAULT_ZONE)).date())
    plan = evolve(plan, hints=hints_taken(sheet), notes=(*of_sheet, *plan.notes, *doubtful))
    return PreparedImport(file, sheet, reference, plan, seen)


def earlier_import(database: Database, digest: str) -> UUID | None:
    """The newest completed import of the same file, where there is one.

    Raises ``AdmsyncError`` where one stopped before its end: that is to be resumed.
    """
    with database.driver_transaction() as connection:
        runs = states_in(
            connection,
            "r.command = %(command)s AND r.options ->> 'digest' = %(digest)s",
            {"command": IMPORT.name, "digest": digest},
        )
    for state in runs:
        if state.state == "stopped":
            raise AdmsyncError(
                f"run {state.run_id} has begun to import this file and stopped; go on with:"
                f" admsync resume {state.run_id}"
            )
    return next((state.run_id for state in runs if state.state == "done"), None)


def workbook_of(database: Database, options: ImportOptions) -> WorkbookFile:
    """The workbook of an import: the stored file or, before that, the file at its path.

    Raises ``AdmsyncError`` where neither is the imported one.
    """
    path = Path(options.path)
    with database.transaction() as connection:
        content = get_blob(driver(connection), bytes.fromhex(options.digest))
    if content is not None:
        return WorkbookFile(path.name, content)
    if path.is_file() and (file := read_file(path)).digest == options.digest:
        return file
    raise AdmsyncError(
        f"the workbook {path.name} is neither kept nor where it was; nothing of it is begun:"
        " import it again"
    )
