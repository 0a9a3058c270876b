"""Syncs one entity: fetch, compare, match, then one append of rows and links.

Nothing changes before the last page is fetched; then rows and links change in one transaction, with
their events. It is the same for all entities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

import structlog
from attrs import evolve, field, frozen
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import AdmsyncError
from ledger.events import (
    EntitySynced,
    FieldChange,
    RecordChanged,
    RecordGone,
    RecordObserved,
    RecordReturned,
    RecordVanished,
)
from ledger.history.descriptions.words import references_in_words
from ledger.runs.run import Run
from ledger.schema.adm import link_name
from ledger.schema.column_values import field_value
from ledger.store.append import head, lock
from ledger.store.entries import Entry
from ledger.store.referring import held
from ledger.tables.keys import next_keys
from sync.decide.changed_links import MadeLink, RemovedLink, made_by, named, removed_by
from sync.decide.current_state import (
    BridgeRow,
    CurrentState,
    missing_need,
    read_current_state,
    read_lookups,
    references_to,
)
from sync.decide.differences import Differences, compare
from sync.decide.discrepancies import Discrepancy, discrepancies
from sync.decide.identify import identify
from sync.decide.links import (
    decide,
    link_of_gone,
    linking_events,
    live_rows,
)
from sync.decide.other_writers import TakenUp, hold_rows, take_up
from sync.decide.pairs import LinkedPair, linked_pairs
from sync.decide.taking_part import TakingPart, taking_part
from sync.decide.under_way import PlannedEvent, leave_out, read_under_way
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

# Counted only where there are any: rows kept without their record, changes of other writers.
KEPT = "gone but kept"
TAKEN_UP = "taken up"
EVENT_LINK = link_name(EVENTS.table.fullname)
# Events appended and projected at a time, within the one transaction.
_BATCH = 5000


class NeedMissing(AdmsyncError):
    """Another entity has to be synced first; the message names it."""


@frozen
class Synced:
    """The result of a step: its counts, skipped records with reasons, open discrepancies, made and
    removed links, rows kept without their record, and recorded changes of other writers."""

    entity: Entity
    counts: dict[str, int]
    skipped: tuple[str, ...]
    discrepancies: tuple[Discrepancy, ...] = ()
    made_links: tuple[MadeLink, ...] = ()
    removed_links: tuple[RemovedLink, ...] = ()
    kept: tuple[str, ...] = ()
    taken_up: tuple[str, ...] = ()
    compared: Compared = field(factory=Compared)
    notes: tuple[str, ...] = ()

    def and_again(self, other: Synced) -> Synced:
        """The step together with a second pass over some of its records."""
        changed = {n: c for n, c in other.counts.items() if n not in ("unchanged", "skipped")}
        counts = {n: self.counts.get(n, 0) + changed.get(n, 0) for n in {**self.counts, **changed}}
        return evolve(
            self,
            counts=counts,
            skipped=tuple(dict.fromkeys((*self.skipped, *other.skipped))),
            made_links=(*self.made_links, *other.made_links),
            removed_links=(*self.removed_links, *other.removed_links),
            kept=tuple(dict.fromkeys((*self.kept, *other.kept))),
            taken_up=(*self.taken_up, *other.taken_up),
            compared=self.compared.and_again(other.compared),
        )


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
    decided = _outcome_counts(matching)
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
    leaving = [row.row_id for row in differences.leaving]
    refer = {**held(driver(connection), entity.table.fullname, leaving)}
    if entity is EVENTS:
        refer |= {row.row_id: _linked_too(row, refer) for row in differences.leaving if row.link}
    staying = [row for row in differences.leaving if row.row_id in refer]
    removed = [row for row in differences.leaving if row.row_id not in refer]
    live = live_rows(entity, fetch, current, {row.key for row in differences.leaving}, new)
    let_go = () if entity is EVENTS else [row.key for row in differences.leaving]
    current = taking_part(entity, live, current, taking, let_go)
    matching = decide(entity, live, current)
    counts = _counts(differences)
    counts["deleted"] = len(removed)
    counts |= {name: n for name, n in ((KEPT, len(staying)), (TAKEN_UP, len(taken_up.lines))) if n}
    made: list[MadeLink] = []
    removals: list[RemovedLink] = []
    compared = Compared()

    def entries() -> Iterator[Entry]:
        parts: list[Iterable[Entry]] = [
            _removals(connection, entity, removed),
            _staying(entity, staying, refer),
            _observations(entity, differences, row_ids),
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
        yield Entry(_done(entity, fetch, current, differences, counts))

    for batch in _batches(entries()):
        run.ledger.append_in(connection, batch, run_id=run.run_id)
    synced = Synced(
        entity,
        counts,
        (*(f"{one.key}: {one.why}" for one in differences.skipped), *_not_removed(differences)),
        made_links=named(driver(connection), made),
        removed_links=named(driver(connection), removals),
        kept=tuple(f"{row.key}: {references_in_words(refer[row.row_id])}" for row in staying),
        taken_up=taken_up.lines,
        compared=compared,
        notes=tuple(fetch.notes),
    )
    return synced, matching


def _done(
    entity: Entity,
    fetch: Fetch,
    current: CurrentState,
    differences: Differences,
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


def _linked_too(row: BridgeRow, refer: Mapping[int, dict[str, int]]) -> dict[str, int]:
    """What keeps a linked row: what refers to it, and its link."""
    return {**refer.get(row.row_id, {}), f"{EVENTS.table.fullname}.{EVENT_LINK}": 1}


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


def _outcome_counts(matching: Matching | None) -> dict[str, int]:
    """How many of Administrate's records ended linked, unmatched and ambiguous."""
    if matching is None:
        return {}
    outcomes = matching.outcomes[Side.ADMINISTRATE].values()
    return Counter(outcome.kind.value for outcome in outcomes)


def _not_removed(differences: Differences) -> Iterator[str]:
    if differences.guarded:
        for row in differences.gone:
            yield (
                f"{row.key}: gone from Administrate, not removed: {differences.guarded};"
                " --allow-deletes removes it"
            )


def _observations(entity: Entity, found: Differences, row_ids: list[int]) -> Iterator[Entry]:
    table = entity.table.fullname
    for fetched, row_id in zip(found.new, row_ids, strict=True):
        key, fields = fetched.observed.key, fetched.observed.fields
        event = RecordObserved(table=table, key=key, row_id=row_id, fields=fields)
        yield Entry(event, fetched.page)
    for row, fetched in found.returned:
        yield Entry(RecordReturned(table=table, key=row.key, row_id=row.row_id), fetched.page)
    for row, fetched, changes in found.changed:
        changed = RecordChanged(table=table, key=row.key, row_id=row.row_id, changes=changes)
        yield Entry(changed, fetched.page)


def _removals(connection: Connection, entity: Entity, removed: list[BridgeRow]) -> Iterator[Entry]:
    """The rows to delete, after the foreign keys to them are set to NULL."""
    for table, row, column in references_to(driver(connection), entity, removed):
        change = FieldChange(before=row.columns[column], after=None)
        yield Entry(
            RecordChanged(table=table, key=row.key, row_id=row.row_id, changes={column: change})
        )
    for row in removed:
        fields = {
            name: field_value(entity.table, name, value)
            for name, value in row.columns.items()
            if name != "id"
        }
        yield Entry(
            RecordVanished(
                table=entity.table.fullname, key=row.key, row_id=row.row_id, fields=fields
            )
        )


def _staying(
    entity: Entity, rows: list[BridgeRow], refer: Mapping[int, dict[str, int]]
) -> Iterator[Entry]:
    """The rows without a record that stay because they are referenced; recorded once."""
    for row in rows:
        if row.gone:
            continue
        # A linked event stays linked, so that it is told what became of it.
        unlinked = None if entity is EVENTS else link_of_gone(entity, row)
        if unlinked is not None:
            yield Entry(unlinked)
        if entity.given_up is not None and row.columns[entity.given_up] is not None:
            change = FieldChange(before=row.columns[entity.given_up], after=None)
            yield Entry(
                RecordChanged(
                    table=entity.table.fullname,
                    key=row.key,
                    row_id=row.row_id,
                    changes={entity.given_up: change},
                )
            )
        yield Entry(
            RecordGone(
                table=entity.table.fullname,
                key=row.key,
                row_id=row.row_id,
                referred_by=refer[row.row_id],
            )
        )


def _counts(found: Differences) -> dict[str, int]:
    guarded = len(found.gone) if found.guarded else 0
    return {
        "created": len(found.new),
        "updated": len(found.changed),
        "unchanged": found.unchanged,
        "deleted": 0,
        "skipped": len(found.skipped) + guarded,
        "errors": 0,
    }


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
