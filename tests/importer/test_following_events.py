"""Events followed by their updates: what an incremental sync ends as, and what it asks for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import AdmsyncError
from ledger.events import EntitySynced
from ledger.runs.states import run_states
from ledger.store.read import Selection
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, database_name, opened
from tests.importer.company import Company
from tests.importer.imported_events import (
    calls,
    changes,
    ids,
    imported,
    known,
    proven,
    resumed,
    sessions_of,
    synced,
    tutorial_ids,
    unlink,
    write,
)
from tests.rollback.rolling_back import rolled_back


def reached(company: Company) -> list[EntitySynced]:
    """The ends of the syncs of events, the newest last."""
    ends = company.ledger.read(Selection(types=[EntitySynced.__name__]))
    return [
        one.event
        for one in ends
        if isinstance(one.event, EntitySynced) and one.event.entity == "events"
    ]


def an_event(company: Company, title: str, **values: Any) -> str:
    """An event that a person makes in Administrate, like the first imported one."""
    [like] = [one for one in company.control.dump("Event") if one["id"] == ids(company)[0]]
    own = {name: value for name, value in like.items() if name not in ("id", "legacyId")}
    return str(
        company.control.insert("Event", **own | {"title": title, "code": title} | values)["id"]
    )


def edited_on_both_sides(company: Company) -> None:
    """Every kind of edit: of events, of sessions, of their staff, and of tutorial rows."""
    a, b, c, *_ = ids(company)
    first, second, *_ = sessions_of(company, a)
    leeds = known(company, "Location", name="Leeds")
    company.control.edit(a, maxPlaces=20, lmsEnd="2099-08-01T00:00:00")
    company.control.edit(b, locationId=leeds, isSoldOut=True)
    company.control.publish(c)
    company.control.edit(first, title="Renamed", start="2026-03-02T10:00:00")
    company.control.edit(second, lifecycleState="cancelled")
    [taught] = [one for one in company.control.dump("Staff") if one["bookingId"] == first][:1]
    company.control.edit(
        taught["id"],
        contactId=known(company, "Contact", firstName="Gareth", lastName="Fairweather"),
    )
    company.control.remove(sessions_of(company, b)[0])
    an_event(company, "NEW")
    first_row, second_row, third_row = tutorial_ids(company, "A", "B", "C")
    for one in (first_row, third_row):
        moved = "UPDATE acted.tutorial_events SET end_date = '2099-07-01' WHERE id = :id"
        write(company, moved, id=one)
    sold_out = "UPDATE acted.tutorial_events SET is_soldout = true WHERE id = :id"
    write(company, sold_out, id=second_row)


# Which run did it and when.
_OF_THE_RUN = {
    *("created_at", "updated_at", "last_synced", "since", "last_seen", "first_seen"),
    *("run", "first_run", "last_run", "position"),
}


def timeless(value: Any) -> Any:
    """A value without what tells one run from another."""
    if isinstance(value, dict):
        return {n: timeless(one) for n, one in value.items() if n not in _OF_THE_RUN}
    return value


def in_the_end(company: Company) -> dict[str, Any]:
    """The tables of both sides, what both sides agreed on, and what is out of step."""
    rows = {}
    with company.database.driver_transaction() as connection:
        for table, order in (
            ("adm.events", "id"),
            ("adm.sessions", "id"),
            ("acted.tutorial_events", "id"),
            ("acted.tutorial_sessions", "id"),
            ("ledger.field_bases", "record"),
            ("ledger.discrepancies", "record"),
        ):
            found = connection.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY {order}")
            rows[table] = [timeless(row) for (row,) in found.fetchall()]
    return rows


@pytest.mark.parametrize("moves", [True, False])
def test_an_incremental_sync_ends_as_a_full_one(
    databases: Databases,
    company_url: str,
    administrate: RunningSandbox,
    tmp_path: Path,
    *,
    moves: bool,
) -> None:
    with opened(company_url) as database:
        company = Company(database, administrate)
        company.control.switch(session_updates_event=moves, staff_updates_event=moves)
        imported(company, tmp_path)
        # All of them, so that a full sync makes no more rows.
        synced(company, every=True)
        edited_on_both_sides(company)
    ended = []
    for every in (False, True):
        with databases.fresh(database_name(company_url)) as url, opened(url) as database:
            one = Company(database, administrate)
            one.control.forget()
            synced(one, every=every)
            ended.append(in_the_end(one))
            if not every:
                # The known events with their sessions, what was updated, the new one's sessions,
                # and once more the one whose tutorial row alone seems changed.
                first = {"SyncedEventsWithSessions": 1, "UpdatedEvents": 1}
                assert calls(one) == {**first, "SyncedSessions": 1, "SyncedEvents": 1}
            proven(one)
    assert ended[0] == ended[1]


def test_only_what_is_new_is_asked_for_beside_the_known_events(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    first = reached(company)[-1]
    latest = max(one["updatedAt"] for one in company.control.dump("Event"))
    assert first.reached[:19] == latest[:19]
    company.control.forget()
    synced(company)
    [asked] = [one for one in company.control.calls() if one.operation == "UpdatedEvents"]
    fields = {one["field"]: one["value"] for one in asked.variables["filters"]}
    assert set(fields) == {"end", "updatedAt"}
    # Less an overlap: an update may be seen later than those made after it.
    assert fields["updatedAt"] < first.reached
    assert calls(company) == {"SyncedEventsWithSessions": 1, "UpdatedEvents": 1}


def test_an_update_that_stopped_before_it_was_decided_is_read_again(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    before = reached(company)
    an_event(company, "NEW")
    company.control.set_faults("not-json:SyncedSessions:1")
    with pytest.raises(AdmsyncError):
        synced(company)
    # The events were decided about, their sessions were not.
    assert len(reached(company)) == len(before) + 1
    another = an_event(company, "NEWER")
    company.control.set_faults("not-json:UpdatedEvents:1")
    with pytest.raises(AdmsyncError):
        synced(company)
    assert len(reached(company)) == len(before) + 1
    company.control.clear_faults()
    resumed(company)
    assert another in ids(company)
    proven(company)


def test_after_a_rollback_the_current_events_are_all_read_again(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    made = an_event(company, "NEW")
    # Known long ago, by its time.
    synced(company)
    assert made in ids(company)
    rolled_back(company, run_states(company.database)[0].run_id)
    assert made not in ids(company)
    company.control.forget()
    synced(company)
    assert made in ids(company)
    [asked] = [one for one in company.control.calls() if one.operation == "UpdatedEvents"]
    assert [one["field"] for one in asked.variables["filters"]] == ["end"]
    proven(company)


def test_an_event_that_could_not_be_taken_is_asked_for_until_it_can(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    made = an_event(company, "NEW")
    company.control.edit(made, registrationDeadline="some day")
    steps = synced(company)
    assert [one for one in steps["events"]["skipped"] if made in one]
    assert reached(company)[-1].left == (made,)
    company.control.forget()
    company.control.edit(made, registrationDeadline=None)
    synced(company)
    [asked] = [one for one in company.control.calls() if "WithSessions" in one.operation]
    assert made in asked.variables["filters"][0]["values"]
    assert made in ids(company)
    assert reached(company)[-1].left == ()
    proven(company)


def test_where_administrate_offers_no_such_order_all_are_read_and_that_is_told_once(
    company: Company, tmp_path: Path
) -> None:
    company.control.switch(updated_at_filter=False)
    imported(company, tmp_path)
    [told] = synced(company)["events"]["notes"]
    assert "no order of events by updatedAt" in told
    company.control.edit(ids(company)[0], maxPlaces=20)
    made = an_event(company, "NEW")
    again = synced(company)
    assert (again["events"]["notes"], again["events"]["skipped"]) == ([], [])
    assert changes(again)["events"]["updated"] == 1
    assert made in ids(company)
    assert {one.reached for one in reached(company)} == {""}
    proven(company)


def test_an_unlinked_event_that_is_gone_goes_as_it_is_asked_for_by_its_id(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    made = an_event(company, "NEW")
    synced(company)
    assert made in ids(company)
    company.control.remove(made)
    assert changes(synced(company))["events"] == {"unchanged": 3, "deleted": 1}
    proven(company)


def test_the_sessions_of_events_that_are_asked_for_again_are_read_anew(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    synced(company)
    unlink(company, ids(company)[0])
    day = date(2099, 1, 1)
    write(company, "UPDATE acted.tutorial_sessions SET start_date = :day", day=day)
    company.control.forget()
    steps = synced(company)
    assert steps["sessions"]["counts"]["edited"]
    assert calls(company)["SyncedSessions"] == 1
    proven(company)
