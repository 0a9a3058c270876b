"""The bytes of a workbook are in the ledger with the first event that names them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event

from importer.dual_write.event import State
from importer.dual_write.progress import SilentProgress
from importer.dual_write.run import new_import
from importer.planning.prepare import ImportOptions
from importer.workbook.archive import read_file
from ledger.database.connection import driver
from ledger.errors import AdmsyncError, StoppedResumably
from ledger.events import RunStarted, WorkbookRead
from ledger.runs.kinds import IMPORT
from ledger.runs.run import new_run
from ledger.store.blobs import blob_digest, stored
from ledger.verify.verify import verify_chain
from tests.importer.company import Company, a_workbook, an_own_event


def unstored_workbooks(company: Company) -> list[str]:
    """The workbooks that the start of an import names, without a blob."""
    starts = (one.event for one in company.ledger.read() if isinstance(one.event, RunStarted))
    digests = [str(one.options["digest"]) for one in starts if one.command == IMPORT.name]
    with company.database.transaction() as connection:
        found = stored(driver(connection), map(bytes.fromhex, digests))
    return [digest for digest in digests if bytes.fromhex(digest) not in found]


def options_of(path: Path) -> ImportOptions:
    return ImportOptions(str(path), read_file(path).digest)


def test_the_ledger_is_whole_at_every_commit_of_an_import(company: Company, tmp_path: Path) -> None:
    path, found, looking = a_workbook(tmp_path, an_own_event("A")), list[list[str]](), False

    def look(_: object) -> None:
        nonlocal looking
        if not looking:
            looking = True
            found.append(unstored_workbooks(company))
            looking = False

    event.listen(company.database.engine, "commit", look)
    try:
        company.imported(path)
    finally:
        event.remove(company.database.engine, "commit", look)
    assert found
    assert not any(found)


def test_the_loser_of_two_imports_at_once_leaves_a_whole_ledger(
    company: Company, tmp_path: Path
) -> None:
    won = a_workbook(tmp_path, an_own_event("A"), name="won.xlsx")
    lost = a_workbook(tmp_path, an_own_event("B"), name="lost.xlsx")
    prepared = company.prepared(lost)
    company.imported(won)
    with company.administrate() as client:
        opening = new_import(company.ledger, client, options_of(lost), SilentProgress(), prepared)
        with pytest.raises(AdmsyncError, match="another import was begun meanwhile"), opening:
            pass
    assert verify_chain(company.database).ok
    assert not unstored_workbooks(company)


def test_a_start_without_its_workbook_is_whole_and_can_be_resumed(
    company: Company, tmp_path: Path
) -> None:
    path = a_workbook(tmp_path, an_own_event("A"))
    fields = options_of(path).as_fields()
    with (
        pytest.raises(StoppedResumably),
        new_run(company.ledger, IMPORT.name, fields, holds=IMPORT.holds(fields)),
    ):
        raise KeyboardInterrupt
    assert unstored_workbooks(company)
    assert verify_chain(company.database).ok
    assert [one.state for one in company.resumed().outcomes] == [State.DONE]
    assert not unstored_workbooks(company)
    assert verify_chain(company.database).ok


def test_a_workbook_that_was_read_and_is_gone_is_a_difference(
    company: Company, tmp_path: Path
) -> None:
    company.imported(a_workbook(tmp_path, an_own_event("A")))
    gone = WorkbookRead(digest=blob_digest(b"gone").hex(), name="gone.xlsx", sheet="Import", rows=1)
    with new_run(company.ledger, IMPORT.name) as run:
        [position] = run.append(gone).positions
    [finding] = verify_chain(company.database).findings
    assert finding.position == position
