"""An event edited as a person does it, by its title: what is changed, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import UsageRefused
from sync.sandbox.process import RunningSandbox

TITLE = "ELO-CB1-01-25S"
DRAFT = "EF-CP1-07-25S"


def changes(sandbox: RunningSandbox, name: str, **edit: Any) -> list[tuple[str, str, Any, Any]]:
    done = sandbox.control.edit_event(name, **edit)
    return [(one.of, one.what, one.before, one.after) for one in done.changes]


def stored(sandbox: RunningSandbox, title: str) -> dict[str, Any]:
    [found] = [one for one in sandbox.control.dump("Event") if one["title"] == title]
    return found


def test_an_event_is_found_by_its_title_a_part_of_it_its_code_or_its_id(
    sandbox: RunningSandbox,
) -> None:
    key = stored(sandbox, TITLE)["id"]
    for name in (TITLE, TITLE.lower(), "CB1-01", key):
        assert sandbox.control.edit_event(name).id == key
    assert sandbox.control.edit_event(TITLE).changes == []


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        ("ELO-CB1-01-25", {"session": 9}, "has 3 sessions, no 9"),
        ("ELO-CB2-01-25S", {}, "Did you mean ELO-CB1-01-25S"),
        ("25S", {}, "There are several"),
        (TITLE, {"book": 6}, "5 of 14 places left"),
        (TITLE, {"book": -10}, "Only 9 places"),
        (TITLE, {"session": 1, "book": 1}, "on an event, not on a session"),
        (TITLE, {"delete": True}, "Only draft events can be deleted"),
        (TITLE, {"start": "2025-12-01T00:00:00"}, "The end is before the start"),
        (TITLE, {"venue": "Blackfriars Haus"}, "Did you mean Blackfriars House"),
        (TITLE, {"instructor": "Callum Jesop"}, "Did you mean Callum Jessop"),
        (TITLE, {"instructor": "Magnus Merriman"}, "approved are Callum Jessop, Delphine"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(
    sandbox: RunningSandbox, name: str, edit: dict[str, Any], said: str
) -> None:
    before = sandbox.control.dump("Event"), sandbox.control.dump("Session")
    with pytest.raises(UsageRefused, match=said):
        sandbox.control.edit_event(name, **edit)
    assert (sandbox.control.dump("Event"), sandbox.control.dump("Session")) == before


def test_an_edit_is_made_whole_or_not_at_all(sandbox: RunningSandbox) -> None:
    with pytest.raises(UsageRefused):
        sandbox.control.edit_event(TITLE, title="Renamed", instructor="Magnus Merriman")
    assert stored(sandbox, TITLE)


def test_an_event_is_moved_with_its_sessions_and_one_session_alone(
    sandbox: RunningSandbox,
) -> None:
    moved = changes(sandbox, TITLE, move=7)
    assert ("session 3", "end", "2025-08-12T17:00:00", "2025-08-19T17:00:00") in moved
    assert ("the event", "LMS end", "2025-09-19T00:00:00", "2025-09-26T00:00:00") in moved
    assert len(moved) == 2 + 3 * 2
    assert changes(sandbox, TITLE, session=2, start="2025-07-29T08:00:00") == [
        ("session 2", "start", "2025-07-29T09:30:00", "2025-07-29T08:00:00")
    ]
    assert stored(sandbox, TITLE)["classroomStart"] == "2025-07-15T09:30:00"


def test_venue_and_instructor_are_those_of_all_sessions_or_of_one(
    sandbox: RunningSandbox,
) -> None:
    taught = changes(sandbox, TITLE, instructor="Delphine Kirkbride")
    assert taught == [
        (f"session {n}", "instructor", "Callum Jessop", "Delphine Kirkbride") for n in (1, 2, 3)
    ]
    assert changes(sandbox, TITLE, session=1, venue="Blackfriars House") == [
        ("session 1", "venue", "Live online", "Blackfriars House")
    ]


def test_it_is_published_booked_sold_out_cancelled_and_a_draft_deleted(
    sandbox: RunningSandbox,
) -> None:
    sandbox.control.edit(stored(sandbox, DRAFT)["id"], lifecycleState="draft")
    updated = stored(sandbox, DRAFT)["updatedAt"]
    assert changes(sandbox, DRAFT, state="published", book=2, sold_out=True) == [
        ("the event", "state", "draft", "published"),
        ("the event", "sold out", False, True),
        ("the event", "booked places", 0, 2),
    ]
    assert stored(sandbox, DRAFT)["updatedAt"] > updated
    assert changes(sandbox, DRAFT, state="cancelled")[0][3] == "cancelled"
    sandbox.control.edit(stored(sandbox, DRAFT)["id"], lifecycleState="draft")
    gone = changes(sandbox, DRAFT, delete=True)
    assert gone[0] == ("the event", "it", "there", "deleted")
    assert DRAFT not in {one["title"] for one in sandbox.control.dump("Event")}
    # A person's edits are nobody's calls.
    assert sandbox.control.changes() == []
