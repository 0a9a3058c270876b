"""Imported events published, put on sale, sold out and cancelled, in both systems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.replay.compare import replay
from ledger.runs.states import run_states
from ledger.schema import acted, adm
from tests.importer.changing import assert_in_step, imported_far_ahead
from tests.importer.company import Company, Say
from tests.importer.imported_events import (
    changes,
    ids,
    listed,
    proven,
    sessions_of,
    synced,
    tutorial_ids,
    write,
)


@pytest.fixture
def ready(company: Company, tmp_path: Path) -> Company:
    """Three imported events, synced; their sessions are years ahead."""
    return imported_far_ahead(company, tmp_path)


def document(printed: str) -> Any:
    """The document that a command printed, before its log."""
    return json.JSONDecoder().raw_decode(printed)[0]


def state_of(company: Company, key: str) -> str:
    kinds = ("Event", "Session")
    return next(
        str(one["lifecycleState"])
        for kind in kinds
        for one in company.control.dump(kind)
        if one["id"] == key
    )


def test_events_are_published_with_their_sessions(ready: Company, say: Say) -> None:
    a, b, _ = ids(ready)[:3]
    planned = say("events", "publish", "A", "B", "--dry-run")
    assert "publish: 2 events" in planned
    assert "lifecycle state draft → published" in planned
    assert "may not be undone" in planned
    assert ready.changes() == []
    done = say("events", "publish", "A", "B", "--yes")
    assert "✓ 2 of 2 events done" in done
    assert {state_of(ready, one) for one in (a, b)} == {"published"}
    linked = {
        key
        for key, tutorial in ready.rows(adm.SESSIONS, "external_id", "tutorial_session_id")
        if tutorial is not None
    }
    for event in (a, b):
        for session in set(sessions_of(ready, event)) & linked:
            assert state_of(ready, session) == "published"
    assert ready.changes().count("event.update") == 2
    proven(ready)
    ready.control.forget()
    again = say("events", "publish", "A", "B", "--yes")
    assert "it is published already" in again
    assert ready.changes() == []
    assert listed(ready) == {}
    step = changes(synced(ready))["events"]
    assert step.keys() == {"unchanged"}, step
    assert "published" in say("events", "list", "--state", "published")


def test_what_a_command_set_is_what_both_sides_agreed_on(ready: Company, say: Say) -> None:
    [a] = tutorial_ids(ready, "A")
    event = ids(ready)[0]
    say("events", "sold-out", "on", "A", "--yes")
    [sold] = [one for one in ready.control.dump("Event") if one["id"] == event]
    assert sold["isSoldOut"] is True
    assert dict(ready.rows(acted.EVENTS, "id", "is_soldout"))[a] is True
    assert_in_step(ready)
    # Set back by the web application, that is its change.
    write(ready, "UPDATE acted.tutorial_events SET is_soldout = false WHERE id = :id", id=a)
    synced(ready)
    assert listed(ready) == {(event, "sold_out"): "to push"}
    planned = say("sync", "events", "--push", "--dry-run")
    assert "sold out yes → no" in planned
    say("sync", "events", "--push", "--yes")
    [sold] = [one for one in ready.control.dump("Event") if one["id"] == event]
    assert sold["isSoldOut"] is False
    assert_in_step(ready)
    assert "nothing to do" in say("sync", "events", "--push", "--yes")


def test_a_session_url_of_the_web_application_is_pushed(ready: Company, say: Say) -> None:
    session = sessions_of(ready, ids(ready)[0])[0]
    [tutorial] = [
        own
        for key, own in ready.rows(adm.SESSIONS, "external_id", "tutorial_session_id")
        if key == session
    ]
    write(
        ready,
        "UPDATE acted.tutorial_sessions SET url = 'https://example.org/new' WHERE id = :id",
        id=tutorial,
    )
    synced(ready)
    assert listed(ready) == {(session, "url"): "to push"}
    say("sync", "sessions", "--push", "--yes")
    [there] = [one for one in ready.control.dump("Session") if one["id"] == session]
    assert "https://example.org/new" in there["customFields"].values()
    assert_in_step(ready)


def test_what_an_update_cannot_empty_is_left_out_of_a_push_and_told(
    ready: Company, say: Say
) -> None:
    session = sessions_of(ready, ids(ready)[0])[0]
    [tutorial] = [
        own
        for key, own in ready.rows(adm.SESSIONS, "external_id", "tutorial_session_id")
        if key == session
    ]
    write(ready, "UPDATE acted.tutorial_sessions SET venue_id = NULL WHERE id = :id", id=tutorial)
    synced(ready)
    why = ("--reason", "it is not known yet")
    say("discrepancies", "settle", f"adm.sessions/{session}", "venue", "--side", "tutorial", *why)
    ready.control.forget()
    printed = " ".join(say("sync", "sessions", "--push", "--yes").split())
    assert "A: venue: an update cannot empty it" in printed
    assert ready.changes() == []
    assert listed(ready) == {(session, "venue"): "to push"}


def test_web_sale_is_switched_for_a_whole_import(ready: Company, say: Say) -> None:
    run = next(one for one in run_states(ready.database) if one.command == "import-events")
    on_sale = {on for (on,) in ready.rows(adm.EVENTS, "web_sale")}
    value = "off" if on_sale == {True} else "on"
    done = document(say("events", "web-sale", value, "--run", str(run.run_id), "--yes", "--json"))
    assert done["ok"]
    assert len(done["changes"]) + len(done["left_out"]) == 3
    assert_in_step(ready)


def test_cancelling_leaves_out_what_is_booked_or_referred_to(ready: Company, say: Say) -> None:
    a, b, c = ids(ready)[:3]
    ready.control.publish(a)
    ready.control.book(a, 2)
    [tutorial] = tutorial_ids(ready, "B")
    write(ready, "CREATE TABLE public.orders (event bigint REFERENCES acted.tutorial_events)")
    write(ready, "INSERT INTO public.orders VALUES (:id)", id=tutorial)
    synced(ready)
    ready.control.forget()
    done = say("events", "cancel", "A", "B", "C", "--yes")
    assert "A: 2 places of it booked" in done
    assert "B: rows of public.orders refer to it" in done
    assert [state_of(ready, one) for one in (a, b, c)] == ["published", "draft", "cancelled"]
    say("events", "cancel", "A", "B", "C", "--with-bookings", "--yes")
    assert {state_of(ready, one) for one in (a, b, c)} == {"cancelled"}
    assert listed(ready) == {}
    proven(ready)


def test_what_is_unfit_is_not_published(ready: Company, say: Say) -> None:
    a, b, _ = ids(ready)[:3]
    session = sessions_of(ready, a)[0]
    for one in ready.control.dump("Staff"):
        if one["bookingId"] == session:
            ready.control.remove(one["id"])
    ready.control.edit(
        sessions_of(ready, b)[0], start="2020-01-01T10:00:00", end="2020-01-01T11:00:00"
    )
    printed = say("events", "publish", "A", "B", "--dry-run")
    assert "A: no instructor" in printed
    assert "B: its first session was on 2020-01-01" in printed
    assert "publish: nothing to do; 2 left out" in printed


def test_a_tutorial_row_edited_since_the_plan_is_left_and_told(
    ready: Company, say: Say, company_url: str
) -> None:
    """An edit between the plan and its writing: simulated by a resume after it."""
    [a] = tutorial_ids(ready, "A")
    ready.control.set_faults("not-json:event.update:1")
    say("events", "sold-out", "on", "A", "--yes", code=3)
    ready.control.clear_faults()
    with ready.database.driver_transaction() as other:
        other.execute("SELECT FROM acted.tutorial_events WHERE id = %s FOR UPDATE", (a,))
        printed = say("resume", code=4)
    assert "somebody is changing it" in " ".join(printed.split())
    assert company_url
    synced(ready)
    proven(ready)


@pytest.mark.parametrize(
    "fault", ["500-after:event.update:1", "reset-after:event.update:1", "not-json:session.update:1"]
)
def test_a_publish_whose_calls_fail_is_resumed_and_done_once(
    ready: Company, say: Say, fault: str
) -> None:
    ready.control.set_faults(fault)
    done = admsync_of(say, "events", "publish", "A", "B", "C", "--yes")
    ready.control.clear_faults()
    if "done, in run" not in done or "✓" not in done:
        say("resume")
    assert {state_of(ready, one) for one in ids(ready)[:3]} == {"published"}
    assert listed(ready) == {}
    proven(ready)


def admsync_of(say: Say, *arguments: str) -> str:
    """A command that may stop, resumably."""
    try:
        return say(*arguments)
    except AssertionError:
        return say("runs")


def test_the_owners_of_fields_are_told(ready: Company, say: Say) -> None:
    policy: list[dict[str, Any]] = document(say("events", "policy", "--json"))
    owners = {(one["of"], one["name"]): one["owner"] for one in policy}
    assert owners["event", "lms_start"] == "Administrate"
    assert owners["event", "sitting"] == "the web application"
    why = {one["name"]: one["not_compared"] for one in policy if one["not_compared"]}
    assert {"administrators", "main_instructor", "remain_space"} <= set(why)
    told = say("events", "policy")
    assert "event: main instructor: Administrate has none" in told
    assert replay(ready.database).ok


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("publish",), "say which events"),
        (("publish", "Nowhere"), "no record 'Nowhere'"),
        (("publish", "London"), "is no linked event"),
        (("web-sale", "maybe", "A"), "'maybe' is not one of"),
    ],
)
def test_what_is_no_event_is_told(
    ready: Company, say: Say, arguments: tuple[str, ...], told: str
) -> None:
    assert ready
    assert told in " ".join(say("events", *arguments, code=2).split())
