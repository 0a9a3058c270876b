"""A bridge row that others refer to stays when its record goes, and says since when."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sync.company import Company

REFERENCES = ("NO ACTION DEFERRABLE INITIALLY DEFERRED", "CASCADE", "SET NULL", "RESTRICT")


def referred(company: Company, action: str) -> str:
    """A table of others' that refers to the bridge row of a location; that location's id."""
    company.change(
        "CREATE TABLE adm.learners (id int PRIMARY KEY, location_id bigint"
        f" REFERENCES adm.locations (id) ON DELETE {action})"
    )
    company.change("INSERT INTO adm.learners SELECT 1, id FROM adm.locations WHERE name = 'Leeds'")
    return company.location("Leeds")


def synced_step(company: Company, *options: str, code: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = company.document("sync", "locations", *options, code=code)["steps"][0]
    return told


@pytest.mark.parametrize("action", REFERENCES)
def test_one_that_is_referred_to_stays_and_the_step_goes_on(synced: Company, action: str) -> None:
    leeds = referred(synced, action)
    before = synced.rows("SELECT * FROM adm.learners")
    synced.control.remove(leeds, synced.location("Belfast"))
    told = synced_step(synced)
    assert (told["counts"]["deleted"], told["counts"]["gone but kept"]) == (1, 1)
    assert told["kept"] == [f"{leeds}: 1 row refers to it by adm.learners.location_id"]
    assert synced.rows("SELECT * FROM adm.learners") == before
    [(gone_at, link)] = synced.rows(
        "SELECT gone_at, tutorial_location_id FROM adm.locations WHERE external_id = %s", leeds
    )
    assert gone_at is not None
    assert link is None
    [removed] = told["links_removed"]
    assert removed["why"] == "its record is gone from Administrate"
    assert leeds not in str(told["discrepancies"])
    synced.admsync("verify")
    # Nothing new the second time.
    events = len(synced.events("RecordGone", "MatchDecided"))
    assert synced_step(synced)["counts"]["gone but kept"] == 1
    assert len(synced.events("RecordGone", "MatchDecided")) == events
    assert "its bridge row stays" in synced.admsync("history", f"adm.locations/{leeds}").stdout


def test_it_goes_once_nobody_refers_to_it_any_longer(synced: Company) -> None:
    leeds = referred(synced, "CASCADE")
    synced.control.remove(leeds)
    synced_step(synced)
    synced.change("DELETE FROM adm.learners")
    assert synced_step(synced)["counts"]["deleted"] == 1
    assert synced.values("SELECT id FROM adm.locations WHERE external_id = %s", leeds) == []
    synced.admsync("verify")


def test_it_is_no_longer_gone_once_its_record_is_back(synced: Company) -> None:
    leeds = referred(synced, "SET NULL")
    before = synced.rows("SELECT id, tutorial_location_id FROM adm.locations WHERE name = 'Leeds'")
    synced.control.remove(leeds)
    synced_step(synced)
    synced.control.reset()
    told = synced_step(synced)
    assert told["counts"]["updated"] == 0
    [(row_id, link, gone_at)] = synced.rows(
        "SELECT id, tutorial_location_id, gone_at FROM adm.locations WHERE external_id = %s", leeds
    )
    assert ([(row_id, link)], gone_at) == (before, None)
    assert "In Administrate again" in synced.admsync("history", f"adm.locations/{leeds}").stdout
    synced.admsync("verify")


def test_an_event_of_ours_keeps_what_it_refers_to(synced: Company) -> None:
    synced.change(
        "INSERT INTO adm.events (title, location_id, created_at, updated_at)"
        " SELECT 'Theirs', id, now(), now() FROM adm.locations WHERE name = 'Leeds'"
    )
    synced.control.remove(synced.location("Leeds"))
    assert synced_step(synced)["counts"]["gone but kept"] == 1
    assert synced.values("SELECT count(*) FROM adm.events WHERE location_id IS NOT NULL") == [1]
    synced.admsync("verify")


def test_what_another_writer_s_copy_refers_to_stays(synced: Company) -> None:
    leeds = synced.location("Leeds")
    synced.change(
        "INSERT INTO adm.venues (external_id, name, location_id, created_at, updated_at)"
        " VALUES ('VmVudWU6OTk5', 'Theirs', %s, now(), now())", leeds
    )  # fmt: skip
    synced.control.remove(leeds)
    told = synced_step(synced)
    assert told["kept"] == [f"{leeds}: 1 row refers to it by adm.venues.location_id"]
    synced.admsync("verify")


def test_a_rollback_of_the_sync_takes_the_row_back(synced: Company) -> None:
    leeds = referred(synced, "CASCADE")
    before = synced.rows("SELECT id, tutorial_location_id FROM adm.locations WHERE name = 'Leeds'")
    synced.control.remove(leeds)
    synced_step(synced)
    run = synced.document("runs")[0]["run_id"]
    synced.admsync("rollback", run, "--yes", "--reason", "too soon")
    assert synced.rows(
        "SELECT id, tutorial_location_id FROM adm.locations WHERE name = 'Leeds'"
    ) == before  # fmt: skip
    assert synced.values("SELECT gone_at FROM adm.locations WHERE name = 'Leeds'") == [None]
    synced.admsync("verify")


@pytest.mark.parametrize(
    ("entity", "kind", "table"),
    [
        ("price-levels", "PriceLevel", "adm.pricelevels"),
        ("locations", "Location", "adm.locations"),
        ("venues", "Venue", "adm.venues"),
    ],
)
def test_an_entity_is_never_emptied_unless_that_is_allowed(
    synced: Company, entity: str, kind: str, table: str
) -> None:
    """However few rows it had: here two."""
    keep = synced.values(f"SELECT external_id FROM {table} ORDER BY id LIMIT 2")
    every = [one["id"] for one in synced.control.dump(kind)]
    synced.control.remove(*[one for one in every if one not in keep])
    synced.document("sync", entity, "--allow-deletes")
    synced.control.remove(*keep)
    told = synced.document("sync", entity, code=4)["steps"][0]
    assert (told["counts"]["deleted"], told["counts"]["skipped"]) == (0, 2)
    assert "Administrate has none any more" in told["skipped"][0]
    allowed = synced.document("sync", entity, "--allow-deletes")["steps"][0]
    assert allowed["counts"]["deleted"] == 2
