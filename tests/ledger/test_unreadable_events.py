"""An event that cannot be read stops no question: it is told, and so are the others."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from ledger.database.connection import driver
from ledger.errors import UnreadableEvent
from ledger.history.as_json import events_as_json
from ledger.history.find_record import find_record
from ledger.history.record_history import link_of, steps
from ledger.replay.compare import replay
from ledger.replay.mend import mend
from ledger.replay.rebuild import NotRebuilt, state_at
from ledger.runs.run import new_run
from ledger.schema import adm
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.verify.verify import verify_chain
from tests.ledger.appending_by_hand import append_one
from tests.ledger.record_events import append_events, changed, observed
from tests.program import admsync

VENUE = "adm.venues/V1"
SEEN = {"table": "adm.venues", "key": "V1", "row_id": 1, "fields": {"name": "Waterloo"}}


def seen(**other: object) -> str:
    return json.dumps({**SEEN, **other})


# Of a type that changes rows, and not.
UNREADABLE = {
    "empty": ("RecordObserved", 1, "{}"),
    "later version": ("RecordObserved", 9, seen()),
    "a number for a text": ("RecordObserved", 1, seen(table=1)),
    "a text for a number": ("RecordObserved", 1, seen(row_id="1")),
    "a list for fields": ("RecordObserved", 1, seen(fields=["name"])),
    "no decimal": ("RecordObserved", 1, seen(fields={"name": {"$decimal": "x"}})),
    "no map": ("RecordObserved", 1, seen(fields={"$map": 5})),
    "too deep": ("RecordObserved", 1, '{"fields": ' + "[" * 1500 + "]" * 1500 + "}"),
}
BYSTANDERS = {
    "unknown type": ("SeatSold", 1, "{}"),
    "a text for a list": (
        "PageFetched",
        1,
        '{"entity":"x","part":"","offset":0,"total":0,"ids":"abc","answers":[]}',
    ),
    "no digest": (
        "WorkbookRead",
        1,
        '{"digest":"../x","name":"x","sheet":"x","rows":1}',
    ),
}
EVERY = {**UNREADABLE, **BYSTANDERS}


@pytest.fixture
def known(ledger: Ledger) -> Ledger:
    """A ledger in which a venue was seen."""
    append_events(ledger, observed("adm.venues", "V1", 1, name="Waterloo"))
    return ledger


def spoil(ledger: Ledger, kind: str, version: int, payload: str) -> None:
    """Appends the event at position 2, and a good one after it."""
    append_one(ledger, kind, version, payload, VENUE)
    with ledger.database.session() as connection:
        # As an append without projections would: the tables are as the ledger was before.
        assert connection.execute("SELECT count(*) FROM ledger.events").fetchone() == (2,)
    append_events(ledger, changed("adm.venues", "V1", 1, name=("Waterloo", "Old Street")))


@pytest.mark.parametrize("name", EVERY)
def test_verify_reports_the_chain_and_each_such_event(known: Ledger, name: str) -> None:
    spoil(known, *EVERY[name])
    verified = verify_chain(known.database)
    assert verified.whole
    assert not verified.ok
    assert (verified.events, verified.position) == (3, 3)
    assert [one.position for one in verified.unreadable] == [2]


@pytest.mark.parametrize("name", EVERY)
def test_history_tells_such_an_event_and_goes_on(known: Ledger, name: str) -> None:
    spoil(known, *EVERY[name])
    with known.database.transaction() as connection:
        reader = driver(connection)
        assert find_record(reader, "Old Street").record == VENUE
        assert link_of(reader, VENUE).record == VENUE
        about = Selection(subjects=[VENUE])
        told = [step.description.sentence for step in steps(reader, about)]
        as_json = [event["position"] for event in events_as_json(reader, about)]
    assert as_json == [1, 2, 3]
    assert ["cannot be read" in sentence for sentence in told] == [
        False,
        name != "no digest",
        False,
    ]


@pytest.mark.parametrize("name", UNREADABLE)
def test_replay_names_the_positions_that_it_cannot_apply(known: Ledger, name: str) -> None:
    spoil(known, *UNREADABLE[name])
    append_one(known, "RecordVanished", 1, "{}", "adm.venues/V2")
    message = "the events at positions 2, 4 cannot be read; admsync verify says why"
    with pytest.raises(NotRebuilt, match=message):
        replay(known.database)
    assert len(state_at(known.database, adm.VENUES, 1)) == 1


@pytest.mark.parametrize("name", BYSTANDERS)
def test_replay_compares_past_an_event_that_changes_no_row(known: Ledger, name: str) -> None:
    spoil(known, *BYSTANDERS[name])
    assert replay(known.database).ok


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("RecordObserved", seen()),
        ("RecordObserved", seen(table="adm.none", row_id=2)),
        ("RecordObserved", seen(row_id=2, fields={"name": {"a": 1}, "no_column": 1})),
        ("RecordChanged", '{"table":"adm.venues","key":"V1","row_id":9,"changes":{}}'),
    ],
)
def test_replay_names_the_event_whose_values_do_not_fit(
    known: Ledger, kind: str, payload: str
) -> None:
    spoil(known, kind, 1, payload)
    with pytest.raises(NotRebuilt, match="the event at position 2 does not fit"):
        replay(known.database)


def test_what_changes_something_stops_at_such_an_event(known: Ledger) -> None:
    spoil(known, *UNREADABLE["empty"])
    with pytest.raises(UnreadableEvent, match="the event at position 2 cannot be read"):
        list(known.read())
    with new_run(known, "replay") as run, pytest.raises(NotRebuilt):
        mend(run)


def test_the_commands_tell_and_go_on(known: Ledger, database_url: str) -> None:
    spoil(known, *UNREADABLE["empty"])
    verify = admsync("verify", url=database_url)
    assert verify.returncode == 1
    assert "The chain is whole: 3 events" in verify.stdout
    assert "✗ position 2: the event cannot be read" in verify.stdout
    assert "The tables were not compared" in verify.stdout
    document = json.loads(admsync("verify", "--json", url=database_url).stdout)
    assert [one["position"] for one in document["chain"]["unreadable"]] == [2]
    told = admsync("history", VENUE, url=database_url)
    assert told.returncode == 0
    assert "An event that cannot be read" in told.stdout
    assert "Old Street" in told.stdout
    replayed = admsync("replay", url=database_url)
    assert replayed.returncode == 1
    assert "position 2 cannot be read" in replayed.stderr
    assert "unexpected" not in verify.stderr + told.stderr + replayed.stderr


def test_an_event_of_a_run_that_never_began_is_told(known: Ledger, database_url: str) -> None:
    append_events(known, observed("adm.venues", "V2", 2, name="Bank"), run_id=UUID(int=7))
    told = admsync("history", "adm.venues/V2", url=database_url)
    assert (told.returncode, told.stderr) == (0, "")
    assert f"A run that nothing says the start of: {UUID(int=7)}" in told.stdout
