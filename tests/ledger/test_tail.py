"""Whoever follows the ledger gets every event, once, in order, soon."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg

from ledger.database.connection import Database
from ledger.store.entries import StoredEvent
from ledger.store.follow import follow
from ledger.store.ledger import Ledger
from tests.databases import opened
from tests.ledger.record_events import append_events, observed


def write(url: str, writer: int, appends: int) -> None:
    """Appends batches of one to three events, as one of several writers."""
    with opened(url) as database:
        ledger = Ledger(database, actor=f"writer {writer}")
        row_id = writer * 1000
        for turn in range(appends):
            size = turn % 3 + 1
            rows = range(row_id, row_id + size)
            append_events(ledger, *(observed("adm.venues", f"V{row}", row) for row in rows))
            row_id += size


def next_events(following: Iterator[list[StoredEvent]]) -> list[int]:
    """The positions of the next events to come."""
    return next([event.position for event in events] for events in following if events)


def test_nothing_is_missed_of_several_writers(database: Database, database_url: str) -> None:
    writers, appends = 3, 20
    threads = [
        threading.Thread(target=write, args=(database_url, writer, appends))
        for writer in range(1, writers + 1)
    ]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    expected = writers * sum(turn % 3 + 1 for turn in range(appends))
    for events in follow(database):
        seen += [event.position for event in events]
        if len(seen) >= expected:
            break
    for thread in threads:
        thread.join()
    assert seen == list(range(1, expected + 1))


def test_following_begins_behind_a_position(ledger: Ledger) -> None:
    append_events(ledger, *(observed("adm.venues", f"V{row}", row) for row in range(1, 6)))
    assert next_events(follow(ledger.database, after=3)) == [4, 5]


def test_a_follower_is_woken_by_the_append(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.venues", "V1", 1))
    # Had it to wait for its next look, the test would not end today.
    following = follow(ledger.database, poll_seconds=86_400)
    assert next_events(following) == [1]
    later = threading.Timer(0.2, append_events, (ledger, observed("adm.venues", "V2", 2)))
    later.start()
    assert next_events(following) == [2]
    later.join()


def test_an_event_whose_notification_is_lost_is_found_by_looking(
    ledger: Ledger, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        source = owner.execute("SELECT pg_get_functiondef('ledger.append'::regproc)").fetchone()
        assert source is not None
        silent = source[0].replace("PERFORM pg_notify", "-- PERFORM pg_notify")
        assert silent != source[0]
        owner.execute(silent)
    following = follow(ledger.database, poll_seconds=0.1)
    assert next(following) == []
    append_events(ledger, observed("adm.venues", "V1", 1))
    assert next_events(following) == [1]


def test_a_follower_can_stop_while_nothing_comes(ledger: Ledger) -> None:
    following = follow(ledger.database, poll_seconds=0.05)
    assert [next(following), next(following)] == [[], []]
