"""What a person names is created in Administrate, after a plan, where it says in what."""

from __future__ import annotations

from tests.sync.company import Company


def missing(company: Company, entity: str) -> list[str]:
    """Tutorial records without an equal in Administrate."""
    found = company.document("discrepancies", "--entity", entity, "--side", "tutorial")[entity]
    return [
        one["record"] for one in found if one["outcome"] == "unmatched" and not one["candidates"]
    ]


def test_a_named_record_is_created_in_a_place_that_is_said(synced: Company) -> None:
    one, other, *_ = missing(synced, "locations")
    open_place = synced.admsync("discrepancies", "create", one, "--dry-run", code=2)
    assert "say in which region locations are created: " in open_place.stderr
    place = open_place.stderr.split("'")[1]
    planned = synced.admsync("discrepancies", "create", one, "--in", place, "--dry-run").stdout
    assert "1 record to create in Administrate, then linked." in planned
    assert f"created in {place}" in planned
    assert synced.control.changes() == []
    wrong = synced.admsync("discrepancies", "create", one, "--in", "Nowhere", "--yes", code=2)
    assert "nothing is created in 'Nowhere'" in wrong.stderr
    done = synced.document("discrepancies", "create", one, other, "--in", place, "--yes")
    assert (done["ok"], len(done["created"])) == (True, 2)
    assert one not in missing(synced, "locations")
    again = synced.admsync("discrepancies", "create", one, "--in", place, "--yes", code=2)
    assert f"{one} is no record that only the tutorial tables have" in again.stderr


def test_what_the_api_cannot_create_is_refused(synced: Company) -> None:
    [venue, *_] = missing(synced, "venues")
    refused = synced.admsync("discrepancies", "create", venue, "--yes", code=2)
    assert "Venues cannot be created through the API" in refused.stderr
