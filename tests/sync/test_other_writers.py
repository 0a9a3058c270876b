"""Other programs read and write ``adm`` beside this one: nothing of theirs is lost in silence."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from tests.sync.company import Company

LEEDS = "SELECT id FROM adm.locations WHERE name = 'Leeds'"


def step(company: Company, name: str, code: int = 0) -> dict[str, Any]:
    """What a sync of one entity says."""
    told: dict[str, Any] = company.document("sync", name, code=code)["steps"][0]
    return told


def made(company: Company, key: str, name: str, link: int | None = None) -> int:
    """A location's bridge row that another writer made."""
    [row_id] = company.values(
        "INSERT INTO adm.locations (external_id, name, tutorial_location_id, created_at,"
        " updated_at) VALUES (%s, %s, %s, now(), now()) RETURNING id",
        key, name, link,
    )  # fmt: skip
    return int(row_id)


def test_a_row_that_another_writer_made_is_listed_then_taken_up(synced: Company) -> None:
    row_id = made(synced, "TG9jYXRpb246OTk5", "Theirs")
    before = synced.rows("SELECT * FROM adm.locations WHERE id = %s", row_id)
    found = synced.document("verify")
    assert (found["ok"], found["differences"]) == (True, [])
    assert [(one["table"], one["key"]) for one in found["others"]] == [
        ("adm.locations", str(row_id))
    ]
    assert "made by another writer, not in the ledger" in synced.admsync("replay").stdout
    assert synced.document("replay", "--apply")["mended"] == {}
    assert synced.rows("SELECT * FROM adm.locations WHERE id = %s", row_id) == before
    told = step(synced, "locations")
    assert told["counts"]["taken up"] == 1
    assert told["counts"]["deleted"] == 0
    [(_, payload)] = synced.events("BridgeRowAdopted")
    assert (payload["made_by"], payload["row_id"]) == ("another writer", row_id)
    assert synced.document("verify")["others"] == []
    history = synced.admsync("history", "adm.locations/TG9jYXRpb246OTk5").stdout
    assert "Taken over as another writer had made it" in history


def test_a_row_made_for_a_record_before_its_sync_is_the_one_that_stays(synced: Company) -> None:
    """A webhook's row for a record that was created in Administrate since."""
    created = str(synced.control.insert("Location", name="Exeter")["id"])
    row_id = made(synced, created, "Exeter as another writer spells it")
    told = step(synced, "locations")
    assert (told["counts"]["created"], told["counts"]["updated"]) == (0, 1)
    assert synced.rows("SELECT id, name FROM adm.locations WHERE external_id = %s", created) == [
        (row_id, "Exeter")
    ]
    synced.admsync("verify")


def test_rows_of_every_table_are_listed_and_none_is_removed(synced: Company) -> None:
    """Also those of tables that nothing syncs yet, and one without an Administrate id."""
    synced.change(
        "INSERT INTO adm.events (external_id, title, created_at, updated_at)"
        " VALUES ('RXZlbnQ6OTk5', 'Theirs', now(), now()), (NULL, 'No id yet', now(), now())"
    )
    synced.change(
        "INSERT INTO adm.sessions (event_id, day_number, created_at, updated_at)"
        " SELECT id, 1, now(), now() FROM adm.events"
    )
    synced.change(
        "INSERT INTO adm.pricelevels (external_id, name, created_at, updated_at)"
        " VALUES ('UHJpY2VMZXZlbDo5OTk=', 'Theirs', now(), now())"
    )
    found = synced.document("verify")
    assert (found["ok"], len(found["others"])) == (True, 5)
    synced.document("replay", "--apply")
    synced.document("sync", "all")
    assert {one["table"] for one in synced.document("verify")["others"]} == {
        "adm.events",
        "adm.sessions",
    }


def test_a_changed_value_is_a_difference_that_the_next_sync_takes_up(synced: Company) -> None:
    synced.change("UPDATE adm.locations SET name = 'Loods', legacy_id = 'X' WHERE name = 'Leeds'")
    assert not synced.document("verify", code=1)["ok"]
    told = step(synced, "locations")
    assert (told["counts"]["taken up"], told["counts"]["updated"]) == (1, 1)
    [(_, payload)] = synced.events("BridgeRowEdited")
    assert payload["changes"]["name"] == {"before": "Leeds", "after": "Loods"}
    synced.admsync("verify")
    assert synced.values(LEEDS) != []
    history = synced.admsync("history", "Leeds").stdout
    assert "Changed by another writer" in history
    assert "name: Leeds → Loods" in history
    again = step(synced, "locations")
    assert "taken up" not in again["counts"]
    assert again["counts"]["unchanged"] == 17


def test_replay_mends_a_changed_value_where_no_sync_came_first(synced: Company) -> None:
    synced.change("UPDATE adm.locations SET name = 'Loods' WHERE name = 'Leeds'")
    synced.admsync("replay", "--apply")
    assert synced.values(LEEDS) != []
    synced.admsync("verify")


@pytest.mark.parametrize("to", ["NULL", "(SELECT max(id) FROM acted.tutorial_locations)"])
def test_a_changed_link_is_taken_up_and_decided(synced: Company, to: str) -> None:
    [before] = synced.values("SELECT tutorial_location_id FROM adm.locations WHERE name = 'Leeds'")
    synced.change(f"UPDATE adm.locations SET tutorial_location_id = {to} WHERE name = 'Leeds'")
    assert not synced.document("verify", code=1)["ok"]
    step(synced, "locations")
    assert synced.values("SELECT tutorial_location_id FROM adm.locations WHERE name = 'Leeds'") == [
        before
    ]
    [(_, payload)] = synced.events("BridgeRowEdited")
    assert payload["before"] == f"acted.tutorial_locations/{before}"
    synced.admsync("verify")


def test_a_tutorial_record_that_is_deleted_takes_its_link_along(synced: Company) -> None:
    """The database itself empties the column."""
    [location] = synced.values("SELECT id FROM acted.tutorial_locations WHERE name = 'Leeds'")
    synced.change("DELETE FROM acted.tutorial_venues WHERE location_id = %s", location)
    synced.change("DELETE FROM acted.tutorial_locations WHERE id = %s", location)
    synced.document("sync", "all")
    synced.admsync("verify")


def test_a_deleted_row_is_made_again(synced: Company) -> None:
    [row_id] = synced.values(LEEDS)
    synced.change("UPDATE adm.venues SET location_id = NULL")
    synced.change("DELETE FROM adm.locations WHERE id = %s", row_id)
    assert not synced.document("verify", code=1)["ok"]
    synced.document("sync", "all")
    assert synced.values(LEEDS) == [row_id]
    assert len(synced.events("BridgeRowRestored")) == 1
    synced.admsync("verify")


def test_a_row_deleted_and_made_anew_by_another_writer_is_that_row(synced: Company) -> None:
    [(key, link)] = synced.rows(
        "SELECT external_id, tutorial_location_id FROM adm.locations WHERE name = 'Leeds'"
    )
    synced.change("UPDATE adm.venues SET location_id = NULL")
    synced.change("DELETE FROM adm.locations WHERE name = 'Leeds'")
    row_id = made(synced, key, "Leeds", link)
    assert "adm.locations" in synced.document("verify", code=1)["others"][0]["table"]
    synced.document("sync", "all")
    assert synced.values(LEEDS) == [row_id]
    synced.admsync("verify")


def test_ids_that_another_writer_exchanged_or_mistyped_are_taken_up(synced: Company) -> None:
    leeds, bristol = synced.location("Leeds"), synced.location("Bristol")
    synced.change("UPDATE adm.venues SET location_id = NULL")
    for old, new in ((leeds, "-"), (bristol, leeds), ("-", bristol)):
        synced.change("UPDATE adm.locations SET external_id = %s WHERE external_id = %s", new, old)
    belfast = synced.location("Belfast")
    synced.change("UPDATE adm.locations SET external_id = 'typo' WHERE external_id = %s", belfast)
    synced.document("sync", "all")
    names = dict(synced.rows("SELECT external_id, name FROM adm.locations"))
    assert (names[leeds], names[bristol], names[belfast]) == ("Leeds", "Bristol", "Belfast")
    assert "typo" not in names
    synced.admsync("verify")


def test_a_decision_beside_others_rows_leaves_a_ledger_that_replays(synced: Company) -> None:
    made(synced, "TG9jYXRpb246OTk5", "Newcastle ")
    newcastle = f"adm.locations/{synced.location('Newcastle')}"
    [tutorial] = synced.values("SELECT id FROM acted.tutorial_locations WHERE name = 'Newcastle '")
    pair = (newcastle, f"acted.tutorial_locations/{tutorial}")
    synced.admsync("discrepancies", "accept", *pair, "--reason", "the same")
    synced.admsync("verify")


def test_a_link_of_another_writer_s_stays_where_nothing_speaks_against_it(synced: Company) -> None:
    [tutorial] = synced.values("SELECT id FROM acted.tutorial_locations WHERE name = 'Newcastle '")
    synced.change(
        "UPDATE adm.locations SET tutorial_location_id = %s WHERE name = 'Newcastle'", tutorial
    )
    told = step(synced, "locations")
    assert "links removed" not in told["counts"]
    assert synced.values(
        "SELECT tutorial_location_id FROM adm.locations WHERE name = 'Newcastle'"
    ) == [tutorial]
    synced.admsync("verify")


def test_another_writer_works_on_while_everything_is_synced(company: Company) -> None:
    """It makes rows of its own, some for records that Administrate has, and changes others'."""
    ids = [one["id"] for one in company.control.dump("Location")]
    ids += [one["id"] for one in company.control.dump("Venue")]
    over, failed = threading.Event(), []

    def work() -> None:
        number = 0
        with psycopg.connect(company.url, autocommit=True) as writer:
            while not over.is_set():
                table = ("locations", "venues")[number % 2]
                key = ids[number] if number < len(ids) else f"theirs-{number}"
                try:
                    writer.execute(
                        f"INSERT INTO adm.{table} (external_id, name, created_at, updated_at)"
                        " VALUES (%s, %s, now(), now()) ON CONFLICT DO NOTHING".encode(),
                        (key, f"Made {number}"),
                    )
                    writer.execute(
                        f"UPDATE adm.{table} SET name = name || '!', updated_at = now()"
                        f" WHERE id = (SELECT max(id) FROM adm.{table})".encode()
                    )
                except psycopg.Error as problem:
                    failed.append(problem)
                number += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        company.admsync("sync", "all", "--no-prompt", code=None)
    finally:
        over.set()
        thread.join()
    assert failed == []
    company.admsync("sync", "all", "--no-prompt", code=None)
    company.admsync("verify")
    left = company.values("SELECT count(*) FROM adm.locations WHERE name LIKE 'Made%%'")
    told = company.values(
        "SELECT count(DISTINCT stream) FROM ledger.events WHERE type = 'BridgeRowAdopted'"
        " AND stream LIKE 'adm.locations/%%'"
    )
    assert told[0] >= left[0]
