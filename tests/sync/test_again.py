"""The same sync twice: the second changes nothing, says so, and adds next to nothing."""

from __future__ import annotations

import re

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.company import BRIDGE, SHIPPED, Company
from tests.sync.outcome import outcome


def test_the_second_run_changes_no_row_and_says_so(synced: Company) -> None:
    stamps = {name: synced.rows(f"SELECT id, updated_at FROM adm.{name}") for name in BRIDGE}
    counts = [step["counts"] for step in synced.document("sync", "all")["steps"]]
    assert [count["unchanged"] for count in counts] == list(SHIPPED.values())
    assert {name: n for count in counts for name, n in count.items() if name != "unchanged"} == {
        "created": 0, "updated": 0, "deleted": 0, "skipped": 0, "errors": 0,
    }  # fmt: skip
    again = {name: synced.rows(f"SELECT id, updated_at FROM adm.{name}") for name in BRIDGE}
    assert {name: sorted(rows) for name, rows in again.items()} == {
        name: sorted(rows) for name, rows in stamps.items()
    }
    assert synced.control.changes() == []


def test_every_record_s_history_shows_the_run_that_confirmed_it(synced: Company) -> None:
    synced.document("sync", "venues")
    run = synced.document("runs")[0]["run_id"]
    for record in ("adm.venues/" + synced.venue("Waverley Hall"), "Conference Room A"):
        newest = synced.document("history", record)[-1]
        assert (newest["type"], newest["run_id"]) == ("MatchesReaffirmed", run)


def test_the_ledger_grows_by_less_than_10_kb_for_a_page_of_100(synced: Company) -> None:
    leeds = synced.location("Leeds")
    for number in range(100 - SHIPPED["venues"]):
        synced.control.insert("Venue", name=f"Room {number}", description="", locationId=leeds)
    repeats = 30  # tables grow by whole blocks of 8 KB, which must not tip the scales
    synced.sync("venues")
    before = _ledger_size(synced)
    for _ in range(repeats):
        synced.sync("venues")
    grown = (_ledger_size(synced) - before) / repeats
    assert grown < 10 * 1024


def _ledger_size(company: Company) -> int:
    """The bytes of the ledger itself, indexes included; what is projected from it is no part."""
    with psycopg.connect(company.url, autocommit=True) as connection:
        connection.execute("VACUUM")
        found = connection.execute(
            "SELECT sum(pg_total_relation_size(format('ledger.%I', name)::regclass))"
            " FROM unnest(ARRAY['events', 'appends', 'blobs', 'personal']) AS name"
        ).fetchone()
    assert found is not None
    return int(found[0])


@settings(max_examples=4)
@given(page_size=st.integers(2, 100), order=st.sampled_from(["id", "reversed", "shuffled"]))
def test_other_pages_and_orders_decide_nothing_else(
    synced: Company, page_size: int, order: str
) -> None:
    before = outcome(synced)
    synced.control.switch(default_order=order)
    synced.sync("locations", "venues", "course-templates", page_size=page_size)
    after = outcome(synced)
    for name, told in before.items():
        if name.startswith("adm.") or re.match("Record|Match.*Decided|Tutorial", name):
            assert after[name] == told
