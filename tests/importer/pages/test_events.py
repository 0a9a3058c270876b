"""Events are published, sold, cancelled from their page, with the plan first; what is then out of
step is shown and settled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.importer.company import Company, a_workbook, an_own_event
from tests.importer.imported_events import ids, synced, tutorial_ids, write
from tests.importer.imported_events import imported as imported_to_come
from tests.importer.pages.serving import Visit, ended


@pytest.fixture
def imported(company: Company, tmp_path: Path) -> Company:
    """Two events of a sitting to come, imported."""
    company.imported(
        a_workbook(tmp_path, an_own_event("ONE"), an_own_event("TWO", sitting="2026S"))
    )
    return company


def left_out(page: Any) -> list[str]:
    """What a plan leaves out, and why, a line an event."""
    return [line for part in page["plan"]["parts"] for [line] in part["entries"]]


def records(visit: Visit) -> dict[str, str]:
    return {one["name"]: one["record"] for one in visit.json("/events")["events"]}


def test_the_events_of_a_sitting_and_a_state(visit: Visit, imported: Company) -> None:  # noqa: ARG001
    page = visit.json("/events?sitting=2026S&state=draft")
    assert [one["name"] for one in page["events"]] == ["TWO"]
    assert page["sittings"] == {"2026A": 1, "2026S": 1}
    assert "ONE" in visit.page("/events")


def test_what_is_ticked_is_sold_out_after_its_plan(visit: Visit, imported: Company) -> None:
    one = records(visit)["ONE"]
    plan = visit.json(f"/events/plan?do=sold-out+on&event={one}")
    [item] = plan["plan"]["items"]
    assert (item["title"], item["what"]) == ("ONE", "sold out no → yes")
    assert "sold-out on" in visit.page(f"/events/plan?do=sold-out+on&event={one}")
    done = ended(visit, visit.post("/events/carry-out", {"do": "sold-out on", "event": one}))
    assert done["code"] == 0, done["said"]
    again = visit.json(f"/events/plan?do=sold-out+on&event={one}")
    assert left_out(again) == ["ONE: sold out is on already"]
    assert imported.changes()[-1] == "event.update"


def test_what_cannot_be_published_is_left_out(visit: Visit, imported: Company) -> None:  # noqa: ARG001
    both = "&".join(f"event={one}" for one in records(visit).values())
    plan = visit.json(f"/events/plan?do=publish&{both}")
    assert plan["events"] == []
    assert all("first session was on" in line for line in left_out(plan))


def test_what_is_booked_is_cancelled_only_where_that_is_said(
    visit: Visit, company: Company, tmp_path: Path
) -> None:
    imported_to_come(company, tmp_path)
    company.control.edit(ids(company)[0], bookedPlaces=2)
    address = f"/events/plan?do=cancel&event={records(visit)['A']}"
    [line] = left_out(visit.json(address))
    assert "2 places of it booked" in line
    assert "Also events that are booked" in visit.page(address)
    plan = visit.json(f"{address}&with_bookings=yes")
    assert len(plan["events"]) == 1
    fields = {"do": "cancel", "event": plan["events"], "with_bookings": "yes"}
    assert ended(visit, visit.post("/events/carry-out", fields))["code"] == 0
    assert [one["name"] for one in visit.json("/events?state=cancelled")["events"]] == ["A"]


def test_a_conflict_is_shown_with_both_values_and_settled(
    visit: Visit, company: Company, tmp_path: Path
) -> None:
    imported_to_come(company, tmp_path)
    synced(company)
    [a] = tutorial_ids(company, "A")
    write(company, "UPDATE acted.tutorial_events SET end_date = '2099-07-01' WHERE id = :id", id=a)
    company.control.edit(ids(company)[0], lmsEnd="2099-08-01T00:00:00")
    synced(company)
    [field] = visit.json("/drift")["drift"]
    assert (field["event"], field["kind"]) == ("A", "conflict")
    assert field["now"] == {"administrate": "2099-08-01 00:00 BST", "tutorial": "2099-07-01"}
    assert "2099-06-30" in visit.page("/drift")
    assert visit.json(f"/records/{field['record']}")["drift"] == [field]
    assert visit.json("/today")["drift"] == {"to_decide": 1, "to_push": 0}
    fields = {"record": field["record"], "field": field["field"], "side": "administrate"}
    settled = visit.post("/drift/settle", {**fields, "reason": "by telephone"})
    assert settled.url.startswith(f"{visit.base}/runs/")
    assert "by telephone" in settled.text
    assert visit.json("/drift")["drift"] == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/events/plan?do=publish", "no event is ticked"),
        ("/events/plan?do=explode&event=x", "is nothing that is done to events"),
        ("/events/plan?do=publish&event=%3Cb%3E", "no record"),
    ],
)
def test_what_cannot_be_planned_is_said(operator: Visit, path: str, said: str) -> None:
    answer = operator.get(path)
    assert answer.status_code == 404
    assert said in answer.text


def test_only_events_and_sessions_are_pushed(operator: Visit) -> None:
    refused = operator.post("/drift/push", {"of": "venues", "how": "push"})
    assert "is never pushed" in refused.text


def test_the_list_is_paged_by_the_last_event(
    visit: Visit,
    imported: Company,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importer.pages.views.events.EVENTS_A_PAGE", 1)
    first = visit.json("/events")
    later = visit.json(first["later"])
    names = [one["name"] for page in (first, later) for one in page["events"]]
    assert names == ["ONE", "TWO"]
    assert (first["first"], later["later"], later["first"]) == (None, False, "/events")
    assert "Later" in visit.page("/events")
