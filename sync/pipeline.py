"""Syncs one entity: fetch, compare, match, then one append of rows and links.

Nothing changes before the last page is fetched; then rows and links change in one transaction, with
their events. It is the same for all entities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

import structlog
from attrs import evolve
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import AdmsyncError
from ledger.events import (
    EntitySynced,
)
from ledger.runs.run import Run
from ledger.store.append import head, lock
from ledger.store.entries import Entry
from ledger.tables.keys import next_keys
from sync.decide.changed_links import MadeLink, RemovedLink, made_by, named, removed_by
from sync.decide.current_state import (
    CurrentState,
    missing_need,
    read_current_state,
    read_lookups,
)
from sync.decide.differences import Differences, compare
from sync.decide.guarded import Guarded
from sync.decide.identify import identify
from sync.decide.links import (
    decide,
    linking_events,
    live_rows,
)
from sync.decide.other_writers import TakenUp, hold_rows, take_up
from sync.decide.pairs import LinkedPair, linked_pairs
from sync.decide.row_events import Leaving, observations
from sync.decide.taking_part import TakingPart, taking_part
from sync.decide.under_way import PlannedEvent, leave_out, read_under_way
from sync.discrepancies.discrepancy import discrepancies
from sync.entities import EVENTS, SESSIONS
from sync.entity import Entity, Lookups
from sync.events.decide import LinkedRecord
from sync.events.step import Compared, compare_pairs
from sync.fetch.fetched import Fetch
from sync.fetch.fetching import Fetcher
from sync.fetch.source import Window
from sync.fetch.window import read_window, window_again
from sync.matching.keys import Id, Side
from sync.matching.match import Matching
from sync.synced import KEPT, TAKEN_UP, Synced

# Events appended and projected at a time, within the one transaction.
_BATCH = 5000


class NeedMissing(AdmsyncError):
    """Another entity has to be synced first; the message names it."""


def sync_entity(
    run: Run, entity: Entity, fetcher: Fetcher, *, allow_deletes: bool = False, every: bool = False
) -> Synced:
    """Updates an entity's bridge rows and links to Administrate's records and the rules. ``every``:
    of events and sessions all, not those in the window alone.

    Raises ``NeedMissing``, or the ``AdministrateError`` that ended the fetch; then no bridge row
    has changed.
    """
    run.step = entity.name
    with run.ledger.database.driver_transaction() as connection:
        need = missing_need(connection, entity)
        lookups = read_lookups(connection, entity)
        window = read_window(connection, entity, every=every)
        before, _ = head(connection)
    if need is not None:
        raise NeedMissing(f"{entity.many} need {need}")
    synced = _sync(run, entity, fetcher, lookups, window, before, allow_deletes=allow_deletes)
    if not synced.compared.ask_again:
        return synced
    # Their tutorial rows alone seem changed: Administrate may hold the same by now.
    with run.ledger.database.driver_transaction() as connection:
        again = window_again(connection, entity, synced.compared.ask_again)
    return synced.and_again(_sync(run, entity, fetcher, lookups, again, before))


def _sync(
    run: Run,
    entity: Entity,
    fetcher: Fetcher,
    lookups: Lookups,
    window: Window,
    before: int,
    *,
    allow_deletes: bool = False,
) -> Synced:
    """One pass: the fetch of a window, and the transaction that follows from it."""
    fetch = fetcher.entity(entity, lookups, window)
    with run.ledger.database.transaction() as connection:
        # The append lock is held from here on: the current state cannot change.
        lock(driver(connection))
        hold_rows(connection, entity)
        taken_up = take_up(run, connection, entity, fetch.keys)
        current = read_current_state(driver(connection), entity)
        under_way = _under_way(connection, entity, fetch, before)
        leave_out(entity, fetch, current, under_way)
        if identify(run, connection, entity, fetch, current):
            current = read_current_state(driver(connection), entity)
        taking = TakingPart.of(entity, fetch, lookups, current, under_way)
        differences = compare(
            entity.table,
            fetch,
            current.rows,
            allow_deletes=allow_deletes,
            fresh=taken_up.fresh,
            holding=current.without_id,
        )
        for one in differences.skipped:
            fetch.records.pop(one.key, None)
        synced, matching = _decide_and_append(
            run, connection, entity, fetch, current, differences, taken_up, taking
        )
    decided = {} if matching is None else _outcome_counts(matching)
    structlog.get_logger().info("decided", entity=entity.name, **synced.counts, **decided)
    # Suggestions are slow with many discrepancies, so they run after the lock is released.
    with run.ledger.database.driver_transaction() as reader:
        found = discrepancies(reader, entity, matching, current, _titles(entity, fetch))
    return evolve(synced, discrepancies=tuple(found))


def _decide_and_append(
    run: Run,
    connection: Connection,
    entity: Entity,
    fetch: Fetch,
    current: CurrentState,
    differences: Differences,
    taken_up: TakenUp,
    taking: TakingPart,
) -> tuple[Synced, Matching | None]:
    """Appends the entity's events, with their projections; returns the step without its
    discrepancies."""
    row_ids = next_keys(connection, entity.table, len(differences.new))
    new = dict(zip((one.observed.key for one in differences.new), row_ids, strict=True))
    leaving = Leaving.of(driver(connection), entity, differences)
    guarded = Guarded.of(driver(connection), entity, differences, again=fetch.again)
    live = live_rows(entity, fetch, current, {row.key for row in differences.leaving}, new)
    let_go = () if entity is EVENTS else [row.key for row in differences.leaving]
    current = taking_part(entity, live, current, taking, let_go)
    matching = decide(entity, live, current)
    counts = differences.counts
    counts["deleted"] = len(leaving.removed)
    counts["skipped"] += guarded.refused
    kept = len(leaving.staying) + len(guarded.keys) - guarded.refused
    counts |= {name: n for name, n in ((KEPT, kept), (TAKEN_UP, len(taken_up.lines))) if n}
    made: list[MadeLink] = []
    removals: list[RemovedLink] = []
    compared = Compared()

    def entries() -> Iterator[Entry]:
        parts: list[Iterable[Entry]] = [
            leaving.entries(driver(connection)),
            observations(entity, differences, row_ids),
        ]
        if matching is not None:
            parts.append(linking_events(entity, live, current, matching))
        for entry in chain.from_iterable(parts):
            made.extend(made_by(entry.event))
            removals.extend(removed_by(entity, entry.event))
            yield entry
        if entity.windowed:
            records = _linked_records(entity, fetch, linked_pairs(live, matching))
            yield from compare_pairs(
                connection, entity.table.fullname, records, compared, last=fetch.again
            )
            counts.update({name: n for name, n in compared.counts.items() if n})
        if removals:
            counts["links removed"] = len(removals)
        yield Entry(_done(entity, fetch, current, differences, guarded, counts))

    for batch in _batches(entries()):
        run.ledger.append_in(connection, batch, run_id=run.run_id)
    synced = Synced(
        entity,
        counts,
        (*(f"{one.key}: {one.why}" for one in differences.skipped), *guarded.lines()),
        made_links=named(driver(connection), made),
        removed_links=named(driver(connection), removals),
        kept=tuple(leaving.kept_lines()),
        taken_up=taken_up.lines,
        compared=compared,
        notes=(*fetch.notes, *guarded.notes()),
    )
    return synced, matching


def _done(
    entity: Entity,
    fetch: Fetch,
    current: CurrentState,
    differences: Differences,
    guarded: Guarded,
    counts: Mapping[str, int],
) -> EntitySynced:
    """The end of the step, and how far events were read by their updates."""
    known = fetch.complete and not fetch.refused_parts
    reached = fetch.reached if known else ""
    left = [one.key for one in differences.skipped if one.key not in current.rows]
    return EntitySynced(
        entity=entity.name,
        counts={**counts},
        refused_parts=tuple(fetch.refused_parts),
        reached=reached,
        left=tuple(dict.fromkeys(left)) if reached else (),
        guarded=guarded.recorded,
    )


def _under_way(
    connection: Connection, entity: Entity, fetch: Fetch, before: int
) -> Sequence[PlannedEvent]:
    """The events of imports that were under way at any time since the fetch began."""
    if not entity.windowed:
        return ()
    # Stored pages are older than this fetch.
    oldest = min((one.page for one in fetch.records.values()), default=before)
    return read_under_way(driver(connection), min(before, oldest))


def _linked_records(
    entity: Entity, fetch: Fetch, pairs: Iterable[LinkedPair]
) -> list[LinkedRecord]:
    """The linked pairs whose record was fetched."""
    table = entity.table.fullname
    return [
        LinkedRecord(
            table, one.key, one.row_id, one.tutorial_id, fetched.observed.compared, fetched.page
        )
        for one in pairs
        if (fetched := fetch.records.get(one.key)) is not None
    ]


def _titles(entity: Entity, fetch: Fetch) -> dict[Id, str]:
    """The titles of sessions, which are matched by a number."""
    if entity is not SESSIONS:
        return {}
    return {key: str(one.observed.fields["title"]) for key, one in fetch.records.items()}


def _outcome_counts(matching: Matching) -> dict[str, int]:
    """How many of Administrate's records ended linked, unmatched and ambiguous."""
    outcomes = matching.outcomes[Side.ADMINISTRATE].values()
    return Counter(outcome.kind.value for outcome in outcomes)


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
