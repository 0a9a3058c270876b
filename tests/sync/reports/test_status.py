"""What ``status`` says: before the first sync, after it, and after nights that failed."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from ledger.errors import StoppedResumably
from ledger.runs.kinds import SYNC
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.databases import opened
from tests.sync.company import Company


def measured(file: Path) -> dict[tuple[str, str], float]:
    """Each sample of a Prometheus text file, by its name and entity."""
    return {
        (sample.name.removeprefix("admsync_"), sample.labels.get("entity", "")): sample.value
        for family in text_string_to_metric_families(file.read_text())
        for sample in family.samples
    }


def test_before_the_first_sync_it_says_never(company: Company) -> None:
    done = company.admsync("status", "--strict")
    assert done.stdout.count("never synced") == 9
    assert "Nothing waits for you." in done.stdout
    assert "Ledger at position 0: nothing noted outside is compared: set ADMSYNC_ANCHORS" in (
        done.stdout
    )


def test_after_a_sync_it_says_when_and_what_waits(synced: Company, tmp_path: Path) -> None:
    noted = {"ADMSYNC_ANCHORS": str(tmp_path / "heads")}
    synced.admsync("sync", "venues", "--quiet", settings=noted)
    file = tmp_path / "admsync.prom"
    done = synced.admsync("status", "--strict", "--metrics", str(file), settings=noted, code=5)
    assert re.search(r"^venues +\d{4}-\d\d-\d\d [\d:]{8} +0 min +18$", done.stdout, re.MULTILINE)
    assert "  18 venues to decide about: admsync discrepancies --entity venues\n" in done.stdout
    assert re.search(r"✓ Ledger at position (\d+): .*/heads notes position \1 of \1\n", done.stdout)
    found = measured(file)
    assert found["last_sync_timestamp_seconds", "venues"] > 1.7e9
    assert found["open_discrepancies", "venues"] == 18
    assert (found["unfinished_runs", ""], found["last_sync_ok", ""]) == (0, 1)
    assert found["ledger_anchored", ""] == 1
    (tmp_path / "heads").write_text(
        (tmp_path / "heads").read_text().replace('"link":"', '"link":"00')
    )
    again = synced.admsync("status", settings=noted)
    assert "notes no head of the chain" in again.stdout


def test_nights_that_failed_are_one_line(synced: Company) -> None:
    options = {"entities": ["venues"]}
    with opened(synced.url) as database:
        for _ in range(5):
            with (
                suppress(StoppedResumably),
                new_run(Ledger(database, "cron"), SYNC.command("venues"), options),
            ):
                raise StoppedResumably("no answer")
    said = synced.admsync("status").stdout
    assert said.count("Unfinished: ") == 1
    assert re.search(r"Unfinished: sync venues \(5 in a row, since .*, were not done\), ", said)
    [run] = synced.document("status")["unfinished"]
    assert (run["in_a_row"], run["command"]) == (5, "sync venues")
    assert synced.document("runs", "--limit", "1")[0]["run_id"] == run["run_id"]
