"""The list of discrepancies: a row a pair with what to type, since when, chosen by filters."""

from __future__ import annotations

import re
import shlex
from datetime import date

from ledger.events import DecisionTaken
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from sync.entities import ENTITIES
from sync.missing.create import CREATIONS
from tests.databases import opened
from tests.sync.company import Company


def listed(company: Company, record: str) -> bool:
    """Whether a location is among the open discrepancies."""
    found = company.document("discrepancies", "--entity", "locations")["locations"]
    return record in [one["record"] for one in found]


def waiting(company: Company) -> int:
    """How many discrepancies the state of things tells."""
    return sum(one["open_discrepancies"] for one in company.document("status")["entities"])


def test_a_pair_takes_a_row_with_what_to_type(synced: Company) -> None:
    done = synced.admsync("discrepancies", "--entity", "venues")
    heading, columns, *rows = done.stdout.splitlines()
    assert heading == "⚠ 18 venues to decide about, all new"
    assert columns.startswith("Tutorial tables  ")
    terrace = synced.venue("Haymarket Terrace")
    [ours] = synced.values("SELECT id FROM acted.tutorial_venues WHERE name = 'Haymarket Terace'")
    [row] = [row for row in rows if terrace in row]
    assert re.match(
        rf"Haymarket Terace .*\({ours}\)  +Haymarket Terrace \({terrace}\)  +0\.\d\d", row
    )
    pasted = shlex.split(row[row.index("admsync ") :])
    assert pasted[1:3] == ["discrepancies", "accept"]
    synced.admsync(*pasted[1:], "misspelt")
    assert terrace not in synced.admsync("discrepancies", "--entity", "venues").stdout


def test_filters_choose_and_json_holds_what_the_words_say(synced: Company) -> None:
    leeds = synced.location("Leeds")
    added = synced.control.insert("Venue", name="Zinc Works", description="", locationId=leeds)
    synced.admsync("sync", "venues", "--quiet")
    [new] = synced.document("discrepancies", "--entity", "venues", "--new")["venues"]
    assert new["record"] == f"adm.venues/{added['id']}"
    assert new["new"]
    assert new["decide"] == ["ignore", new["record"], "--reason"]
    assert 0 <= new["age_seconds"] < 600
    sides = synced.document("discrepancies", "--side", "tutorial", code=0)
    assert {one["side"] for listed in sides.values() for one in listed} == {"tutorial"}
    assert synced.document("discrepancies", "--older-than", "7d") == {name: [] for name in sides}
    assert synced.admsync("discrepancies", "--older-than", "7d", "--strict").stdout == (
        "No open discrepancies.\n"
    )
    synced.admsync("discrepancies", "--strict", code=5)
    refused = synced.admsync("discrepancies", "--older-than", "a week", code=2)
    assert "'a week' is no age; expected one like 12h, 7d or 2w" in refused.stderr
    own = synced.admsync("discrepancies", "--entity", "price_levels", code=2)
    assert "price-levels are Administrate's own" in own.stderr


def test_before_the_first_sync_nothing_is_known(company: Company) -> None:
    done = company.admsync("discrepancies")
    assert done.stdout == "Nothing was synced yet, so nothing is known: admsync sync all\n"
    company.admsync("sync", "locations", "--no-prompt")
    said = company.admsync("discrepancies").stdout
    assert "Venues were never synced: admsync sync venues\n" in said
    assert "locations to decide about" in said


def test_what_can_be_created_is_declared_once() -> None:
    assert {one.name for one in ENTITIES if one.creatable} == CREATIONS.keys()


def test_a_record_is_ignored_until_a_day(synced: Company) -> None:
    record = synced.document("discrepancies", "--entity", "locations")["locations"][0]["record"]
    ignoring = ("discrepancies", "ignore", record, "--reason", "not yet", "--until")
    assert "is not to come" in synced.admsync(*ignoring, "2020-01-31", code=2).stderr
    before = waiting(synced)
    synced.admsync(*ignoring, "2099-01-31")
    assert listed(synced, record) is False
    assert waiting(synced) == before - 1
    [decision] = synced.document("discrepancies", "decisions")
    assert decision["until"] == "2099-01-31"
    assert "ignored until 2099-01-31: “not yet”" in synced.admsync("history", record).stdout
    # Of a later decision the day has come: it is asked about again, everywhere.
    past = DecisionTaken(
        decision="ignore",
        table="adm.locations",
        subject=record,
        object=None,
        reason="till now",
        until=date(2020, 1, 31),
    )
    with opened(synced.url) as database:
        Ledger(database, actor="tests").append([Entry(past)])
    assert listed(synced, record) is True
    assert waiting(synced) == before
    assert synced.document("discrepancies", "decisions") == []
