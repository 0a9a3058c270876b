"""A record's page tells both sides, why they are linked, and what happened, run by run."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from importer.pages.addresses import record_address
from ledger.events import FieldChange, RecordChanged
from ledger.runs.run import new_run
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from tests.importer.pages.serving import Visit
from tests.ledger.record_events import page


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


def test_the_columns_are_those_of_then(operator: Visit, venue: str) -> None:
    now = operator.json(venue)
    columns = now["sides"][0]["columns"]
    change = RecordChanged(
        table="adm.venues",
        key=columns["external_id"],
        row_id=columns["id"],
        changes={"description": FieldChange(before=columns["description"], after="<i>by night")},
    )
    position = operator.json("/today")["ledger"]["position"]
    Ledger(operator.site.database, "tests").append([Entry(change)])
    assert "&lt;i&gt;by night" in operator.page(venue)
    then = operator.json(f"{venue}?at={position}")
    assert then["sides"][0]["columns"]["description"] == columns["description"]
    assert then["sides"][0]["columns"]["name"] == columns["name"]
    assert "by night" not in operator.page(f"{venue}?at={position}")
    # What the web application made has no past in the ledger.
    assert "keeps no past of it" in then["sides"][1]["note"]
    before = operator.json(f"{venue}?at={events(now)[-1]['position'] - 1}")
    assert before["sides"][0]["columns"] is None
    assert "There was no such row then." in operator.page(f"{venue}?at=1")


def test_an_event_is_shown_whole_with_what_administrate_answered(
    operator: Visit, venue: str
) -> None:
    record = operator.json(venue)
    observed = next(one for one in events(record) if one["type"] == "RecordObserved")
    assert observed["has_answers"]
    assert f"/ledger/{observed['position']}?about=" in operator.page(venue)
    whole = operator.json(f"/ledger/{observed['position']}?about={record['record']}")
    [answer] = whole["answers"]
    part = orjson.loads("\n".join(answer["lines"]))
    assert part["name"] == "Blackfriars House"
    assert whole["whole"]["type"] == "RecordObserved"
    [all_of_it] = operator.json(f"/ledger/{observed['position']}")["answers"]
    assert len(all_of_it["lines"]) > len(answer["lines"])
    assert "What Administrate answered" in operator.page(f"/ledger/{observed['position']}")


def test_a_long_answer_of_markup_is_text_and_shown_in_part(operator: Visit) -> None:
    body = orjson.dumps({"data": ["<script>alert(1)</script>\x1b"] * 10_000})
    ledger = Ledger(operator.site.database, "tests")
    with new_run(ledger, "sync instructors", {"entities": ["instructors"]}) as run:
        [position] = run.append(page(body), blobs=[body]).positions
        [next_] = run.append(page(b"<script>no JSON"), blobs=[b"<script>no JSON"]).positions
    address = f"/ledger/{position}"
    assert operator.json(address)["answers"][0]["left"] > 100_000
    html = operator.page(address)
    assert "&lt;script&gt;alert" in html
    assert "characters more" in html
    assert len(html) < 500_000
    assert "&lt;script&gt;no JSON" in operator.page(f"/ledger/{next_}")


@pytest.mark.parametrize("position", ["0", "99999999", "x", "-1", "9" * 30])
def test_an_event_that_is_not_there(operator: Visit, position: str) -> None:
    assert operator.get(f"/ledger/{position}").status_code == 404
