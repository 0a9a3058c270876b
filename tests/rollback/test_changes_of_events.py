"""A run of ``events``, of ``--push`` or of ``--update`` is rolled back: values are set again."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.runs.states import run_states
from ledger.schema import acted, adm
from tests.importer.changing import assert_in_step, changed, imported_far_ahead
from tests.importer.company import Company, Say
from tests.importer.imported_events import (
    base,
    ids,
    listed,
    proven,
    sessions_of,
    synced,
    tutorial_ids,
    write,
)
from tests.importer.test_changing_events import document
from tests.importer.test_updates import edited, flat, there
from tests.rollback.rolling_back import tables

WHY = ("--reason", "it was the wrong sitting", "--yes")


@pytest.fixture
def known(company: Company, tmp_path: Path) -> Company:
    """Three imported events, their sessions years ahead, synced."""
    return imported_far_ahead(company, tmp_path)


def bases(company: Company) -> list[Any]:
    with company.database.driver_transaction() as connection:
        return connection.execute(
            "SELECT record, pairs, taken_back, decided FROM ledger.field_bases ORDER BY record"
        ).fetchall()


def test_sold_out_is_taken_back_on_both_sides(known: Company, say: Say) -> None:
    before = tables(known), bases(known)
    say("events", "sold-out", "on", "A", "B", "--yes")
    assert there(known, ids(known)[0])["isSoldOut"]
    planned = flat(say("rollback", "last", "--dry-run"))
    assert "2 records" in planned
    assert "set in Administrate as it was before" in planned
    details = document(say("rollback", "last", "--dry-run", "--json"))
    assert [one["changes"]["sold_out"]["after"] for one in details["values"]] == [False, False]
    done = say("rollback", "last", *WHY)
    assert "2 fields set back" in done
    assert not there(known, ids(known)[0])["isSoldOut"]
    assert (tables(known), bases(known)) == before
    assert_in_step(known)
    assert run_states(known.database)[1].command == "rollback"
    assert "already rolled back" in say("rollback", _last(known, "events"), *WHY, code=2)


def _last(company: Company, kind: str) -> str:
    runs = run_states(company.database)
    return str(next(one.run_id for one in runs if one.kind.name == kind))


def test_a_push_is_taken_back_and_waits_to_be_pushed_again(known: Company, say: Say) -> None:
    event, [a] = ids(known)[0], tutorial_ids(known, "A")
    write(known, "UPDATE acted.tutorial_events SET is_soldout = true WHERE id = :id", id=a)
    synced(known)
    agreed = base(known, event, "sold_out")
    say("sync", "events", "--push", "--yes")
    assert listed(known) == {}
    say("rollback", "last", *WHY)
    assert not there(known, event)["isSoldOut"]
    assert dict(known.rows(acted.EVENTS, "id", "is_soldout"))[a]
    assert base(known, event, "sold_out") == agreed
    assert listed(known) == {(event, "sold_out"): "to push"}
    synced(known)
    assert listed(known) == {(event, "sold_out"): "to push"}
    proven(known)


def test_an_update_is_taken_back_but_for_what_either_side_has_changed_since(
    known: Company, say: Say, tmp_path: Path
) -> None:
    event, [a] = ids(known)[0], tutorial_ids(known, "A")
    [session] = [
        key for key, day in known.rows(adm.SESSIONS, "external_id", "day_number")
        if day == 2 and key in sessions_of(known, event)
    ]  # fmt: skip
    seats = dict(known.rows(acted.EVENTS, "id", "remain_space"))[a]
    url = there(known, session)["customFields"]
    path = edited(
        tmp_path,
        {"max_places": 20, "lms_end_date": date(2099, 7, 4), "web_sale": "N"},
        {"session_url": "https://example.com/new"},
    )
    say("import-events", path, "--update", "--yes")
    known.control.edit(event, lmsEnd="2099-08-01T00:00:00")
    write(known, "UPDATE acted.tutorial_events SET remain_space = remain_space - 3 WHERE id = :id",
        id=a)  # fmt: skip
    planned = flat(say("rollback", "last", "--dry-run"))
    assert "lms_end: Administrate holds 2099-07-31T23:00:00+00:00 by now" in planned
    say("rollback", "last", *WHY, code=4)
    assert there(known, event)["maxPlaces"] == 14
    assert there(known, event)["lmsEnd"] == "2099-08-01T00:00:00"
    assert there(known, session)["customFields"] == url
    rows = {row[0]: row[1:] for row in known.rows(acted.EVENTS, "id", "remain_space", "end_date")}
    # What was sold since counts.
    assert rows[a] == (seats - 3, date(2099, 7, 4))
    proven(known)
    synced(known)
    assert listed(known) == {}
    assert dict(known.rows(acted.EVENTS, "id", "end_date"))[a] == date(2099, 8, 1)


def test_what_the_web_application_changed_since_stays_on_both_sides(
    known: Company, say: Say
) -> None:
    event, [a] = ids(known)[0], tutorial_ids(known, "A")
    say("events", "sold-out", "on", "A", "--yes")
    write(known, "UPDATE acted.tutorial_events SET is_soldout = false WHERE id = :id", id=a)
    printed = flat(say("rollback", "last", *WHY, code=4))
    assert "sold_out: the tutorial row holds no by now" in printed
    assert there(known, event)["isSoldOut"]
    synced(known)
    assert listed(known) == {(event, "sold_out"): "to push"}
    proven(known)


def test_a_state_that_administrate_does_not_take_back_is_told(known: Company, say: Say) -> None:
    event = ids(known)[0]
    say("events", "publish", "A", "--yes")
    planned = flat(say("rollback", "last", "--dry-run"))
    assert "whether Administrate takes a lifecycle state back" in planned
    printed = flat(say("rollback", "last", *WHY, code=4))
    assert "A published record cannot become draft" in printed
    assert there(known, event)["lifecycleState"] == "published"
    assert dict(known.rows(adm.EVENTS, "external_id", "lifecycle_state"))[event] == "published"
    assert_in_step(known)


@pytest.mark.parametrize("word", ["publish", "cancel"])
def test_a_state_that_administrate_takes_back_is_set_again(
    known: Company, say: Say, word: str
) -> None:
    known.control.switch(step_back=True)
    before = tables(known), [one["lifecycleState"] for one in known.control.dump("Session")]
    say("events", word, "A", "C", "--yes")
    say("rollback", "last", "--only", "A", *WHY)
    states = [there(known, one)["lifecycleState"] for one in ids(known)[:3]]
    assert states[0] == "draft"
    assert states[2] != "draft"
    assert states[1] == "draft"
    say("rollback", _last(known, "events"), *WHY)
    assert tables(known) == before[0]
    assert [one["lifecycleState"] for one in known.control.dump("Session")] == before[1]
    assert_in_step(known)


def test_a_rollback_that_stops_is_resumed(known: Company, say: Say) -> None:
    before = tables(known), bases(known)
    changed(known, "sold-out")
    known.control.set_faults("not-json:event.update:2-99")
    say("rollback", "last", *WHY, code=3)
    known.control.clear_faults()
    say("resume")
    assert not any(one["isSoldOut"] for one in known.control.dump("Event") if one["code"] in "ABC")
    assert (tables(known), bases(known)) == before
    assert_in_step(known)


def test_what_administrate_holds_by_now_is_not_overwritten_when_a_change_goes_on(
    known: Company, say: Say
) -> None:
    known.control.set_faults("not-json:event.update:2-99")
    say("events", "publish", "A", "B", "C", "--yes", code=3)
    known.control.clear_faults()
    [b] = [one for one in known.control.dump("Event") if one["code"] == "B"]
    c = ids(known)[2]
    known.control.edit(c, lifecycleState="cancelled")
    printed = flat(say("resume", code=4))
    assert "lifecycle state: Administrate holds cancelled by now, not draft" in printed
    assert there(known, c)["lifecycleState"] == "cancelled"
    assert there(known, str(b["id"]))["lifecycleState"] == "published"
    proven(known)


def test_a_change_that_stopped_is_rolled_back(known: Company, say: Say) -> None:
    before = tables(known), bases(known)
    known.control.set_faults("not-json:event.update:2-99")
    say("events", "sold-out", "on", "A", "B", "C", "--yes", code=3)
    known.control.clear_faults()
    say("rollback", "last", *WHY)
    assert not any(there(known, one)["isSoldOut"] for one in ids(known)[:3])
    assert (tables(known), bases(known)) == before
    assert_in_step(known)
