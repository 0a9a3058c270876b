"""An import makes each event once in both systems, in that order, and says what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from importer.dual_write.event import State
from importer.dual_write.progress import SilentProgress
from importer.dual_write.run import new_import
from importer.planning.prepare import ImportOptions, earlier_import, prepare
from importer.reference.administrate import codes_taken
from importer.workbook.archive import read_file
from ledger.errors import AdmsyncError, StoppedResumably
from ledger.replay.compare import replay
from ledger.schema import acted, adm
from tests.importer.company import (
    Company,
    a_workbook,
    an_own_event,
    an_own_lms_event,
    an_own_session,
    five_events,
)


def remote_events(company: Company, *titles: str) -> list[dict[str, object]]:
    return [one for one in company.control.dump("Event") if one["title"] in titles]


def remote_sessions(company: Company, title: str) -> list[dict[str, object]]:
    [event] = remote_events(company, title)
    found = company.control.dump("Session")
    mine = [one for one in found if one["parentEventId"] == event["id"]]
    return sorted(mine, key=lambda one: str(one["start"]))


def test_events_are_made_in_both_systems_and_linked(company: Company, tmp_path: Path) -> None:
    before = len(company.rows(acted.EVENTS))
    imported = company.imported(a_workbook(tmp_path, *five_events()), workers=3)
    assert [one.state for one in imported.outcomes] == [State.DONE] * 5
    made = company.rows(acted.EVENTS, "id", "code")[before:]
    assert [code for _, code in made] == ["A", "B", "C", "D", "E"]
    bridge = company.rows(adm.EVENTS, "external_id", "tutorial_event_id", "lifecycle_state")
    remote = {str(one["code"]): one["id"] for one in remote_events(company, *"ABCDE")}
    assert bridge == [(remote[code], row_id, "draft") for row_id, code in made]
    assert replay(company.database).ok


def test_sessions_are_set_to_their_days_on_both_sides_of_the_clock_change(
    company: Company, tmp_path: Path
) -> None:
    rows = [an_own_event(), an_own_session(day=2), an_own_session(day=3)]
    company.imported(a_workbook(tmp_path, *rows))
    made = company.rows(acted.SESSIONS, "sequence", "start_date", "end_date")[-3:]
    starts = [
        datetime(2025, 10, 20, 8, tzinfo=UTC),  # nine o'clock of summer time
        datetime(2025, 11, 3, 9, tzinfo=UTC),
        datetime(2026, 3, 30, 8, tzinfo=UTC),
    ]
    assert [(one[0], one[1]) for one in made] == list(zip((1, 2, 3), starts, strict=True))
    remote = remote_sessions(company, "ELO-CB1-30-26A")
    assert [one["timeZonedStart"] for one in remote] == [
        f"{start:%Y-%m-%dT%H:%M:%S.%f}Z" for start in starts
    ]
    bridge = company.rows(adm.SESSIONS, "external_id", "day_number", "starts_at")
    assert bridge == [
        (one["id"], n, s) for n, (one, s) in enumerate(zip(remote, starts, strict=True), 1)
    ]


def test_a_day_that_the_schedule_lacks_is_created_with_its_custom_fields(
    company: Company, tmp_path: Path
) -> None:
    rows = [an_own_event(), *(an_own_session(day=day) for day in (2, 3, 4))]
    company.imported(a_workbook(tmp_path, *rows))
    remote = remote_sessions(company, "ELO-CB1-30-26A")
    assert [one["title"] for one in remote] == [f"ELO-CB1-30-26A-{day}" for day in (1, 2, 3, 4)]
    assert [sorted(one["customFields"].values()) for one in remote] == [["1"], ["2"], ["3"], ["4"]]  # type: ignore[attr-defined]  # a record's values are any JSON
    assert company.changes().count("session.create") == 1


def test_sessions_beyond_the_workbooks_days_are_told(company: Company, tmp_path: Path) -> None:
    imported = company.imported(a_workbook(tmp_path, an_own_event(), an_own_session(day=2)))
    [outcome] = imported.outcomes
    assert outcome.notes == (
        "Administrate has 1 session more, made by the course template's schedule",
    )


def test_instructors_teach_their_sessions_and_administrators_have_them_all(
    company: Company, tmp_path: Path
) -> None:
    company.imported(a_workbook(tmp_path, *five_events()))
    people = {one["id"]: one["name"] for one in company.control.dump("Contact")}
    staff = company.control.dump("Staff")
    [event] = remote_events(company, "A")
    sessions = {str(one["title"]): one for one in remote_sessions(company, "A")}

    def placed(booking: dict[str, object]) -> set[tuple[str, str]]:
        mine = (one for one in staff if one["bookingId"] == booking["id"])
        return {(people[one["contactId"]], one["staffType"]) for one in mine}

    ruth = ("Ruth Calder", "administrator")
    assert placed(event) == {ruth}
    assert placed(sessions["A-1"]) == {ruth, ("Callum Jessop", "instructor")}
    assert placed(sessions["A-2"]) == {
        ruth,
        ("Delphine Kirkbride", "instructor"),
        ("Gareth Fairweather", "instructor"),
    }


def test_the_same_workbook_again_makes_nothing(company: Company, tmp_path: Path) -> None:
    path = a_workbook(tmp_path, *five_events())
    company.imported(path)
    rows = company.rows(acted.EVENTS)
    company.control.forget()
    again = company.imported(path)
    assert (again.outcomes, company.changes()) == ([], [])
    assert company.rows(acted.EVENTS) == rows


def test_an_event_that_either_side_has_already_is_skipped(company: Company, tmp_path: Path) -> None:
    company.imported(a_workbook(tmp_path, an_own_event("A"), name="first.xlsx"))
    other = a_workbook(
        tmp_path, an_own_event("A", max_places=3), an_own_event("B"), name="second.xlsx"
    )
    plan = company.prepared(other).plan
    assert [one.title for one in plan.events] == ["B"]
    [twin] = plan.skipped
    assert twin.twin is not None
    assert "Administrate" in twin.twin
    assert "acted.tutorial_events" in twin.twin


def test_an_event_whose_title_is_taken_gets_a_code_of_its_own(
    company: Company, tmp_path: Path
) -> None:
    company.imported(a_workbook(tmp_path, an_own_event("A"), name="first.xlsx"))
    later = an_own_event("A", code="CB1_f2f_3", location="London", venue="TBC")
    company.imported(a_workbook(tmp_path, later, name="second.xlsx"))
    assert [code for (code,) in company.rows(acted.EVENTS, "code")][-2:] == ["A", "A-2"]
    assert {one["code"] for one in remote_events(company, "A")} == {"A", "A-2"}


def test_a_code_taken_after_the_plan_is_named_and_the_import_goes_on_once_it_is_free(
    company: Company, tmp_path: Path
) -> None:
    path = a_workbook(tmp_path, an_own_event("A"), an_own_event("B"))
    file = read_file(path)
    options = ImportOptions(str(path), file.digest)
    take = "UPDATE acted.tutorial_events SET code = :code WHERE id = (SELECT min(id)"
    take += " FROM acted.tutorial_events)"
    with company.administrate() as client:
        prepared = prepare(company.ledger, client, file, {})
        with company.database.transaction() as connection:
            connection.execute(text(take), {"code": "A"})

        def make_all() -> None:
            opening = new_import(company.ledger, client, options, SilentProgress(), prepared)
            with opening as imported:
                imported.make_all()

        with pytest.raises(StoppedResumably, match=r"Key \(code\)=\(A\) already exists"):
            make_all()
    with company.database.transaction() as connection:
        connection.execute(text(take), {"code": "Z"})
    resumed = company.resumed()
    assert [one.state for one in resumed.outcomes] == [State.DONE] * 2


def test_codes_are_looked_up_until_one_is_free(company: Company) -> None:
    first, second, *_ = company.control.dump("Event")
    company.control.edit(str(first["id"]), code="A")
    company.control.edit(str(second["id"]), code="A-30")
    known = frozenset(f"A-{number}" for number in range(2, 30))
    with company.administrate() as client:
        assert codes_taken(client, ["A"], known) == {"A", "A-30"}
        assert codes_taken(client, ["B"], known) == frozenset()


def test_instructors_are_approved_beside_those_who_are(company: Company, tmp_path: Path) -> None:
    company.imported(a_workbook(tmp_path, *five_events()))
    approved = {
        one["code"]: one["approvedInstructorIds"] for one in company.control.dump("CourseTemplate")
    }
    people = {one["id"]: one["name"] for one in company.control.dump("Contact")}
    assert {people[one] for one in approved["SP9_f2f_3"]} == {"Tamsin Netherby", "Callum Jessop"}


def test_without_approval_such_instructors_are_refused(company: Company, tmp_path: Path) -> None:
    path = a_workbook(tmp_path, *five_events())
    plan = company.prepared(path, approve=False).plan
    assert [one.title for one in plan.events] == ["A", "B", "D"]
    assert all("not approved" in str(error) for one in plan.refused for error in one.errors)


def template_id(company: Company, code: str) -> str:
    [found] = [one for one in company.control.dump("CourseTemplate") if one["code"] == code]
    return str(found["id"])


def test_tutorial_rows_stay_where_administrate_refuses_the_event(
    company: Company, tmp_path: Path
) -> None:
    template = template_id(company, "CB1_f2f_3")
    company.control.edit(template, lifecycleState="draft")
    with pytest.raises(StoppedResumably, match=r"1 of 5 events.*Only a published.*admsync resume"):
        company.imported(a_workbook(tmp_path, *five_events()))
    assert [code for (code,) in company.rows(acted.EVENTS, "code")][-5:] == list("ABCDE")
    assert [one["code"] for one in remote_events(company, *"ABCDE")] == list("ACDE")
    company.control.edit(template, lifecycleState="published")
    resumed = company.resumed()
    assert all(one.state is State.DONE for one in resumed.outcomes)
    assert len(remote_events(company, *"ABCDE")) == 5


def test_an_event_keeps_its_id_where_a_session_is_refused(company: Company, tmp_path: Path) -> None:
    rows = [
        an_own_event(code="CB1_f2f_3", location="London", venue="Blackfriars House"),
        an_own_session(day=2, venue="Fenchurch Rooms"),
    ]
    path = a_workbook(tmp_path, *rows)
    [gone] = [one for one in company.control.dump("Venue") if one["name"] == "Fenchurch Rooms"]
    company.control.remove(gone["id"])
    with pytest.raises(StoppedResumably, match=r"day 2: venueId: Venue not found"):
        company.imported(path)
    [(external_id,)] = company.rows(adm.EVENTS, "external_id")
    assert external_id == remote_events(company, "ELO-CB1-30-26A")[0]["id"]
    assert [day for _, day in company.rows(adm.SESSIONS, "external_id", "day_number")] == [1, 2]


def test_a_place_somebody_has_already_counts_as_given(company: Company, tmp_path: Path) -> None:
    company.control.set_faults("429:session.addStaff")
    with pytest.raises(StoppedResumably):
        company.imported(a_workbook(tmp_path, an_own_event()))
    company.control.clear_faults()
    [event] = remote_events(company, "ELO-CB1-30-26A")
    [session, *_] = remote_sessions(company, "ELO-CB1-30-26A")
    [callum] = [p["id"] for p in company.control.dump("Contact") if p["name"] == "Callum Jessop"]
    company.control.insert(
        "Staff",
        bookingId=session["id"],
        eventId=event["id"],
        contactId=callum,
        staffType="instructor",
        isPrimary=True,
        createdAt=event["createdAt"],
        updatedAt=event["createdAt"],
    )
    resumed = company.resumed()
    assert [one.state for one in resumed.outcomes] == [State.DONE]
    assert "session.addStaff" not in company.changes()


def test_an_administrate_that_is_away_leaves_everything_to_resume(
    company: Company, tmp_path: Path
) -> None:
    path = a_workbook(tmp_path, *five_events())
    company.control.set_faults("503:event.createBlended", "503:event.createLMS")
    with pytest.raises(StoppedResumably, match="5 of 5 events are not finished"):
        company.imported(path)
    with pytest.raises(AdmsyncError, match="begun to import this file and stopped; go on with"):
        earlier_import(company.database, read_file(path).digest)
    company.control.clear_faults()
    assert len(company.resumed().outcomes) == 5
    assert len(remote_events(company, *"ABCDE")) == 5


def test_a_disputed_event_is_left_to_a_person_with_both_ids(
    company: Company, tmp_path: Path
) -> None:
    company.control.set_faults("reset-unanswered:event.createLMS:1", "500-before:Events")
    with pytest.raises(StoppedResumably):
        company.imported(a_workbook(tmp_path, an_own_lms_event("D")))
    company.control.clear_faults()
    [made] = remote_events(company, "D")
    twin = {k: v for k, v in made.items() if k not in ("id", "legacyId", "__typename")}
    other = company.control.insert("Event", **twin)
    with pytest.raises(StoppedResumably, match=f"{made['id']} and {other['id']}"):
        company.resumed()
    company.control.remove(other["id"])
    assert [one.event_id for one in company.resumed().outcomes] == [made["id"]]


def test_what_is_refused_does_not_keep_the_rest_from_being_made(
    company: Company, tmp_path: Path
) -> None:
    rows = [*five_events(), an_own_event("F", location="Paris"), an_own_session("F")]
    imported = company.imported(a_workbook(tmp_path, *rows))
    assert (imported.run.refused, len(imported.outcomes)) == (2, 5)
