"""Events and their sessions, as the service makes and changes them."""

from __future__ import annotations

import pytest

from tests.sync.sandbox.builders import Asker, sessions_of

UPDATE_EVENT = """
mutation UpdateEvent($id: ID!, $input: EventUpdateInput!) {
  event { update(eventId: $id, input: $input) {
    errors { label message } event { title lifecycleState cancelledAt location { name }
      sessions { edges { node { lifecycleState } } }
      customFieldValues { value definition { label } } } } }
}
"""
UPDATE_SESSION = """
mutation UpdateSession($id: ID!, $input: SessionUpdateInput!) {
  session { update(sessionId: $id, input: $input) {
    errors { label message } session { start timeZonedStart venue { name }
      customFieldValues { value definition { label } }
      parentEvent { classroomStart timeZonedClassroomEnd } } } }
}
"""
CREATE_SESSION = """
mutation CreateSession($input: SessionCreateInput!) {
  session { create(input: $input) { errors { label message } session { id start timeZoneName } } }
}
"""
DELETE_EVENTS = """
mutation DeleteEvents($ids: [ID]!) {
  event { delete(input: {eventIds: $ids}) { errors { message } events { id } } }
}
"""


def test_sessions_come_from_the_course_and_the_times_given_are_ignored(asker: Asker) -> None:
    sessions = sessions_of(asker.event())
    assert [one["start"] for one in sessions] == [
        "2026-01-12T10:00:00",
        "2026-01-13T10:00:00",
        "2026-01-14T10:00:00",
    ]
    assert {one["end"][11:] for one in sessions} == {"16:00:00"}


def test_a_course_can_have_fewer_days_than_are_taught(asker: Asker) -> None:
    event = asker.event(template="CB1_LO_6")
    assert len(sessions_of(event)) == 5
    given = {
        "parentEventId": event["id"],
        "code": "sixth",
        "title": "Day 6",
        "start": "2026-02-26T09:00:00",
        "end": "2026-02-26T12:30:00",
    }
    payload = asker.change("session.create", CREATE_SESSION, input=given)
    assert payload["errors"] == []
    assert payload["session"]["timeZoneName"] == "Europe/London"


def test_without_a_course_the_times_given_are_one_session(asker: Asker) -> None:
    (session,) = sessions_of(asker.event(courseTemplateId=None))
    assert (session["start"], session["end"]) == ("2026-01-12T09:30:00", "2026-01-12T17:00:00")


def test_a_schedule_makes_its_sessions_on_the_days_of_its_pattern(asker: Asker) -> None:
    schedule = {
        "repeatPattern": ["tuesday", "thursday"],
        "repeatCount": 3,
        "startTime": "18:00:00",
        "endTime": "20:00:00",
    }
    event = asker.event(courseTemplateId=None, sessionSchedule=schedule)
    assert [one["start"][:10] for one in sessions_of(event)] == [
        "2026-01-13",
        "2026-01-15",
        "2026-01-20",
    ]


def test_an_event_starts_as_a_draft_and_so_do_its_sessions(asker: Asker) -> None:
    event = asker.event()
    assert event["lifecycleState"] == "draft"
    assert {one["lifecycleState"] for one in sessions_of(event)} == {"draft"}


def test_local_times_are_shown_in_utc_too(asker: Asker) -> None:
    event = asker.event()
    assert event["lmsStart"] == "2025-10-22T16:00:00"
    assert event["timeZonedLmsStart"] == "2025-10-22T15:00:00Z"
    assert event["timeZonedLmsEnd"] == "2026-07-09T23:00:00Z"
    assert event["timeZonedClassroomStart"] == "2026-01-12T10:00:00Z"


def test_a_clock_change_is_read_or_refused_by_switch(asker: Asker) -> None:
    missing = "2026-03-29T01:30:00"
    assert asker.event(lmsStartDateTime=missing)["timeZonedLmsStart"] == "2026-03-29T01:30:00Z"
    asker.sandbox.control.switch(clock_changes="refuse")
    assert asker.create_event(lmsStartDateTime=missing)["event"] is None


def test_publishing_an_event_leaves_its_sessions_drafts(asker: Asker) -> None:
    event = asker.event()
    published = asker.change(
        "event.update", UPDATE_EVENT, id=event["id"], input={"lifecycleState": "published"}
    )["event"]
    assert published["lifecycleState"] == "published"
    assert {one["lifecycleState"] for one in sessions_of(published)} == {"draft"}


def test_only_drafts_can_be_deleted_and_with_one_that_is_not_none_is(asker: Asker) -> None:
    draft, published = asker.event(), asker.event()
    asker.sandbox.control.publish(published["id"])
    both = [draft["id"], published["id"]]
    refused = asker.change("event.delete", DELETE_EVENTS, ids=both)
    assert (len(refused["errors"]), refused["events"]) == (1, [])
    deleted = asker.change("event.delete", DELETE_EVENTS, ids=[draft["id"]])
    assert deleted["events"] == [{"id": draft["id"]}]
    assert asker.ask("query($id: ID!) { node(id: $id) { id } }", id=draft["id"])["node"] is None
    sessions = asker.sandbox.control.dump("Session")
    assert draft["id"] not in {one["parentEventId"] for one in sessions}


def test_a_cancelled_event_says_when_and_takes_its_sessions_along_by_switch(asker: Asker) -> None:
    cancel = {"lifecycleState": "cancelled"}
    for cascade in (False, True):
        asker.sandbox.control.switch(cancel_sessions=cascade)
        event = asker.event()
        cancelled = asker.change("event.update", UPDATE_EVENT, id=event["id"], input=cancel)[
            "event"
        ]
        assert cancelled["cancelledAt"] is not None
        states = {one["lifecycleState"] for one in sessions_of(cancelled)}
        assert states == {"cancelled" if cascade else "draft"}


def test_two_events_may_have_one_code_and_title(asker: Asker) -> None:
    first, second = asker.event(code="SAME"), asker.event(code="SAME")
    assert first["id"] != second["id"]
    assert first["code"] == second["code"] == "SAME"


def test_a_draft_course_cannot_be_scheduled(asker: Asker) -> None:
    payload = asker.create_event(template="CB3_LO_2")
    assert payload["event"] is None
    assert payload["errors"][0]["label"] == "courseTemplateId"


def test_an_event_has_its_courses_prices_by_switch(asker: Asker) -> None:
    assert len(asker.event()["prices"]["edges"]) == 2
    asker.sandbox.control.switch(copy_prices=False)
    assert asker.event()["prices"]["edges"] == []


def test_a_session_is_set_to_its_real_times_and_the_event_follows(asker: Asker) -> None:
    event = asker.event()
    last = sessions_of(event)[-1]
    given = {"start": "2026-05-11T09:30:00", "end": "2026-05-11T17:00:00"}
    session = asker.change("session.update", UPDATE_SESSION, id=last["id"], input=given)["session"]
    assert session["timeZonedStart"] == "2026-05-11T08:30:00Z"
    assert session["parentEvent"]["classroomStart"] == "2026-01-12T10:00:00"
    assert session["parentEvent"]["timeZonedClassroomEnd"] == "2026-05-11T16:00:00Z"


def test_a_venue_is_the_sessions_and_the_event_shows_it(asker: Asker) -> None:
    rooms = asker.one("venues", "name", "Blackfriars House")
    other = asker.one("venues", "name", "Fenchurch Rooms")
    event = asker.event(venueId=rooms)
    assert event["venue"] == {"name": "Blackfriars House"}
    asker.change(
        "session.update", UPDATE_SESSION, id=sessions_of(event)[0]["id"], input={"venueId": other}
    )
    asker.sandbox.control.switch(mixed_venues="none")
    shown = asker.ask(
        "query($id: ID!) { node(id: $id) { ... on Event { venue { name } } } }", id=event["id"]
    )
    assert shown["node"]["venue"] is None


def test_only_the_custom_fields_given_change_and_null_clears(asker: Asker) -> None:
    url, pin = (asker.definition("Event", label) for label in ("URL", "Recording pin"))
    event = asker.event()

    def update(*values: dict[str, str | None]) -> dict[str, str | None]:
        given = {"customFieldValues": list(values)}
        payload = asker.change("event.update", UPDATE_EVENT, id=event["id"], input=given)
        assert payload["errors"] == []
        shown = payload["event"]["customFieldValues"]
        return {one["definition"]["label"]: one["value"] for one in shown}

    update({"definitionKey": pin, "value": "1234"})
    after = update({"definitionKey": url, "value": "https://classroom.example.com/1"})
    assert (after["Sitting"], after["Recording pin"]) == ("2026A", "1234")
    assert update({"definitionKey": pin, "value": None})["Recording pin"] is None


@pytest.mark.parametrize(
    ("label", "value"),
    [("Web sale", "Y"), ("Finalisation date", "20/10/2025"), ("URL", "javascript:alert(1)")],
)
def test_a_custom_field_refuses_what_is_not_of_its_type(
    asker: Asker, label: str, value: str
) -> None:
    values = [
        {"definitionKey": asker.definition("Event", "Sitting"), "value": "2026A"},
        {"definitionKey": asker.definition("Event", label), "value": value},
    ]
    payload = asker.create_event(customFieldValues=values)
    assert payload["event"] is None
    assert payload["errors"][0]["label"] == label
    assert asker.sandbox.control.changes() == []


def test_a_required_custom_field_must_come_along_by_switch(asker: Asker) -> None:
    assert asker.create_event(customFieldValues=[])["errors"][0]["label"] == "Sitting"
    asker.sandbox.control.switch(enforce_required=False)
    assert asker.create_event(customFieldValues=[])["event"] is not None


def test_an_event_takes_a_shared_custom_field_from_its_course(asker: Asker) -> None:
    shown = {one["definition"]["label"]: one["value"] for one in asker.event()["customFieldValues"]}
    assert shown["Sage code"] == "4000/CB1"


def test_an_lms_event_has_no_sessions(asker: Asker) -> None:
    given = asker.event_input(template="OC_CB1")
    for name in ("classroomStartDateTime", "classroomEndDateTime"):
        del given[name]
    document = """mutation($input: LMSEventCreateInput!) { event { createLMS(input: $input) {
        errors { message } event { learningMode start sessions { edges { cursor } } } } } }"""
    event = asker.change("event.createLMS", document, input=given)["event"]
    assert event == {
        "learningMode": "lms",
        "start": "2025-10-22T16:00:00",
        "sessions": {"edges": []},
    }


def test_the_id_of_an_event_and_of_a_session_look_alike(asker: Asker) -> None:
    event = asker.event()
    both = (event["id"], sessions_of(event)[0]["id"])
    types = [
        asker.ask("query($id: ID!) { node(id: $id) { __typename } }", id=one)["node"]["__typename"]
        for one in both
    ]
    assert types == ["Event", "Session"]
    minted = asker.ask(f'{{ generateId(type: "Course", id: {event["legacyId"]}) }}')
    assert minted["generateId"] == event["id"]


def test_what_only_some_know_of_the_api_is_there_by_switch(asker: Asker) -> None:
    session = sessions_of(asker.event())[0]["id"]
    document = """mutation($ids: [ID]!) { session { delete(input: {sessionIds: $ids}) {
        errors { message } } } }"""
    assert "delete" in asker.answer(document, ids=[session])["errors"][0]["message"]
    asker.sandbox.control.switch(session_delete=True)
    assert asker.change("session.delete", document, ids=[session]) == {"errors": []}
