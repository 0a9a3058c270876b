"""Links that another tool left are evidence: kept while nothing speaks against them, told truly."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sync.company import Company

OLDER_TABLE = """
CREATE SCHEMA adm;
CREATE TABLE adm.locations (
    id bigint PRIMARY KEY, external_id text UNIQUE, name text,
    tutorial_location_id bigint REFERENCES acted.tutorial_locations (id)
);
"""


@pytest.fixture
def older(company: Company) -> Company:
    """The company's database where an older tool keeps locations."""
    company.change("DROP SCHEMA adm CASCADE")
    company.change("DROP SCHEMA ledger CASCADE")
    company.change(OLDER_TABLE)
    return company


def adopted(company: Company, number: int, administrate: str, tutorial: str) -> str:
    """A link of the older tool's between two locations; the Administrate id."""
    company.change(
        "INSERT INTO adm.locations SELECT %s, %s, %s, id FROM acted.tutorial_locations"
        " WHERE name = %s",
        number, company.location(administrate), administrate, tutorial,
    )  # fmt: skip
    return company.location(administrate)


def linked_with(company: Company, external_id: str) -> list[Any]:
    return company.values(
        "SELECT t.name FROM adm.locations a LEFT JOIN acted.tutorial_locations t"
        " ON t.id = a.tutorial_location_id WHERE a.external_id = %s",
        external_id,
    )


def synced_step(company: Company) -> dict[str, Any]:
    company.admsync("migrate")
    step: dict[str, Any] = company.document("sync", "locations")["steps"][0]
    return step


def test_the_exact_pair_is_linked_and_the_adopted_one_is_listed(older: Company) -> None:
    """Leeds was linked with Bristol, which Administrate's Bristol equals as Leeds does Leeds."""
    leeds = adopted(older, 70, "Leeds", "Bristol")
    step = synced_step(older)
    assert linked_with(older, leeds) == ["Leeds"]
    assert linked_with(older, older.location("Bristol")) == ["Bristol"]
    [removed] = step["links_removed"]
    assert (removed["label"], removed["tutorial_label"]) == ("Leeds", "Bristol")
    assert "taken over from an older tool" in removed["why"]
    assert step["counts"]["links removed"] == 1
    [listed] = [one for one in step["discrepancies"] if one["record"] == f"adm.locations/{leeds}"]
    assert listed["outcome"] == "linked"
    assert [one.partition(" (")[0] for one in listed["candidates"]] == ["Leeds", "Bristol"]
    history = older.admsync("history", f"adm.locations/{leeds}").stdout
    assert "Taken over as an older tool had made it" in history
    assert "linked while it was the only one" not in history
    again = older.document("sync", "locations")["steps"][0]
    assert again["links_removed"] == []
    assert "links removed" not in again["counts"]
    assert older.events("MatchDecided")[-1][0] != f"adm.locations/{leeds}"
    assert older.document("runs")[-1]["counts"] != {}
    older.admsync("verify")


def test_the_one_left_over_says_whom_it_was_linked_with(older: Company) -> None:
    """The tutorial side has Bristol, and Administrate's Bristol equals it; Leeds is left over."""
    older.change("UPDATE acted.tutorial_locations SET name = 'Leeds City' WHERE name = 'Leeds'")
    leeds = adopted(older, 70, "Leeds", "Bristol")
    step = synced_step(older)
    assert linked_with(older, leeds) == [None]
    [listed] = [one for one in step["discrepancies"] if one["record"] == f"adm.locations/{leeds}"]
    assert (listed["outcome"], listed["candidates"]) == ("unmatched", ["Bristol"])
    assert "taken over from an older tool" in listed["reason"]
    told = older.admsync("sync", "locations").stdout
    assert "links removed" not in told
    # A person who accepts it settles the matter.
    bristol = older.values("SELECT id FROM acted.tutorial_locations WHERE name = 'Bristol'")[0]
    pair = (f"adm.locations/{leeds}", f"acted.tutorial_locations/{bristol}")
    older.admsync("discrepancies", "accept", *pair, "--reason", "the older tool was right")
    assert linked_with(older, leeds) == ["Bristol"]
    older.admsync("discrepancies", "withdraw", *pair, "--reason", "it was not")
    assert linked_with(older, leeds) == [None]
    older.admsync("verify")


def test_a_link_without_a_rival_stays_until_a_person_rejects_it(older: Company) -> None:
    newcastle = adopted(older, 71, "Newcastle", "Newcastle ")
    assert "links removed" not in synced_step(older)["counts"]
    assert linked_with(older, newcastle) == ["Newcastle "]
    [row] = older.values("SELECT id FROM acted.tutorial_locations WHERE name = 'Newcastle '")
    pair = (f"adm.locations/{newcastle}", f"acted.tutorial_locations/{row}")
    older.admsync("discrepancies", "reject", *pair, "--reason", "another one")
    assert linked_with(older, newcastle) == [None]
    older.document("sync", "locations")
    assert linked_with(older, newcastle) == [None]
    older.admsync("discrepancies", "withdraw", *pair, "--reason", "the same after all")
    assert linked_with(older, newcastle) == ["Newcastle "]
    told = older.admsync("history", f"adm.locations/{newcastle}").stdout
    assert "linked by an older tool, though the two are not equal" in told


def test_an_equal_link_beside_a_namesake_is_told_as_taken_over(older: Company) -> None:
    leeds = adopted(older, 70, "Leeds", "Leeds")
    older.change("INSERT INTO acted.tutorial_locations (name) VALUES ('LEEDS')")
    step = synced_step(older)
    assert linked_with(older, leeds) == ["Leeds"]
    [listed] = [one for one in step["discrepancies"] if one["record"] == f"adm.locations/{leeds}"]
    assert listed["reason"] == "taken over from an older tool; several records have this key"
    assert "linked while" not in older.admsync("history", f"adm.locations/{leeds}").stdout


def test_two_links_with_one_record_are_for_a_person_to_choose_between(older: Company) -> None:
    older.change("INSERT INTO acted.tutorial_locations (name) VALUES ('Somewhere Else')")
    older.change("UPDATE acted.tutorial_locations SET name = name || '!' WHERE name = 'Leeds'")
    older.change("UPDATE acted.tutorial_locations SET name = name || '!' WHERE name = 'Bristol'")
    both = [adopted(older, 70, "Leeds", "Somewhere Else")]
    both.append(adopted(older, 71, "Bristol", "Somewhere Else"))
    step = synced_step(older)
    assert [linked_with(older, one) for one in both] == [[None], [None]]
    assert step["counts"]["links removed"] == 2
    listed = {one["record"]: one for one in step["discrepancies"]}
    for one in both:
        assert "linked one of the two with another" in listed[f"adm.locations/{one}"]["reason"]


def test_the_lines_name_both_sides_and_why(older: Company) -> None:
    adopted(older, 70, "Leeds", "Bristol")
    older.admsync("migrate")
    told = older.admsync("sync", "locations").stdout
    assert "⚠ 1 link removed:" in told
    [line] = [line for line in told.splitlines() if "with Bristol" in line and "now with" in line]
    assert "Leeds (adm.locations/" in line
    assert "1 link removed" in told


def test_a_link_that_goes_with_its_record_is_counted(synced: Company) -> None:
    synced.control.remove(synced.location("Leeds"))
    step = synced.document("sync", "locations")["steps"][0]
    [removed] = step["links_removed"]
    assert removed["label"] == "Leeds"
    assert removed["why"] == "its record is gone from Administrate"
