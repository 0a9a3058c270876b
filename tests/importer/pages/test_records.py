"""A record's page tells both sides, why they are linked, and what happened, run by run."""

from __future__ import annotations

from typing import Any

import pytest

from importer.pages.addresses import record_address
from tests.importer.pages.serving import Visit


def found(visit: Visit, typed: str, table: str) -> str:
    """The address of a record that a search finds."""
    listed = visit.json(f"/search?q={typed}")
    every = [*listed["exact"], *listed["part"], *listed["near"]]
    return record_address(next(one["record"] for one in every if one["record"].startswith(table)))


@pytest.fixture
def venue(operator: Visit) -> str:
    return found(operator, "Blackfriars House", "adm.venues")


def events(page: Any) -> list[Any]:
    return [event for run in page["runs"] for event in run["events"]]


def test_both_sides_and_the_reasons_of_a_link(operator: Visit, venue: str) -> None:
    page = operator.json(venue)
    assert [side["system"] for side in page["sides"]] == ["Administrate", "Tutorial tables"]
    assert page["sides"][0]["columns"]["name"] == page["name"] == "Blackfriars House"
    assert page["link"]["other"].startswith("acted.tutorial_venues/")
    assert page["link"]["why"][0] == "linked: equal, and the only one on both sides"
    html = operator.page(venue)
    assert "Why linked" in html
    assert "no other candidate" in html


def test_the_other_side_s_page_tells_the_same_history(operator: Visit, venue: str) -> None:
    other = operator.json(venue)["link"]["other"]
    mine, theirs = (events(operator.json(one)) for one in (venue, record_address(other)))
    assert [one["position"] for one in mine] == [one["position"] for one in theirs]


def test_as_of_before_its_link_it_is_not_linked(operator: Visit, venue: str) -> None:
    position = operator.json(venue)["link"]["position"]
    before = operator.json(f"{venue}?at={position - 1}")
    assert before["link"]["other"] is None
    assert "Not linked" in operator.page(f"{venue}?at={position - 1}")
    assert all(one["position"] < position for one in events(before))


def test_the_history_can_be_told_in_part(operator: Visit, venue: str) -> None:
    every = events(operator.json(venue))
    changes = events(operator.json(f"{venue}?only=changes"))
    assert {one["type"] for one in changes} <= {one["type"] for one in every}
    assert events(operator.json(f"{venue}?only=failures")) == []
    assert "No events of that kind." in operator.page(f"{venue}?only=failures")


@pytest.mark.parametrize("path", ["/records/adm.venues/x", "/records/pg_class/1", "/records/a"])
def test_a_record_that_is_not_there(operator: Visit, path: str) -> None:
    assert operator.get(path).status_code == 404


@pytest.mark.parametrize("at", ["gooseberry", "99999999", "2026-13-01"])
def test_a_moment_that_is_none(operator: Visit, venue: str, at: str) -> None:
    answer = operator.get(f"{venue}?at={at}")
    assert answer.status_code == 404
    assert at in answer.text


def test_a_search_finds_a_name_in_whole_in_part_and_nearly(operator: Visit) -> None:
    whole = operator.json("/search?q=blackfriars%20house")
    assert {one["name"] for one in whole["exact"]} == {"Blackfriars House"}
    part = operator.json("/search?q=friars")
    assert "Blackfriars House" in {one["name"] for one in part["part"]}
    near = operator.json("/search?q=Blackfrairs%20Huose")
    assert near["near"][0]["name"] == "Blackfriars House"


def test_a_search_finds_runs(operator: Visit) -> None:
    run = operator.json("/runs")["runs"][0]["run_id"]
    assert [one["run_id"] for one in operator.json(f"/search?q={run[-12:]}")["runs"]] == [run]


@pytest.mark.parametrize("typed", ["%25", "_", "'", "<script>", "%F0%9F%98%80", "x" * 2000])
def test_a_search_for_anything_is_answered(operator: Visit, typed: str) -> None:
    assert "<script>" not in operator.page(f"/search?q={typed}")
