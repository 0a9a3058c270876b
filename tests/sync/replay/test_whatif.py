"""What if: recorded fetches decided again, and what a stopped run would go on to do."""

from __future__ import annotations

from importlib.resources import files
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
    company.control.set_faults("not-json:Venues:*")
    company.admsync("sync", "all", "--no-prompt", code=3)
    company.control.forget()
    lines = company.admsync("replay", "last").stdout.splitlines()
    did, would = lines.index("It did:"), lines.index("Resumed, it would:")
    assert any("Locations" in line for line in lines[did:would])
    assert any("venues" in line for line in lines[would:])
    assert company.control.calls() == []


def test_a_changed_table_of_forms_says_which_suggestions_come_and_go(
    synced: Company, tmp_path: Path
) -> None:
    hall = f"adm.venues/{synced.venue('Waverley Hall')}"
    called = "WHERE name = 'Waverley Hall'"
    synced.change(f"UPDATE acted.tutorial_venues SET name = 'Waverley Hal' {called}")
    synced.admsync("sync", "venues", "--no-prompt")
    table, changed = files("sync.matching").joinpath("forms.toml").read_text(), tmp_path / "forms"
    changed.write_text(table)
    told = synced.admsync("replay", "--rules", "--forms", str(changed)).stdout.splitlines()
    assert told
    assert all(line.endswith("every suggestion would be the same") for line in told)
    # By this table, the two name different things.
    changed.write_text(table.replace("contrasts = [", 'contrasts = [["hal", "hall"],'))
    told = synced.admsync("replay", "--rules", "--forms", str(changed)).stdout.splitlines()
    at = told.index("⚠ Venues: 0 would be suggested, 1 no longer")
    assert told[at + 1].startswith(f"  - {hall} (Waverley Hall) and acted.tutorial_venues/")
    synced.admsync("discrepancies", "accept", hall, "Waverley Hal", "--reason", "one house")
    found = synced.document("replay", "--rules", "--forms", str(changed))["suggestions"]
    [venues] = [one for one in found if one["entity"] == "venues"]
    assert (venues["come"], venues["go"]) == ([], [])
    assert venues["accepted"] == {"pairs": 1, "before": 1, "after": 0}


def test_a_table_of_forms_that_cannot_be_read_is_refused_in_a_line(
    synced: Company, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.toml"
    for text, what in (
        ("version", "not TOML"),
        ("version = 'one'", "version must be a whole number"),
        ("version = 1\n[towns]", "unknown part 'towns'"),
        ("version = 1\n[places.short]\nrd = 'road'", "places.short: each must be a list"),
        ("version = 1\n[places]\nstreets = ['Road']", "must be a list of lower-case words"),
    ):
        wrong.write_text(text)
        done = synced.admsync("replay", "--rules", "--forms", str(wrong), code=2)
        assert what in done.stderr
        assert len(done.stderr.strip().splitlines()) < 3
