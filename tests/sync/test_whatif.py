"""What if: recorded fetches decided again, and what a stopped run would go on to do."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from tests.sync.company import Company


def test_decided_again_as_they_were_no_link_differs(synced: Company) -> None:
    done = synced.admsync("replay", "--rules")
    lines = done.stdout.splitlines()
    assert len(lines) == 6
    assert all(
        line.startswith("✓") and line.endswith("every link would be the same") for line in lines
    )


def test_a_link_that_would_differ_is_told_with_both_explanations_and_nothing_is_written(
    synced: Company,
) -> None:
    hall = synced.venue("Waverley Hall")
    synced.change("UPDATE acted.tutorial_venues SET name = 'Hall' WHERE name = 'Waverley Hall'")
    events = synced.values("SELECT count(*) FROM ledger.events")
    synced.control.forget()
    done = synced.admsync("replay", "--rules")
    told = done.stdout.partition("⚠ Venues")[2].splitlines()
    assert told[1].startswith(f"  adm.venues/{hall} (Waverley Hall): the link goes: ")
    assert told[2].startswith("    then (")
    assert told[3] == "      linked: equal, and the only one on both sides"
    today = told.index("    by today's rules:")
    assert told[today + 1] == "      unmatched: no equal record on the other side"
    [difference] = synced.document("replay", "--rules")["differences"]
    assert (difference["record"], difference["change"]) == (f"adm.venues/{hall}", "goes")
    assert synced.values("SELECT count(*) FROM ledger.events") == events
    assert synced.control.calls() == []


def test_links_are_decided_again_on_a_server_that_is_only_read(
    synced: Company, tmp_path: Path
) -> None:
    synced.change("UPDATE acted.tutorial_venues SET name = 'Hall' WHERE name = 'Waverley Hall'")
    only_read = evolve(synced, url=f"{synced.url}&options=-c%20default_transaction_read_only%3Don")
    apart = {"ADMSYNC_DATA_DIR": str(tmp_path / "data")}
    told = only_read.admsync("replay", "last", "--rules", settings=apart)
    assert told.stdout == synced.admsync("replay", "last", "--rules").stdout
    assert "the link goes" in told.stdout
    assert "rebuilt in the built-in PostgreSQL" in told.stderr


def test_a_stopped_run_says_what_it_did_and_would_do_and_calls_nothing(company: Company) -> None:
    company.control.set_faults("errors:Venues:*")
    company.admsync("sync", "all", "--no-prompt", code=3)
    company.control.forget()
    lines = company.admsync("replay", "last").stdout.splitlines()
    did, would = lines.index("It did:"), lines.index("Resumed, it would:")
    assert any("Locations" in line for line in lines[did:would])
    assert any("venues" in line for line in lines[would:])
    assert company.control.calls() == []
