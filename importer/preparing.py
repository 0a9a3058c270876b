"""Before an import: what was asked, the workbook it is of, and the plan that follows from it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from attrs import field, frozen

from importer.administrate_reference import codes_taken, tax_type
from importer.events import AcceptedEvent
from importer.plan import Plan, make_plan
from importer.recording import digest_of, newest_plan
from importer.reference import Reference
from importer.validate import validate
from importer.workbook import Sheet, read_workbook
from importer.world import read_world
from ledger.blobs import get_blob
from ledger.book import Ledger
from ledger.database import Database, driver
from ledger.errors import AdmsyncError
from ledger.runs import run_states
from ledger.values import Fields
from sync.administrate.client import Administrate

COMMAND = "import-events"
WORKERS = 4


@frozen
class ImportOptions:
    """What an import was asked to do; kept with its run, so that resuming asks nothing again.

    ``path`` is where the workbook was, ``report`` where its receipt goes, if anywhere.
    """

    path: str
    digest: str
    approve: bool = True
    workers: int = WORKERS
    report: str | None = None

    def as_fields(self) -> Fields:
        return {
            "file": Path(self.path).name,
            "path": self.path,
            "digest": self.digest,
            "approve": self.approve,
            "workers": self.workers,
            "report": self.report,
        }

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> ImportOptions:
        """The options a run was started with."""
        report = fields["report"]
        return cls(
            str(fields["path"]),
            str(fields["digest"]),
            bool(fields["approve"]),
            int(str(fields["workers"])),
            None if report is None else str(report),
        )


@frozen
class Prepared:
    """A workbook read, and what an import of it would do.

    ``seen`` is the newest plan that any import had recorded before.
    """

    content: bytes = field(repr=False)
    sheet: Sheet
    reference: Reference
    plan: Plan
    seen: int


def prepare(
    ledger: Ledger,
    client: Administrate,
    path: Path,
    environ: Mapping[str, str],
    *,
    approve: bool = True,
) -> Prepared:
    """Reads the workbook and plans its import; nothing is written anywhere.

    Raises ``WorkbookError`` for a file that is no workbook of events.
    """
    sheet, seen = read_workbook(path), newest_plan(ledger)
    world = read_world(ledger.database, client, sheet)
    verdicts = list(validate(sheet, world.reference, approve=approve))
    titles = [one.title for one in verdicts if isinstance(one, AcceptedEvent)]
    codes = world.codes.union(codes_taken(client, titles, world.codes))
    plan = make_plan(verdicts, codes, tax_type(client, environ) if titles else "")
    return Prepared(path.read_bytes(), sheet, world.reference, plan, seen)


def earlier_import(database: Database, digest: str) -> UUID | None:
    """The newest run that imported the same file to its end, where there is one.

    Raises ``AdmsyncError`` where one stopped before its end: that is to be resumed.
    """
    runs = [
        state
        for state in run_states(database)
        if state.command == COMMAND and state.options.get("digest") == digest
    ]
    for state in runs:
        if state.state == "stopped":
            raise AdmsyncError(
                f"run {state.run_id} has begun to import this file and stopped; go on with:"
                f" admsync resume {state.run_id}"
            )
    return next((state.run_id for state in runs if state.state == "done"), None)


@contextmanager
def workbook_of(database: Database, options: ImportOptions) -> Iterator[Path]:
    """The workbook of an import as a file: as it was kept or, before that, where it was.

    Raises ``AdmsyncError`` where neither has it.
    """
    with database.transaction() as connection:
        content = get_blob(driver(connection), bytes.fromhex(options.digest))
    path = Path(options.path)
    if content is None and path.is_file():
        content = path.read_bytes()
    if content is None or digest_of(content) != options.digest:
        raise AdmsyncError(
            f"the workbook {path.name} is neither kept nor where it was; nothing of it is begun:"
            " import it again"
        )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        copy.write_bytes(content)
        yield copy
