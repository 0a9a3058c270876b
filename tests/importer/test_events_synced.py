"""Events and sessions after their import, synced from Administrate."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import AdmsyncError
from ledger.events import FetchRestarted, PageFetched
from ledger.runs.states import run_states
from ledger.schema import acted, adm
from ledger.store.blobs import get_blob
from ledger.store.read import Selection
from tests.importer.company import Company, a_workbook
from tests.importer.imported_events import (
    calls,
    changes,
    ids,
    imported,
    known,
    proven,
    resumed,
    rows_to_import,
    sessions_of,
    synced,
    tutorial_ids,
    unlink,
    write,
)
from tests.rollback.rolling_back import rolled_back, tables


def test_after_an_import_a_sync_changes_nothing_but_what_the_schedule_made_beside_it(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    before = company.rows(adm.EVENTS), company.rows(adm.SESSIONS)
    steps = synced(company)
    # The course templates have three days, and the workbook two of them.
    assert changes(steps) == {
        "events": {"unchanged": 3},
        "sessions": {"created": 2, "unchanged": 4},
    }
    assert company.rows(adm.EVENTS) == before[0]
    assert company.rows(adm.SESSIONS)[:4] == before[1]
    assert steps["events"]["discrepancies"] == []
    assert {one["outcome"] for one in steps["sessions"]["discrepancies"]} == {"unmatched"}
    assert len(steps["sessions"]["discrepancies"]) == 2
    again = synced(company)
    assert changes(again) == {"events": {"unchanged": 3}, "sessions": {"unchanged": 6}}
    assert not any(one["new"] for one in again["sessions"]["discrepancies"])
    proven(company)


def test_what_changed_in_administrate_is_in_the_bridge_rows(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    [a, b, c] = ids(company)
    leeds = known(company, "Location", name="Leeds")
    company.control.edit(a, locationId=leeds, title="A moved", maxPlaces=20)
    company.control.edit(b, lifecycleState="cancelled")
    company.control.publish(c)
    steps = synced(company)
    assert changes(steps) == {
        "events": {"updated": 3, "applied": 1},
        "sessions": {"unchanged": 6},
    }
    rows = company.rows(adm.EVENTS, "title", "max_places", "lifecycle_state", "tutorial_event_id")
    places = dict(company.rows(adm.BY_NAME["adm.locations"], "id", "name"))
    assert places[company.rows(adm.EVENTS, "location_id")[0][0]] == "Leeds"
    assert [row[:3] for row in rows] == [
        ("A moved", 20, "draft"),
        ("B", 14, "cancelled"),
        ("C", None, "published"),
    ]
    # A link stays whatever the title.
    assert None not in [row[3] for row in rows]
    assert changes(synced(company))["events"] == {"unchanged": 3}
    proven(company)


def test_an_event_deleted_in_administrate_keeps_its_row_and_its_link(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    [a, _, _] = ids(company)
    company.control.remove(*sessions_of(company, a), a)
    steps = synced(company)
    assert changes(steps) == {
        "events": {"unchanged": 2, "gone but kept": 1},
        "sessions": {"unchanged": 3, "deleted": 3, "links removed": 2},
    }
    assert steps["events"]["kept"]
    [gone, *there] = company.rows(adm.EVENTS, "gone_at", "tutorial_event_id")
    assert None not in gone
    assert [row[0] for row in there] == [None, None]
    # The tutorial event is not told to be without a partner, and nothing is told again.
    assert steps["events"]["discrepancies"] == []
    assert changes(synced(company)) == {
        "events": {"unchanged": 2, "gone but kept": 1},
        "sessions": {"unchanged": 3},
    }
    proven(company)


def test_where_all_events_are_gone_that_is_refused_once_and_ended_by_a_person(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    for event in ids(company):
        company.control.remove(*sessions_of(company, event), event)
    refused = synced(company)
    assert changes(refused)["events"] == {"skipped": 3}
    assert changes(refused)["sessions"] == {"skipped": 6}
    told = synced(company)
    assert changes(told) == {"events": {"gone but kept": 3}, "sessions": {"gone but kept": 6}}
    assert "sync events --allow-deletes lets them go" in told["events"]["notes"][0]
    allowed = synced(company, allow_deletes=True)
    assert changes(allowed)["events"] == {"gone but kept": 3}
    assert changes(allowed)["sessions"]["deleted"] == 6
    assert all(gone for (gone,) in company.rows(adm.EVENTS, "gone_at"))
    last = synced(company)
    assert (last["events"]["notes"], last["events"]["skipped"]) == ([], [])
    assert changes(last)["sessions"] == {}
    proven(company)


def test_an_event_of_another_hand_is_linked_with_the_tutorial_event_of_its_code_and_date(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    [a, b, _] = ids(company)
    unlink(company, a, b)
    # In Administrate the code is the one's, the title the other's.
    company.control.edit(a, title="Something else")
    company.control.edit(b, code="")
    steps = synced(company)
    links = company.rows(adm.EVENTS, "external_id", "tutorial_event_id")
    assert links == list(zip(ids(company), tutorial_ids(company, *"ABC"), strict=True))
    assert steps["events"]["discrepancies"] == []
    proven(company)


def test_an_event_on_another_day_or_of_another_course_is_no_partner(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    [a, b, _] = ids(company)
    unlink(company, a, b)
    company.control.edit(a, lmsStart="2025-09-23T16:00:00")
    other = known(company, "CourseTemplate", code="CM1_f2f_6")
    company.control.edit(b, courseTemplateId=other)
    steps = synced(company)
    links = company.rows(adm.EVENTS, "tutorial_event_id")
    assert links[:2] == [(None,), (None,)]
    told = {(one["side"], one["outcome"]) for one in steps["events"]["discrepancies"]}
    assert told == {("administrate", "unmatched"), ("tutorial", "unmatched")}
    proven(company)


def test_only_what_is_not_over_is_asked_for_and_all_of_it_where_that_is_said(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    company.control.edit(ids(company)[0], lmsEnd="2020-01-01T00:00:00")
    synced(company)
    # Now it is known to be long over.
    company.control.edit(ids(company)[0], title="Nobody looks")
    for one in sessions_of(company, ids(company)[0]):
        company.control.edit(one, start="2020-01-01T09:00:00", end="2020-01-01T17:00:00")
    synced(company)
    company.control.edit(ids(company)[0], title="Later")
    assert changes(synced(company))["events"] == {"unchanged": 2}
    every = synced(company, every=True)
    assert changes(every)["events"] == {"created": 3, "updated": 1, "unchanged": 2}
    # Of an older event nobody has a tutorial event to sell.
    proven(company)


def test_an_event_that_was_over_and_is_put_off_has_its_sessions_read(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    event = ids(company)[0]
    first, *others = sessions_of(company, event)
    company.control.edit(event, lmsEnd="2020-01-01T00:00:00")
    for one in (first, *others):
        company.control.edit(one, start="2020-01-01T09:00:00", end="2020-01-01T17:00:00")
    synced(company)
    company.control.edit(first, start="2099-03-01T09:00:00", end="2099-03-01T17:00:00")
    synced(company, entities=("events",))
    # Whichever run looks at sessions next, and for as long as they are not over.
    for month in (3, 4):
        start, end = f"2099-0{month}-02T09:00:00", f"2099-0{month}-02T17:00:00"
        company.control.edit(first, start=start, end=end)
        synced(company)
        starts = dict(company.rows(adm.SESSIONS, "external_id", "starts_at"))
        assert (starts[first].year, starts[first].month) == (2099, month)
    proven(company)


def test_a_list_that_is_over_costs_a_call_a_hundred(company: Company, tmp_path: Path) -> None:
    imported(company, tmp_path)
    company.control.forget()
    synced(company)
    # The sessions come with the events, and one call asks for what is not known yet.
    assert calls(company) == {"SyncedEventsWithSessions": 1, "UpdatedEvents": 1}
    # Of the first page's 2: the next begins with the last that was seen.
    company.control.forget()
    assert changes(synced(company, page_size=2))["events"] == {"unchanged": 3}


def test_no_name_of_a_person_is_on_a_stored_page(company: Company, tmp_path: Path) -> None:
    imported(company, tmp_path)
    synced(company)
    pages = list(company.ledger.read(Selection(types=[PageFetched.__name__])))
    with company.database.driver_transaction() as connection:
        bodies = [
            get_blob(connection, bytes.fromhex(answer.digest)) or b""
            for page in (one.event for one in pages)
            if isinstance(page, PageFetched) and page.entity in ("events", "sessions")
            for answer in page.answers
        ]
    assert sum(b"contact" in one for one in bodies)
    assert not any(b"Jessop" in one or b"Kirkbride" in one for one in bodies)


def days_of(company: Company, event: str) -> dict[int | None, str]:
    """The Administrate ids of an event's sessions, by the day of the link, or None."""
    sequences = dict(company.rows(acted.SESSIONS, "id", "sequence"))
    links = dict(company.rows(adm.SESSIONS, "external_id", "tutorial_session_id"))
    return {sequences.get(links[key]): key for key in sessions_of(company, event)}


def typed_day(company: Company, session: str, day: str) -> None:
    """The custom field Day of a session, as somebody types it."""
    [key] = [
        one["id"]
        for one in company.control.dump("StandardCustomFieldDefinition")
        if one["label"] == "Day" and "Session" in one["entityTypes"]
    ]
    company.control.edit(session, customFields={key: day})


def test_a_session_deleted_and_made_anew_is_linked_by_its_day(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    days = days_of(company, ids(company)[0])
    company.control.remove(days[2])
    typed_day(company, days[None], "2")
    steps = synced(company)
    assert {n: k for n, k in changes(steps)["sessions"].items() if n != "updated"} == {
        "deleted": 1,
        "unchanged": 4,
        "links removed": 1,
        # Another session, linked by its day: it never agreed with its tutorial row.
        "out of step": 5,
    }
    assert days_of(company, ids(company)[0]) == {1: days[1], 2: days[None]}
    proven(company)


def test_of_two_sessions_of_one_day_the_second_has_none_and_is_listed(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    surplus = days_of(company, ids(company)[0])[None]
    typed_day(company, surplus, "1")
    steps = synced(company)
    assert dict(company.rows(adm.SESSIONS, "external_id", "day_number"))[surplus] is None
    [told] = [one for one in steps["sessions"]["discrepancies"] if surplus in one["label"]]
    assert told["reason"] == "a field that it is matched by is blank"
    proven(company)


def test_the_events_of_an_import_that_is_not_finished_are_left_out_and_told(
    company: Company, tmp_path: Path
) -> None:
    company.control.set_faults("503:session.addStaff")
    with pytest.raises(AdmsyncError):
        company.imported(a_workbook(tmp_path, *rows_to_import()))
    company.control.clear_faults()
    before = company.rows(adm.EVENTS), company.rows(adm.SESSIONS)
    steps = synced(company)
    assert set(changes(steps)["events"]) == {"skipped"}
    assert all("not finished, run " in why for why in steps["events"]["skipped"])
    assert steps["events"]["discrepancies"] == []
    assert (company.rows(adm.EVENTS), company.rows(adm.SESSIONS)) == before
    company.resumed()
    assert changes(synced(company)) == {
        "events": {"unchanged": 3},
        "sessions": {"created": 2, "unchanged": 4},
    }
    proven(company)


@pytest.mark.parametrize("at", ["SyncedEventsWithSessions:1", "UpdatedEvents:1"])
def test_a_sync_that_stops_at_a_call_changes_nothing_and_is_resumed(
    company: Company, tmp_path: Path, at: str
) -> None:
    imported(company, tmp_path)
    company.control.edit(ids(company)[1], title="Moved")
    company.control.set_faults(f"not-json:{at}")
    before = company.rows(adm.EVENTS)
    with pytest.raises(AdmsyncError):
        synced(company)
    company.control.clear_faults()
    resumed(company)
    assert ("Moved",) in company.rows(adm.EVENTS, "title")
    assert len(company.rows(adm.EVENTS)) == len(before)
    assert changes(synced(company)) == {"events": {"unchanged": 3}, "sessions": {"unchanged": 6}}
    proven(company)


@pytest.mark.parametrize("what", ["events", "sessions"])
def test_what_may_not_be_read_is_told_and_its_rows_are_kept(
    company: Company, tmp_path: Path, what: str
) -> None:
    imported(company, tmp_path)
    before = company.rows(adm.EVENTS), company.rows(adm.SESSIONS)[:4]
    alone = "SyncedEvents" if what == "events" else "SyncedSessions"
    company.control.set_faults(
        *(f"forbidden:{one}:*" for one in ("SyncedEventsWithSessions", alone))
    )
    steps = synced(company)
    refused = steps[what]
    assert refused["counts"]["skipped"] == 1
    assert "not permitted to read" in refused["skipped"][0]
    assert (company.rows(adm.EVENTS), company.rows(adm.SESSIONS)[:4]) == before
    company.control.clear_faults()
    assert set(changes(synced(company))["events"]) == {"unchanged"}
    proven(company)


def test_pages_of_other_events_than_those_to_ask_for_now_are_fetched_again(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    company.control.set_faults("not-json:UpdatedEvents:1")
    with pytest.raises(AdmsyncError):
        synced(company)
    company.control.clear_faults()
    unlink(company, ids(company)[0])
    write(company, "UPDATE adm.events SET lms_end_date = '2020-01-01' WHERE title = 'A'")
    resumed(company)
    [restarted] = company.ledger.read(Selection(types=[FetchRestarted.__name__]))
    assert "other records" in str(restarted.event)
    assert company.rows(adm.EVENTS, "tutorial_event_id")[0] == (tutorial_ids(company, "A")[0],)
    proven(company)


@pytest.mark.parametrize("fault", ["page-insert", "page-remove", "unordered"])
def test_a_list_that_changes_as_it_is_read_makes_no_event_gone_that_is_there(
    company: Company, tmp_path: Path, fault: str
) -> None:
    imported(company, tmp_path)
    company.control.set_faults(
        f"{fault}:SyncedEventsWithSessions:1",
        f"{fault}:UpdatedEvents:1",
        f"{fault}:SyncedSessions:1",
    )
    synced(company, page_size=2)
    company.control.clear_faults()
    there = {one["id"] for one in company.control.dump("Event")}
    gone = {key for key, at in company.rows(adm.EVENTS, "external_id", "gone_at") if at}
    assert gone.isdisjoint(there)
    synced(company)
    assert {"created", "updated", "deleted"}.isdisjoint(changes(synced(company))["events"])
    proven(company)


def rolled_back_import(company: Company) -> None:
    """The import is rolled back to its end, and nothing of it is left on either side."""
    run = next(one for one in run_states(company.database) if one.command == "import-events")
    assert rolled_back(company, run.run_id).kept == []
    assert (company.rows(adm.EVENTS), company.rows(adm.SESSIONS)) == ([], [])
    assert {"A", "B", "C"}.isdisjoint(code for (code,) in company.rows(acted.EVENTS, "code"))
    assert {"A", "B", "C"}.isdisjoint(one["title"] for one in company.control.dump("Event"))
    proven(company)


def test_an_import_is_rolled_back_with_the_sessions_that_a_sync_found_of_its_events(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    rolled_back_import(company)


def test_an_import_is_rolled_back_with_what_a_sync_saw_change(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    company.control.edit(ids(company)[0], maxPlaces=3)
    company.control.edit(sessions_of(company, ids(company)[1])[0], title="Another")
    synced(company)
    rolled_back_import(company)


def test_a_sync_of_events_is_rolled_back(company: Company, tmp_path: Path) -> None:
    imported(company, tmp_path)
    before = tables(company)
    company.control.edit(ids(company)[0], maxPlaces=3)
    synced(company)
    assert tables(company) != before
    assert rolled_back(company, run_states(company.database)[0].run_id).kept == []
    assert tables(company) == before
    proven(company)
