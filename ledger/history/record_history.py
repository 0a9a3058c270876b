"""The history of a record: its current link, the reasons, and its events run by run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg
from attrs import frozen

from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    Event,
    MatchDecided,
    RecordObserved,
    RecordVanished,
    TutorialRecordRemoved,
    TutorialRecordUnmatched,
)
from ledger.events.recorded import Recorded
from ledger.history.descriptions import Description, Names, describe, named_in, source
from ledger.history.display_names import Called
from ledger.history.find_record import names_of
from ledger.history.why import decisions_behind, why
from ledger.store.read import Selection, decoded, read_chunks, read_recorded

_LINKING = (BridgeRowAdopted, BridgeRowEdited, MatchDecided)
_DECIDING = [
    kind.__name__
    for kind in (
        BridgeRowAdopted,
        BridgeRowEdited,
        MatchDecided,
        RecordObserved,
        RecordVanished,
        TutorialRecordRemoved,
        TutorialRecordUnmatched,
    )
]


@frozen
class Link:
    """A record's link: the linked record, the event that linked it, and the last decision about
    it."""

    record: str
    other: str | None = None
    since: Recorded | None = None
    decided: Recorded | None = None
    gone: Recorded | None = None

    @property
    def sides(self) -> tuple[str, ...]:
        """The record and, where it is linked, its counterpart."""
        return (self.record,) if self.other is None else (self.record, self.other)


def events_about(
    connection: psycopg.Connection[Any], links: Iterable[Link], *, until: int | None = None
) -> Selection:
    """Every event about the records of both sides, under all their names in the ledger."""
    names = {name for link in links for side in link.sides for name in names_of(connection, side)}
    return Selection(subjects=names, until=until)


def link_of(connection: psycopg.Connection[Any], record: str, *, until: int | None = None) -> Link:
    """A record's link as of a position, or now, according to the ledger."""
    names = names_of(connection, record)
    events = _deciding(connection, names, until)
    if record.startswith("adm."):
        return _link_of_bridge(names, events)
    # A tutorial record's link is that of the bridge row last linked with it.
    last = Link(record)
    for recorded in events:
        event = recorded.event
        if event.record() != record and _linked_by(recorded) != record:
            continue
        if isinstance(event, TutorialRecordRemoved):
            last = Link(record, gone=recorded)
        else:
            last = Link(record, event.record(), recorded, recorded)
    if last.other in (None, record):
        return Link(record, decided=last.decided, gone=last.gone)
    others = names_of(connection, str(last.other))
    bridge = _link_of_bridge(others, _deciding(connection, others, until))
    if bridge.other == record:
        return Link(record, bridge.record, bridge.since, bridge.decided)
    return Link(record, decided=bridge.decided)


def bridge_links(
    connection: psycopg.Connection[Any], records: Collection[str], *, until: int | None = None
) -> dict[str, Link]:
    """``link_of`` for many bridge rows with one name each, by record."""
    events: dict[str | None, list[Recorded]] = defaultdict(list)
    for recorded in _deciding(connection, records, until):
        events[recorded.event.record()].append(recorded)
    return {record: _link_of_bridge([record], events[record]) for record in records}


def _link_of_bridge(names: Sequence[str], events: Iterable[Recorded]) -> Link:
    """The link of the bridge row with those names, from its events."""
    record = names[0]
    link = Link(record)
    for recorded in events:
        event = recorded.event
        if event.record() not in names:
            continue
        match event:
            case RecordObserved():
                link = Link(record)
            case RecordVanished():
                link = Link(record, gone=recorded)
            case BridgeRowEdited() if event.linked == event.before:
                continue
            case BridgeRowAdopted() | BridgeRowEdited() | MatchDecided():
                since = link.since if event.linked == link.other else recorded
                link = Link(record, event.linked, since, recorded)
    return link


def _linked_by(recorded: Recorded) -> str | None:
    event = recorded.event
    return event.linked if isinstance(event, _LINKING) else None


def _deciding(
    connection: psycopg.Connection[Any], names: Collection[str], until: int | None
) -> Iterator[Recorded]:
    selection = Selection(subjects=names, types=_DECIDING, until=until)
    return read_recorded(connection, selection, tolerant=True)


def explained(
    connection: psycopg.Connection[Any], events: Sequence[Event], names: Names
) -> list[list[str]]:
    """The reasons of each decision, line by line."""
    behind = {position for event in events for position in decisions_behind(event)}
    taken = events_at(connection, list(behind))
    return [list(why(event, taken, names)) for event in events]


@frozen
class Step:
    """One event of a history: in words, with its record's name as of then, and its origin."""

    recorded: Recorded
    named: str | None
    description: Description
    cause: Recorded | None
    source: str | None


def steps(
    connection: psycopg.Connection[Any],
    selection: Selection,
    *,
    backwards: bool = False,
    limit: int | None = None,
    called_now: bool = False,
) -> Iterator[Step]:
    """The selected events in words, in order or ``backwards``, or the first so many, with the names
    of records as of each; a bounded number in memory at a time.

    ``called_now``: with their names as of now, for which no other event of theirs is read.
    """
    names = Called(connection, at=None if called_now else 0)
    for stored in read_chunks(connection, selection, backwards=backwards, limit=limit):
        events = decoded(connection, stored, tolerant=True)
        names.learn(record for recorded in events for record in named_in(recorded.event))
        causes = events_at(connection, [one.cause for one in events if one.cause is not None])
        for recorded in events:
            names.at = None if called_now else recorded.position
            cause = causes.get(recorded.cause or 0)
            came_from = source(cause, names) if cause is not None else None
            record = recorded.event.record()
            named = names(record) if record is not None else None
            yield Step(recorded, named, describe(recorded.event, names), cause, came_from)


def by_run(steps: Iterable[Step]) -> Iterator[tuple[UUID | None, Iterator[Step]]]:
    """Steps grouped by run: consecutive steps of one run together."""
    return groupby(steps, key=lambda step: step.recorded.run_id)


def events_at(connection: psycopg.Connection[Any], positions: Sequence[int]) -> dict[int, Recorded]:
    """The events at positions, by position."""
    if not positions:
        return {}
    found = read_recorded(connection, Selection(positions=positions), tolerant=True)
    return {recorded.position: recorded for recorded in found}
