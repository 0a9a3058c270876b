"""The demonstration: a linked company, an imported workbook, and the commands to try next."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from pathlib import Path
from threading import Event

from importer.dual_write.carry_out import carry_out
from importer.dual_write.progress import PrintedProgress
from importer.dual_write.run import new_import
from importer.output.sample import write_sample
from importer.planning.prepare import ImportOptions, prepare
from importer.planning.report import shown_plan
from importer.reference.read import read_local_reference
from importer.workbook.archive import read_file
from ledger.database.settings import NAMING
from ledger.files import NewFile
from ledger.output.lines import report, report_lines, report_verbatim
from ledger.output.plans import plan_lines
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.demo import edit_both_sides, link_twice, stage
from sync.sandbox.process import RunningSandbox


def play(home: Path, linger: float = 0.0, *, keep: bool = False) -> None:
    """Plays the demonstration in a directory of its own, which it empties first.

    Its PostgreSQL stays up for ``linger`` seconds, for those who look at what was played; with
    ``keep``, both systems serve until Ctrl-C.
    """
    where = _apart(home)  # libpq's variables are gone once a database is open
    report(f"A PostgreSQL and an Administrate of our own, under {home}")
    report()
    with stage(home, linger) as (ledger, client, sandbox):
        link_twice(ledger, client)
        _import_sample(ledger, client, home)
        edit_both_sides(ledger, client, sandbox.control)
        report()
        if keep:
            _serve(where, sandbox)
            return
    report("Where to look next, in the demonstration's own data:")
    report_verbatim(f"  {where}")
    report_lines(_LOOK.splitlines())


def _serve(where: str, sandbox: RunningSandbox) -> None:
    """Says what to try with both systems, and waits for Ctrl-C."""
    report("The company goes on running. In another terminal:")
    report_verbatim(f"  {where}")
    for name, value in sandbox.settings.items():
        report_verbatim(f"  export {name}={value}")
    report("What to look at:")
    report_lines(_LOOK.splitlines())
    report("What to do:")
    port = sandbox.url.rpartition(":")[2]
    report_lines(_DO.format(port=port).splitlines())
    report("Ready; Ctrl-C stops the company.")
    with suppress(KeyboardInterrupt):
        Event().wait()


def _import_sample(ledger: Ledger, client: Administrate, home: Path) -> None:
    workbook, receipt = home / "sample.xlsx", home / "receipt.xlsx"
    write_sample(NewFile(workbook, replaces=True), read_local_reference(ledger.database))
    report()
    report(f"A workbook to import, {workbook}. What an import would do:")
    prepared = prepare(ledger, client, read_file(workbook), {})
    digest = prepared.file.digest
    options = ImportOptions(str(workbook), digest, workers=2, report=str(receipt), force=True)
    report_lines(plan_lines(shown_plan(prepared.plan, options.workers)))
    report()
    report("The import, in both systems:")
    opening = new_import(ledger, client, options, PrintedProgress(), prepared)
    carry_out(opening)


def _apart(home: Path) -> str:
    """Settings that keep the commands off the person's own database, if one is set."""
    named = [name for name in NAMING if os.environ.get(name)]
    unset = f"unset {' '.join(named)}; " if named else ""
    return f"{unset}cd {shlex.quote(str(home))}; export ADMSYNC_DATA_DIR=$PWD"


_LOOK = """\
  admsync runs                              what ran, and how it ended
  admsync history "Waverley Hall"           why a venue is linked as it is
  admsync history SAMPLE-CB1_LO_3-2026S     how an event came to be, both sides
  admsync history --cell sample.xlsx B3     what became of a row of the workbook
  admsync drift                             what is out of step
  admsync events list                       the imported events, their states
  admsync verify                            chain and tables are whole
  admsync replay --at 100                   the tables as they were"""
_DO = """\
  admsync discrepancies                     what has no counterpart
  admsync discrepancies accept Notingham Nottingham --reason "misspelt"
  admsync sync all                          the pair is linked from now on
  admsync events publish --sitting 2026S    all five, in Administrate
  admsync sandbox edit SAMPLE-CB1_LO_3-2026S --state published --port {port}
  admsync sync events                       what somebody edited there
  admsync rollback last --dry-run           what would be undone"""
