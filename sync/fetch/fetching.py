"""Fetches an entity: every page is appended as it comes, and reused after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import structlog
from attrs import frozen

from ledger.database.connection import driver
from ledger.events import (
    FetchCompleted,
    FetchFailed,
    FetchRestarted,
    PageFetched,
    StoredAnswer,
)
from ledger.runs.run import Run
from ledger.store.blobs import blob_digest
from sync.administrate.client import Administrate, Answer
from sync.administrate.errors import (
    AdministrateError,
    NotPermitted,
    OperationRejected,
    RequestRefused,
)
from sync.administrate.reads.listings import Record, Refusal, Slice
from sync.administrate.reads.pages import Completeness, Page, Paging, Restarted, fetch_pages
from sync.administrate.reads.passes import Progress
from sync.entity import Entity, Lookups
from sync.fetch.fetched import Fetch
from sync.fetch.source import Part, Window
from sync.fetch.sources import source_of
from sync.fetch.stored_pages import StoredPart, is_erased, records_of, stored_parts

# Called after each page: how many records so far, of how many.
OnPage = Callable[[int, int], None]


@frozen
class Fetcher:
    """Fetches for one run. The run's pages recorded after ``fresh_since`` are reused."""

    run: Run
    client: Administrate
    paging: Paging
    fresh_since: datetime
    on_page: OnPage

    def entity(self, entity: Entity, lookups: Lookups, window: Window) -> Fetch:
        """The records of the entity, all or those in the window.

        Raises the ``AdministrateError`` that ended the fetch, after recording it.
        """
        parts = source_of(entity).parts_for(window)
        stored = self._stored_parts(entity, parts)
        covered = window.covered if entity.windowed and not window.every else None
        fetch = Fetch(covered=covered, covered_by=entity.covered_by, again=window.again)
        for part in parts:
            fetch.absorb(self._part(entity, part, lookups, stored.get(part.name, StoredPart())))
        if entity.windowed and fetch.refused_parts:
            # Nothing is known of what is not there.
            fetch.covered = frozenset()
        return fetch

    def _part(self, entity: Entity, part: Part, lookups: Lookups, stored: StoredPart) -> Fetch:
        fetch = Fetch()
        if stored.pages:
            _log("pages of before used", entity, part, pages=len(stored.pages))
        for position, page in stored.pages:
            records, refused = self._records(part, page)
            fetch.add(entity, part, records, position, lookups, refused)
        if stored.completed is not None:
            fetch.complete, fetch.why = stored.completed.complete, stored.completed.reason
            return fetch
        progress = None
        if stored.pages:
            ids = [record_id for _, page in stored.pages for record_id in page.ids]
            progress = Progress(stored.pages[-1][1].total, ids)
            if len(ids) == progress.total:
                # Interrupted between the last page and FetchCompleted.
                whole = Completeness(complete=True, fetched=len(ids), total=len(ids), passes=1)
                self.run.append(_completed(entity, part, whole))
                return fetch
        for item in fetch_pages(self.client, part.listing, part.variables, self.paging, progress):
            match item:
                case Page():
                    position = self._append_page(entity, part, item)
                    fetch.add(entity, part, item.records, position, lookups, item.refused)
                    self.on_page(item.offset + len(item.ids), item.total)
                    self.run.stop.check()
                case Restarted(why=why):
                    _log("list changed; fetching it anew", entity, part, why=why)
                    self.run.append(FetchRestarted(entity=entity.name, part=part.name, reason=why))
                    fetch = Fetch()
                case Completeness(error=AdministrateError() as error):
                    self.run.append(_failed(entity, part, error))
                    if not _may_not_be_read(entity, part, error):
                        raise error
                    fetch.leave_out(entity, part, error.said)
                case Completeness():
                    self.run.append(_completed(entity, part, item))
                    fetch.complete, fetch.why = item.complete, item.why
        return fetch

    def _append_page(self, entity: Entity, part: Part, page: Page) -> int:
        event = PageFetched(
            entity=entity.name,
            part=part.name,
            offset=page.offset,
            total=page.total,
            ids=page.ids,
            answers=tuple(_stored(answer) for answer in page.answers),
        )
        bodies = {answer.body for answer in page.answers}
        [position] = self.run.append(event, blobs=bodies).positions
        so_far = page.offset + len(page.ids)
        _log("page fetched", entity, part, position=position, records=so_far, of=page.total)
        return position

    def _stored_parts(self, entity: Entity, parts: Iterable[Part]) -> dict[str, StoredPart]:
        by_name = {part.name: part for part in parts}
        stored = stored_parts(self.run.ledger, self.run.run_id, entity)
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
        with self.run.ledger.database.driver_transaction() as connection:
            erased = any(is_erased(connection, page) for _, page in stored.pages)
        return "a person on the pages was erased since" if erased else ""

    def _records(
        self, part: Part, page: PageFetched
    ) -> tuple[tuple[Record, ...], tuple[Refusal, ...]]:
        with self.run.ledger.database.transaction() as connection:
            return records_of(driver(connection), part, page)


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


def _stored(answer: Answer[Slice]) -> StoredAnswer:
    return StoredAnswer(
        operation=answer.operation,
        variables=answer.variables,
        digest=blob_digest(answer.body).hex(),
        status=answer.status,
        milliseconds=round(answer.duration * 1000),
    )


def _completed(entity: Entity, part: Part, end: Completeness) -> FetchCompleted:
    return FetchCompleted(
        entity=entity.name,
        part=part.name,
        records=end.fetched,
        complete=end.complete,
        reason=end.why,
    )


def _failed(entity: Entity, part: Part, error: AdministrateError) -> FetchFailed:
    return FetchFailed(
        entity=entity.name,
        part=part.name,
        operation=error.operation,
        kind=type(error).__name__,
        attempts=error.attempts,
        said=error.said,
    )
