"""Fetches an entity: every page is appended as it comes, and reused after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

import structlog
from attrs import evolve, field, frozen

from ledger.events import FetchFailed, FetchRestarted, PageFetched
from ledger.runs.run import Run
from ledger.store.read import Selection
from sync.administrate.client import Administrate
from sync.administrate.errors import (
    AdministrateError,
    NotPermitted,
    OperationRejected,
    RequestRefused,
)
from sync.administrate.reads.following import follow_pages
from sync.administrate.reads.listings import Record, Refusal
from sync.administrate.reads.pages import Completeness, Page, Paging, Restarted, fetch_pages
from sync.administrate.reads.passes import Progress
from sync.administrate.reads.queries import SYNCED_EVENTS_WITH_SESSIONS
from sync.entities import EVENTS, SESSIONS
from sync.entity import Entity, Lookups
from sync.fetch.fetched import Fetch
from sync.fetch.recording import fetch_completed, fetch_failed, page_fetched
from sync.fetch.source import Part, Window
from sync.fetch.sources import source_of
from sync.fetch.stored_pages import (
    WITH_EVENTS,
    StoredPart,
    is_erased,
    records_of,
    stored_parts,
)

# Called after each page: how many records so far, of how many.
OnPage = Callable[[int, int], None]
# The records of a page, and the refused ones.
Records: TypeAlias = tuple[tuple[Record, ...], tuple[Refusal, ...]]


@frozen
class Fetcher:
    """Fetches for one run. The run's pages recorded after ``fresh_since`` are reused.

    ``with_sessions``: the run syncs sessions, too, so that those of the events that are asked for
    come with them; ``kept`` are the pages of these, by position, until the sessions' turn.
    """

    run: Run
    client: Administrate
    paging: Paging
    fresh_since: datetime
    on_page: OnPage
    with_sessions: bool = False
    kept: dict[int, Records] = field(factory=dict, repr=False)

    def entity(self, entity: Entity, lookups: Lookups, window: Window) -> Fetch:
        """The records of the entity, all or those in the window.

        Raises the ``AdministrateError`` that ended the fetch, after recording it.
        """
        window = evolve(window, with_sessions=self.with_sessions)
        fetch = self._window(entity, lookups, window)
        if fetch.refused_parts and entity is EVENTS and self.with_sessions:
            # It may be the sessions that may not be read.
            fetch = self._window(entity, lookups, evolve(window, with_sessions=False))
        if entity.windowed and fetch.refused_parts:
            # Nothing is known of what is not there.
            fetch.covered = frozenset()
        return fetch

    def _window(self, entity: Entity, lookups: Lookups, window: Window) -> Fetch:
        covered = window.covered if entity.windowed and not window.every else None
        fetch = Fetch(covered=covered, covered_by=entity.covered_by, again=window.again)
        stored = stored_parts(self.run.ledger, self.run.run_id, entity)
        if entity is SESSIONS and not window.again:
            window = self._with_events(fetch, lookups, window, stored)
        parts = source_of(entity).parts_for(window)
        usable = self._usable(entity, parts, stored)
        for part in parts:
            fetch.absorb(self._part(entity, part, lookups, usable.get(part.name, StoredPart())))
        return fetch

    def _with_events(
        self, fetch: Fetch, lookups: Lookups, window: Window, found: Mapping[str, StoredPart]
    ) -> Window:
        """Adds the sessions that this run has read with their events; what is left to ask for."""
        asked: set[str] = set()
        for name, stored in found.items():
            whole = name.startswith(WITH_EVENTS) and stored.completed is not None
            if whole and stored.is_fresh(self.fresh_since) and not self._is_erased(stored):
                asked |= stored.asked_for
                part = Part(SYNCED_EVENTS_WITH_SESSIONS, name)
                for position, page in stored.pages:
                    kept = self.kept.pop(position, None)
                    records, refused = self._records(page) if kept is None else kept
                    fetch.add(SESSIONS, part, records, position, lookups, refused)
        if fetch.covered is not None:
            # An event that the step before showed to be over is outside the window by now.
            read = {row for one in asked if (row := lookups["adm.events"].get(one)) is not None}
            fetch.covered |= read
        return evolve(window, ids=tuple(one for one in window.ids if one not in asked))

    def _part(self, entity: Entity, part: Part, lookups: Lookups, stored: StoredPart) -> Fetch:
        fetch = Fetch()
        before: list[Record] = []
        if stored.pages:
            _log("pages of before used", entity, part, pages=len(stored.pages))
        for position, page in stored.pages:
            records, refused = self._records(page)
            fetch.add(entity, part, records, position, lookups, refused)
            before += records if part.listing.in_order_of else ()
        if stored.completed is not None:
            fetch.complete, fetch.why = stored.completed.complete, stored.completed.reason
            return fetch
        progress = None
        if stored.pages:
            ids = [record_id for _, page in stored.pages for record_id in page.ids]
            progress = Progress(stored.pages[-1][1].total, ids)
            if len(ids) == progress.total and not (part.listing.in_order_of and ids):
                # Interrupted between the last page and FetchCompleted. Behind the last record of
                # an ordered list it is asked once more: what was edited meanwhile moved there.
                whole = Completeness(complete=True, fetched=len(ids), total=len(ids), passes=1)
                self.run.append(fetch_completed(entity, part, whole))
                return fetch
        for item in self._pages(part, progress, before):
            match item:
                case Page():
                    position = self._append_page(entity, part, item)
                    fetch.add(entity, part, item.records, position, lookups, item.refused)
                    if part.listing is SYNCED_EVENTS_WITH_SESSIONS:
                        self.kept[position] = item.records, item.refused
                    self.on_page(item.offset + len(item.ids), item.total)
                    self.run.stop.check()
                case Restarted(why=why):
                    _log("list changed; fetching it anew", entity, part, why=why)
                    self.run.append(FetchRestarted(entity=entity.name, part=part.name, reason=why))
                    fetch = Fetch()
                case Completeness(error=AdministrateError() as error):
                    return self._failed(entity, part, lookups, fetch, error)
                case Completeness():
                    self.run.append(fetch_completed(entity, part, item))
                    fetch.complete, fetch.why = item.complete, item.why
        return fetch

    def _pages(
        self, part: Part, progress: Progress | None, before: list[Record]
    ) -> Iterator[Page | Restarted | Completeness]:
        if part.listing.in_order_of:
            return follow_pages(
                self.client, part.listing, part.variables, self.paging, part.since, before
            )
        return fetch_pages(self.client, part.listing, part.variables, self.paging, progress)

    def _failed(
        self, entity: Entity, part: Part, lookups: Lookups, fetch: Fetch, error: AdministrateError
    ) -> Fetch:
        """What is left of a list that cannot be read; raises the error where nothing is."""
        untold = not self._failed_before(error)
        self.run.append(fetch_failed(entity, part, error))
        if part.whole is not None and _is_no_order(part, error):
            fetch = self._part(entity, part.whole, lookups, StoredPart())
            if untold:
                fetch.notes.append(
                    f"Administrate knows no order of {entity.many} by {part.listing.in_order_of}:"
                    " all are read each time"
                )
            return fetch
        if not _may_not_be_read(entity, part, error):
            raise error
        fetch.leave_out(entity, part, error.said)
        return fetch

    def _failed_before(self, error: AdministrateError) -> bool:
        """Whether the operation has failed in that way before, in any run."""
        failures = self.run.ledger.read(Selection(types=[FetchFailed.__name__]))
        return any(
            isinstance(one.event, FetchFailed)
            and (one.event.operation, one.event.kind) == (error.operation, type(error).__name__)
            for one in failures
        )

    def _append_page(self, entity: Entity, part: Part, page: Page) -> int:
        event = page_fetched(entity, part, page)
        bodies = {answer.body for answer in page.answers}
        [position] = self.run.append(event, blobs=bodies).positions
        so_far = page.offset + len(page.ids)
        _log("page fetched", entity, part, position=position, records=so_far, of=page.total)
        return position

    def _usable(
        self, entity: Entity, parts: Iterable[Part], stored: Mapping[str, StoredPart]
    ) -> dict[str, StoredPart]:
        """The stored pages of these parts that need not be fetched again."""
        by_name = {part.name: part for part in parts}
        found = {name: one for name, one in stored.items() if name in by_name}
        # With one page that is of no use, the whole list is fetched again.
        useless = {
            name: why for name, one in found.items() if (why := self._flaw(one, by_name[name]))
        }
        restarts = [
            FetchRestarted(entity=entity.name, part=name, reason=why)
            for name, why in useless.items()
        ]
        if restarts:
            self.run.append(*restarts)
        return {name: stored for name, stored in found.items() if name not in useless}

    def _flaw(self, stored: StoredPart, part: Part) -> str:
        """Why stored pages cannot be used; empty where they can."""
        if not stored.answers(part):
            return "the pages are of other records than those to ask for now"
        if not stored.is_fresh(self.fresh_since):
            return "the pages are too old to be used"
        return "a person on the pages was erased since" if self._is_erased(stored) else ""

    def _is_erased(self, stored: StoredPart) -> bool:
        with self.run.ledger.database.driver_transaction() as connection:
            return any(is_erased(connection, page) for _, page in stored.pages)

    def _records(self, page: PageFetched) -> Records:
        with self.run.ledger.database.driver_transaction() as connection:
            return records_of(connection, page)


def _is_no_order(part: Part, error: AdministrateError) -> bool:
    """Whether the list is refused since its records have no such order."""
    return isinstance(error, OperationRejected) and part.listing.in_order_of in error.said


def _may_not_be_read(entity: Entity, part: Part, error: AdministrateError) -> bool:
    """Whether this list is refused, and the others are not: not permitted, or its type does not
    exist."""
    match error:
        case NotPermitted() | RequestRefused(status=403):
            return entity.part_column is not None or entity.windowed
        case OperationRejected(said=said):
            return entity.part_column is not None and part.name in said
    return False


def _log(said: str, entity: Entity, part: Part, **more: object) -> None:
    named = {"part": part.name} if part.name else {}
    structlog.get_logger().info(said, entity=entity.name, **named, **more)
