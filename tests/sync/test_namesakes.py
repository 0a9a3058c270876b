"""Thousands of equal names: each decision names a few of the others and counts the rest."""

from __future__ import annotations

from ledger.events import CATALOGUE, Event, MatchDecided, record_name
from sync.decide.current_state import BridgeRow, CurrentState, Open
from sync.decide.links import LiveRow, decide, linking_events
from sync.entities import LOCATIONS
from sync.matching.decisions import Decisions
from sync.matching.keys import Record
from tests.sync.company import Company

BRIDGE, TUTORIAL = LOCATIONS.table.fullname, LOCATIONS.matched.table


def decided(namesakes: int, already: dict[str, Open] | None = None) -> list[Event]:
    """The events of so many locations of one name on each side."""
    keys = [f"a{n:05}" for n in range(namesakes)]
    live = [
        LiveRow(BridgeRow(n, key, {}, None), Record(key, ("London",)), 1)
        for n, key in enumerate(keys)
    ]
    current = CurrentState(
        rows={one.row.key: one.row for one in live},
        without_id={},
        tutorial=tuple(Record(n, ("LONDON",)) for n in range(namesakes)),
        open=already or {},
        decisions=Decisions(),
        adopted={},
        scopes={},
        scope_names={},
    )
    matching = decide(LOCATIONS, live, current)
    assert matching is not None
    return [entry.event for entry in linking_events(LOCATIONS, live, current, matching)]


def test_what_is_stored_of_namesakes_grows_as_they_do_and_not_with_their_square() -> None:
    sizes = []
    for namesakes in (200, 2_000):
        events = decided(namesakes)
        assert len(events) == 2 * namesakes
        stored = sum(len(CATALOGUE.write(event, [])) for event in events)
        subjects = sum(len(event.others()) for event in events)
        sizes.append((stored / len(events), subjects / len(events)))
    (few_bytes, few_subjects), (many_bytes, many_subjects) = sizes
    assert many_bytes < 1.1 * few_bytes < 4_000
    assert many_subjects == few_subjects == 10


def test_each_of_many_namesakes_says_how_many_more_there_are() -> None:
    event = decided(30)[12]
    assert isinstance(event, MatchDecided)
    assert event.candidates == (
        *(record_name(BRIDGE, f"a{n:05}") for n in range(5)),
        *(record_name(TUTORIAL, n) for n in range(5)),
    )
    assert event.more_candidates == 60 - 1 - 10


def test_what_an_older_version_decided_with_all_names_is_not_decided_again() -> None:
    everybody = [record_name(BRIDGE, f"a{n:05}") for n in range(30)]
    everybody += [record_name(TUTORIAL, n) for n in range(30)]
    already = {
        name: Open("ambiguous", "several", tuple(one for one in everybody if one != name))
        for name in everybody
    }
    assert not any(isinstance(event, MatchDecided) for event in decided(30, already))
    del already[record_name(BRIDGE, "a00003")]
    assert sum(isinstance(event, MatchDecided) for event in decided(30, already)) == 1


def test_namesakes_are_told_decided_and_replayed_as_any_others(synced: Company) -> None:
    region = synced.control.dump("Location")[0]["regionId"]
    theirs = [
        str(synced.control.insert("Location", name="Acton Vale", regionId=region)["id"])
        for _ in range(8)
    ]
    for n in range(8):
        synced.change(
            "INSERT INTO acted.tutorial_locations (id, name, code, is_active, created_at,"
            " updated_at) VALUES (%s, 'Acton Vale', %s, true, now(), now())",
            9_000 + n,
            f"AV{n}",
        )
    synced.sync("locations")
    before = len(synced.events("MatchDecided"))
    last = synced.admsync("history", "acted.tutorial_locations/9007").stdout
    assert last.count("other candidate: ") == 10
    assert "and 5 more candidates" in last
    synced.sync("locations")
    assert len(synced.events("MatchDecided")) == before
    pair = (f"adm.locations/{theirs[-1]}", "acted.tutorial_locations/9007")
    synced.admsync("discrepancies", "accept", *pair, "--reason", "the one by the canal")
    assert len(synced.events("MatchDecided")) == before + 1
    assert pair[0] in synced.admsync("history", pair[1]).stdout
    synced.admsync("replay")
    assert "every link would be the same" in synced.admsync("replay", "--rules").stdout
