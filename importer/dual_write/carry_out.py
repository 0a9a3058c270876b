"""Carries an import out, prints its result and writes its receipt."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from importer.dual_write.outcome import outcome_document, outcome_lines, write_run_receipt
from importer.dual_write.run import ImportRun
from ledger.errors import AdmsyncError
from ledger.output.lines import complain, notice, report, report_lines


def carry_out(
    opening: AbstractContextManager[ImportRun],
    document: Callable[[object], object] | None = None,
) -> int:
    """Executes the plan and prints the result, however it ends: line by line, or, where it is
    given, through ``document``, which takes what JSON can hold.

    Returns the number of refused rows. Raises ``StoppedResumably`` where not all is done.
    """
    imported: ImportRun | None = None
    try:
        with opening as imported:
            imported.make_all()
    finally:
        if imported is not None and imported.recorded.planned is not None:
            if document is not None:
                document(outcome_document(imported))
            else:
                report_lines(outcome_lines(imported))
            _write_receipt(imported, silent=document is not None)
    return imported.run.refused


def _write_receipt(imported: ImportRun, *, silent: bool) -> None:
    path = imported.options.report
    if path is None:
        return
    try:
        write_run_receipt(imported, Path(path))
    except AdmsyncError as problem:
        # The import's result matters more, and decides the exit code.
        complain(f"the receipt is missing: {problem}")
    else:
        (notice if silent else report)(f"Receipt: {path}")
