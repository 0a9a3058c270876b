"""A run's stored pages, read from the ledger, and the records on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from attrs import define, field

from ledger.events import FetchCompleted, FetchRestarted, PageFetched
from ledger.store.blobs import get_blob
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from sync.administrate.reads.listings import Listing, Record, Refusal, assemble, refused_of
from sync.administrate.reads.listings import Part as Answered
from sync.entity import Entity
from sync.fetch.source import Part

# What a request says of its page alone.
_OF_A_PAGE = ("first", "offset")


@define
class StoredPart:
    """A run's stored pages of a part: the pages by position, the oldest time, and how the fetch
    ended."""

    pages: list[tuple[int, PageFetched]] = field(factory=list)
    completed: FetchCompleted | None = None
    oldest: datetime | None = None

    def is_fresh(self, since: datetime) -> bool:
        """Whether no page is older."""
        return self.oldest is None or self.oldest >= since

    def answers(self, part: Part) -> bool:
        """Whether the pages are of the list that the part asks for."""
        asked = [page.answers[0].variables for _, page in self.pages]
        return all(
            {name: value for name, value in one.items() if name not in _OF_A_PAGE} == part.variables
            for one in asked
        )


def stored_parts(ledger: Ledger, run_id: UUID, entity: Entity) -> dict[str, StoredPart]:
    """A run's stored pages of an entity, by part, since the last restart."""
    found: dict[str, StoredPart] = {}
    types = [kind.__name__ for kind in (PageFetched, FetchRestarted, FetchCompleted)]
    for recorded in ledger.read(Selection(run_id=run_id, types=types)):
        match recorded.event:
            case PageFetched(entity=entity.name) as page:
                stored = found.setdefault(page.part, StoredPart())
                stored.pages.append((recorded.position, page))
                stored.oldest = stored.oldest or recorded.recorded_at
            case FetchRestarted(entity=entity.name, part=name):
                found[name] = StoredPart()
            case FetchCompleted(entity=entity.name) as completed:
                found.setdefault(completed.part, StoredPart()).completed = completed
    return found


def is_erased(connection: psycopg.Connection[Any], page: PageFetched) -> bool:
    """Whether an answer of the page was deleted with an erased person."""
    return any(get_blob(connection, bytes.fromhex(one.digest)) is None for one in page.answers)


def records_of(
    connection: psycopg.Connection[Any], part: Part, page: PageFetched
) -> tuple[tuple[Record, ...], tuple[Refusal, ...]]:
    """The records of a page, and the refused ones, from its stored answers."""
    answered = [
        Answered.stored(
            _listing(part.listing, answer.operation),
            dict(answer.variables),
            get_blob(connection, bytes.fromhex(answer.digest)) or b"",
        )
        for answer in page.answers
    ]
    records = assemble(part.listing, page.ids, answered)
    return records, refused_of(part.listing, page.ids, answered)


def _listing(listing: Listing, operation: str) -> Listing:
    """The listing, or the nested one, that the operation reads."""
    return next(one for one in _with_nested(listing) if one.operation.name == operation)


def _with_nested(listing: Listing) -> Iterator[Listing]:
    yield listing
    for nested in listing.nested.values():
        yield from _with_nested(nested)
