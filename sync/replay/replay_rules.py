"""Replay under today's rules: recorded fetches are decided again, and nothing is written.

The observed records are those of the fetch. The tutorial side is the current one, since its past is
not recorded. People's decisions and links are those at the time of the fetch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from attrs import field, frozen

from ledger.database.connection import driver
from ledger.events import EntitySynced, MatchDecided
from ledger.events.recorded import Recorded
from ledger.history.descriptions import named_in
from ledger.history.display_names import Called
from ledger.history.record_history import bridge_links, explained
from ledger.projections import BRIDGE, OPEN_DISCREPANCIES
from ledger.replay.place import place_to_rebuild
from ledger.replay.rebuild import rebuild
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from sync.decide.current_state import read_current_state, read_lookups
from sync.decide.links import decide, linking_events, live_rows
from sync.decide.taking_part import TakingPart, taking_part
from sync.entities import ENTITIES
from sync.entity import Entity, Lookups
from sync.fetch.fetched import Fetch
from sync.fetch.sources import source_of
from sync.fetch.stored_pages import is_erased, records_of, stored_parts


@frozen
class ChangedDecision:
    """A link that today's rules decide differently, with the recorded and the new decision."""

    record: str
    change: str
    before: str | None
    after: str | None
    was: Recorded | None
    would: MatchDecided


@frozen
class Decided:
    """The result of deciding a recorded fetch again: its run, and the number of erased pages."""

    entity: Entity
    run_id: UUID
    position: int
    otherwise: tuple[ChangedDecision, ...]
    erased: int = field(default=0)


@frozen
class ExplainedChange:
    """A changed decision with its explanations: the recorded one, and that of today's rules."""

    link: ChangedDecision
    then: list[str]
    today: list[str]


def decide_again(ledger: Ledger, run_id: UUID | None = None) -> Iterator[Decided]:
    """Decides each matched entity's newest recorded sync, or those of one run, by today's rules."""
    synced = _newest(ledger, run_id)
    for entity in ENTITIES:
        if entity.tutorial is None or entity.name not in synced:
            continue
        recorded = synced[entity.name]
        with _as_of(ledger, recorded.position if run_id else None) as (reader, rebuilt):
            yield _decided(ledger, reader, entity, recorded, rebuilt)


def explained_changes(
    reader: psycopg.Connection[tuple[object, ...]], one: Decided, called: Called
) -> list[ExplainedChange]:
    """The changed decisions of an entity with their explanations, in display names."""
    events = [other.would for other in one.otherwise]
    before = [other.was.event for other in one.otherwise if other.was is not None]
    called.learn({name for event in (*events, *before) for name in named_in(event)})
    then = iter(explained(reader, before, called))
    today = explained(reader, events, called)
    return [
        ExplainedChange(other, [] if other.was is None else next(then), lines)
        for other, lines in zip(one.otherwise, today, strict=True)
    ]


def _newest(ledger: Ledger, run_id: UUID | None) -> dict[str, Recorded]:
    """The newest sync of each entity, or the run's."""
    found: dict[str, Recorded] = {}
    selection = Selection(types=[EntitySynced.__name__], run_id=run_id)
    for recorded in ledger.read(selection, backwards=True):
        if isinstance(recorded.event, EntitySynced):
            found.setdefault(recorded.event.entity, recorded)
        if len(found) == len(ENTITIES):
            break
    return found


@contextmanager
def _as_of(
    ledger: Ledger, position: int | None
) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any] | None]]:
    """A connection to read on, and the one that has rebuilt the tables as of a position, if one is
    given."""
    if position is None:
        with ledger.database.snapshot() as connection:
            yield driver(connection), None
        return
    with place_to_rebuild(ledger.database) as place:
        rebuild(place, position, (BRIDGE, OPEN_DISCREPANCIES))
        yield place.ledger, place.tables


def _decided(
    ledger: Ledger,
    reader: psycopg.Connection[Any],
    entity: Entity,
    synced: Recorded,
    rebuilt: psycopg.Connection[Any] | None,
) -> Decided:
    until = None if rebuilt is None else synced.position
    run_id = synced.run_id
    if run_id is None:
        raise ValueError("an entity is synced in a run")
    lookups = read_lookups(reader, entity, rebuilt=rebuilt)
    fetch, erased = _recorded_fetch(ledger, reader, entity, run_id, lookups)
    current = read_current_state(reader, entity, until=until, rebuilt=rebuilt)
    new = dict.fromkeys(fetch.records, 0)
    live = live_rows(entity, fetch, current, (), new)
    taking = TakingPart.of(entity, fetch, lookups, current)
    current = taking_part(entity, live, current, taking)
    matching = decide(entity, live, current)
    if matching is None:
        raise ValueError(f"{entity.many} are not matched")
    events = (entry.event for entry in linking_events(entity, live, current, matching))
    moved = [e for e in events if isinstance(e, MatchDecided) and e.linked != e.before]
    return Decided(
        entity, run_id, synced.position, tuple(_changed_decisions(reader, moved, until)), erased
    )


def _recorded_fetch(
    ledger: Ledger,
    reader: psycopg.Connection[Any],
    entity: Entity,
    run_id: UUID,
    lookups: Lookups,
) -> tuple[Fetch, int]:
    """The records observed by a run, and how many of its pages were erased since: their records are
    read from their current rows."""
    stored = stored_parts(ledger, run_id, entity)
    fetch, erased = Fetch(), 0
    for part in source_of(entity).parts_named(stored):
        for position, page in stored[part.name].pages:
            if is_erased(reader, page):
                erased += 1
            else:
                records, refused = records_of(reader, page)
                fetch.add(entity, part, records, position, lookups, refused)
    return fetch, erased


def _changed_decisions(
    reader: psycopg.Connection[Any], moved: Sequence[MatchDecided], until: int | None
) -> Iterator[ChangedDecision]:
    records = [event.record() for event in moved]
    links = bridge_links(reader, records, until=until)
    for event in moved:
        change = "moves" if event.before and event.linked else "goes"
        was = links[event.record()].decided
        yield ChangedDecision(
            event.record(),
            change if event.before else "appears",
            event.before,
            event.linked,
            was,
            event,
        )
