"""What a fetch came to, as events: its pages, its end, its failure."""

from __future__ import annotations

from ledger.events import FetchCompleted, FetchFailed, PageFetched, StoredAnswer
from ledger.store.blobs import blob_digest
from sync.administrate.client import Answer
from sync.administrate.errors import AdministrateError
from sync.administrate.reads.listings import Slice
from sync.administrate.reads.pages import Completeness, Page
from sync.entity import Entity
from sync.fetch.source import Part


def page_fetched(entity: Entity, part: Part, page: Page) -> PageFetched:
    """A page; the bodies of its answers are stored by their digests."""
    return PageFetched(
        entity=entity.name,
        part=part.name,
        offset=page.offset,
        total=page.total,
        ids=page.ids,
        answers=tuple(_stored(answer) for answer in page.answers),
    )


def _stored(answer: Answer[Slice]) -> StoredAnswer:
    return StoredAnswer(
        operation=answer.operation,
        variables=answer.variables,
        digest=blob_digest(answer.body).hex(),
        status=answer.status,
        milliseconds=round(answer.duration * 1000),
    )


def fetch_completed(entity: Entity, part: Part, end: Completeness) -> FetchCompleted:
    """How a list ended that was read."""
    return FetchCompleted(
        entity=entity.name,
        part=part.name,
        records=end.fetched,
        complete=end.complete,
        reason=end.why,
    )


def fetch_failed(entity: Entity, part: Part, error: AdministrateError) -> FetchFailed:
    """The error that a list ended with."""
    return FetchFailed(
        entity=entity.name,
        part=part.name,
        operation=error.operation,
        kind=type(error).__name__,
        attempts=error.attempts,
        said=error.said,
    )
