"""What the pages keep is bounded, and what a run or a command still needs stays."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from importer.pages.kept.clearing import LONGEST, clear
from ledger.errors import StoppedResumably
from ledger.runs.run import new_run
from tests.importer.company import Company, a_workbook, an_own_event
from tests.importer.pages.serving import Visit


def written(folder: Path, name: str, days_ago: float) -> Path:
    """A folder in which a file was written so many days ago."""
    one = folder / name
    one.mkdir()
    (one / "file").write_text("x")
    moment = time.time() - days_ago * 86_400
    for path in (one / "file", one):
        os.utime(path, (moment, moment))
    return one


def test_the_old_and_the_many_are_cleared_but_for_what_is_needed(tmp_path: Path) -> None:
    too_old = LONGEST / 86_400 + 1
    for number in range(5):
        written(tmp_path, f"new-{number}", number)
    written(tmp_path, "old", too_old)
    written(tmp_path, "old and needed", too_old)
    touched = written(tmp_path, "old, with a new receipt", too_old)
    (touched / "receipts").mkdir()
    clear(tmp_path, 4, {"old and needed", "new-4"}.__contains__)
    left = {one.name for one in tmp_path.iterdir()}
    assert left == {
        *(f"new-{number}" for number in range(3)),
        *("new-4", "old and needed", "old, with a new receipt"),
    }
    clear(tmp_path / "never made", 1, lambda _: False)


def test_a_dropped_workbook_clears_others_but_not_one_whose_import_stopped(
    visit: Visit, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importer.pages.kept.workbooks.MOST_WORKBOOKS", 1)
    dropped = []
    for title in ("ONE", "TWO", "THREE"):
        path = a_workbook(tmp_path, an_own_event(title), name=f"{title}.xlsx")
        answer = visit.post("/import", {}, files={"workbook": (path.name, path.read_bytes())})
        dropped.append(answer.url.rpartition("/")[2])
        if title == "ONE":
            stopped_import_of(company, dropped[0])
    kept = visit.site.environ["ADMSYNC_DATA_DIR"]
    left = {one.name for one in Path(kept, "pages", "workbooks").iterdir()}
    assert left == {dropped[0], dropped[2]}
    refused = visit.post(f"/import/{dropped[1]}/carry-out", {"plan": "0" * 64})
    assert "drop it again" in refused.text


def stopped_import_of(company: Company, digest: str) -> None:
    """An import of a workbook that stopped."""
    options = {"file": "ONE.xlsx", "digest": digest}
    with (
        suppress(StoppedResumably),
        new_run(company.ledger, "import-events", options, holds=(f"workbook/{digest}",)),
    ):
        raise StoppedResumably("the network is gone")
