"""What a sync tells: on standard output for people, as JSON for programs, and its log."""

from __future__ import annotations

import json
import re
import shlex

from tests.sync.company import Company
from tests.terminal import at_terminal


def test_a_sync_prints_its_counts_and_what_it_leaves_open(synced: Company) -> None:
    done = synced.admsync("sync", "venues", "--no-prompt")
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "Syncing venues...",
        "  ✓ Venues: 0 created, 0 updated, 21 unchanged, 0 deleted, 0 skipped, 0 errors",
    ]
    assert "  ⚠ 7 tutorial venues have no match in Administrate:" in lines
    assert "      Conference Room A (London)" in lines
    terrace = synced.venue("Haymarket Terrace")
    assert any(
        line.startswith(f"      Haymarket Terrace ({terrace})     did you mean 'Haymarket Terace'?")
        for line in lines
    )


def test_a_terminal_shows_the_counts_that_are_not_zero(synced: Company) -> None:
    command = ("sync", "price-levels", "--no-prompt")
    given = synced.sandbox.settings
    with at_terminal(*command, url=synced.url, settings=given, elsewhere="stderr") as terminal:
        terminal.ends()
    assert "✓ Price levels: 3 unchanged\n" in terminal.seen


def test_what_is_new_since_the_last_run_comes_first(synced: Company) -> None:
    added = synced.control.insert(
        "Venue", name="Zinc Works", description="", locationId=synced.location("Leeds")
    )
    done = synced.admsync("sync", "venues", "--no-prompt")
    heading = "  ⚠ 9 Administrate venues have no match in the tutorial tables, 1 of them new:"
    _, _, listed = done.stdout.partition(heading)
    assert listed.splitlines()[1] == f"      new: Zinc Works ({added['id']})"
    seen = synced.rows(
        "SELECT first_run = last_run, count(*) FROM ledger.discrepancies"
        " WHERE bridge_table = 'adm.venues' GROUP BY 1 ORDER BY 1"
    )
    assert seen == [(False, 18), (True, 1)]


def test_the_log_follows_a_run_by_its_id_and_holds_no_secret(company: Company) -> None:
    done = company.admsync(
        "sync", "all", "--debug", "--no-prompt", settings={"ADMSYNC_LOG": "json"}
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    [run] = company.values("SELECT run_id::text FROM ledger.runs")
    assert {line["run_id"] for line in lines} == {run}
    said = [line["event"] for line in lines]
    assert (said[0], said[-1]) == ("run started", "run completed")
    assert said.count("decided") == 9
    pages = [(line["entity"], line["records"]) for line in lines if line["event"] == "page fetched"]
    assert ("course-templates", 84) in pages
    assert said.count("answered") == len(pages)
    for secret in ("ADMINISTRATE_API_KEY", "ADMINISTRATE_API_SECRET"):
        assert company.sandbox.settings[secret] not in done.stdout + done.stderr
    assert not re.search("secret|access_token|bearer", done.stderr, re.IGNORECASE)
    # The chain's head, for whoever keeps the log.
    assert company.admsync("verify", "--anchor", lines[-1]["link"]).returncode == 0


def test_the_demonstration_shows_everything_and_can_be_repeated(company: Company) -> None:
    home = {"ADMSYNC_DATA_DIR": str(company.sandbox.state.parent / "demonstration")}
    for _ in range(2):
        done = company.admsync("demo", settings=home)
        assert done.stdout.count("[9/9] Syncing sessions...") == 2
        assert "0 created, 0 updated, 168 unchanged" in done.stdout
    [command] = re.findall(r'admsync history "([^"]+)"', done.stdout)
    assert company.values("SELECT name FROM acted.tutorial_venues WHERE name = %s", command)


def test_a_decision_is_told_as_json_wherever_the_option_stands(synced: Company) -> None:
    [ours] = synced.values("SELECT id FROM acted.tutorial_venues WHERE name = 'Haymarket Terace'")
    records = [f"adm.venues/{synced.venue('Haymarket Terrace')}", f"acted.tutorial_venues/{ours}"]
    accepted = synced.document("discrepancies", "accept", *records, "--reason", "misspelt")
    withdrawing = ("--json", "withdraw", *records, "--reason", "it is another after all")
    withdrawn = json.loads(synced.admsync("discrepancies", *withdrawing).stdout)
    for told, decision in ((accepted, "accept"), (withdrawn, "withdraw")):
        assert (told["ok"], told["decision"], told["records"]) == (True, decision, records)
        assert len(told["changed"]) == 1
    for decision in ("reject", "ignore"):
        told = synced.document(
            "discrepancies", decision, *records[: 1 + (decision == "reject")], "--reason", "so"
        )
        assert told["decision"] == decision


def test_decisions_hold_for_every_later_run_until_they_are_withdrawn(synced: Company) -> None:
    terrace = synced.venue("Haymarket Terrace")
    [ours] = synced.values("SELECT id FROM acted.tutorial_venues WHERE name = 'Haymarket Terace'")
    pair = (f"adm.venues/{terrace}", f"acted.tutorial_venues/{ours}")
    link = "SELECT tutorial_venue_id FROM adm.venues WHERE external_id = %s"
    synced.admsync("discrepancies", "accept", *pair, "--reason", "misspelt")
    assert synced.values(link, terrace) == [ours]
    synced.control.edit(terrace, name="Something Else")
    synced.sync("venues")
    assert synced.values(link, terrace) == [ours]
    synced.admsync("discrepancies", "withdraw", *pair, "--reason", "it is another after all")
    assert synced.values(link, terrace) == [None]
    [leeds] = synced.values("SELECT id FROM acted.tutorial_locations WHERE name = 'Leeds'")
    rejected = (f"adm.locations/{synced.location('Leeds')}", f"acted.tutorial_locations/{leeds}")
    synced.admsync("discrepancies", "reject", *rejected, "--reason", "another Leeds")
    synced.sync("locations")
    assert synced.values("SELECT tutorial_location_id FROM adm.locations WHERE name = 'Leeds'") == [
        None
    ]
    synced.admsync("verify")


def test_a_slip_in_withdrawing_is_wrong_usage_and_no_run_that_failed(synced: Company) -> None:
    before = len(synced.document("runs"))
    slip = synced.admsync(
        "discrepancies", "withdraw", "Conference Room A", "--reason", "a slip", code=2
    )
    assert "there is no decision about acted.tutorial_venues/" in slip.stderr
    assert "what stands" not in slip.stderr
    assert len(synced.document("runs")) == before


def test_withdrawing_names_the_decisions_that_a_record_takes_part_in(synced: Company) -> None:
    terrace = f"adm.venues/{synced.venue('Haymarket Terrace')}"
    [ours] = synced.values("SELECT id FROM acted.tutorial_venues WHERE name = 'Haymarket Terace'")
    pair = f"acted.tutorial_venues/{ours}"
    synced.admsync("discrepancies", "accept", terrace, pair, "--reason", "misspelt")
    slip = synced.admsync("discrepancies", "withdraw", pair, "--reason", "a slip", code=2)
    assert f"what stands: accept {terrace} and {pair} (" in slip.stderr
    [command] = re.findall("admsync (discrepancies withdraw .*)\n", slip.stderr)
    synced.admsync(*shlex.split(command), "a slip")
