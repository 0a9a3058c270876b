"""A run's stored pages, read from the ledger, and the records on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import psycopg
from attrs import define, field

from ledger.events import FetchCompleted, FetchRestarted, PageFetched
from ledger.store.blobs import get_blob, stored
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from sync.administrate.reads.following import updated_since
from sync.administrate.reads.listings import Part as Answered
from sync.administrate.reads.listings import Record, Refusal, assemble, refused_of
from sync.administrate.reads.queries import LISTINGS, SYNCED_EVENTS_WITH_SESSIONS
from sync.entities import EVENTS, SESSIONS
from sync.entity import Entity
from sync.fetch.source import Part

# What a request says of its page alone.
_OF_A_PAGE = ("first", "offset")
# How the parts of sessions are called whose pages are of events.
WITH_EVENTS = "with events "
_TOGETHER = SYNCED_EVENTS_WITH_SESSIONS.operation.name


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
        asked = [page.answers[0] for _, page in self.pages]
        variables = part.variables
        if part.listing.in_order_of:
            # Where the pages after the first begin follows from it.
            asked = asked[:1]
        if part.since:
            variables = updated_since(part.listing, variables, part.since)
        return all(
            one.operation == part.listing.operation.name
            and {n: value for n, value in one.variables.items() if n not in _OF_A_PAGE} == variables
            for one in asked
        )

    @property
    def asked_for(self) -> frozenset[str]:
        """The ids that the pages were asked for by."""
        filters = [one for _, page in self.pages for one in _filters(page)]
        return frozenset(value for one in filters for value in one.get("values", ()))


def stored_parts(ledger: Ledger, run_id: UUID, entity: Entity) -> dict[str, StoredPart]:
    """A run's stored pages of an entity, by part, since the last restart. Those of its events that
    have sessions on them are sessions' too, as parts ``WITH_EVENTS``."""
    found: dict[str, StoredPart] = {}
    types = [kind.__name__ for kind in (PageFetched, FetchRestarted, FetchCompleted)]
    for recorded in ledger.read(Selection(run_id=run_id, types=types)):
        event = cast("PageFetched | FetchRestarted | FetchCompleted", recorded.event)
        if event.entity == entity.name:
            name = event.part
        elif entity is SESSIONS and event.entity == EVENTS.name:
            name = f"{WITH_EVENTS}{event.part}"
        else:
            continue
        match event:
            case PageFetched():
                if event.entity == entity.name or event.answers[0].operation == _TOGETHER:
                    part = found.setdefault(name, StoredPart())
                    part.pages.append((recorded.position, event))
                    part.oldest = part.oldest or recorded.recorded_at
            case FetchRestarted():
                found[name] = StoredPart()
            case FetchCompleted():
                found.setdefault(name, StoredPart()).completed = event
    return found


def is_erased(connection: psycopg.Connection[Any], page: PageFetched) -> bool:
    """Whether an answer of the page was deleted with an erased person."""
    digests = {bytes.fromhex(one.digest) for one in page.answers}
    return stored(connection, digests) != digests


def records_of(
    connection: psycopg.Connection[Any], page: PageFetched
) -> tuple[tuple[Record, ...], tuple[Refusal, ...]]:
    """The records of a page, and the refused ones, from its stored answers."""
    answered = [
        Answered.stored(
            LISTINGS[answer.operation],
            dict(answer.variables),
            get_blob(connection, bytes.fromhex(answer.digest)) or b"",
        )
        for answer in page.answers
    ]
    listing = LISTINGS[page.answers[0].operation]
    return assemble(listing, page.ids, answered), refused_of(listing, page.ids, answered)


def _filters(page: PageFetched) -> list[Mapping[str, Any]]:
    return cast("list[Mapping[str, Any]]", page.answers[0].variables.get("filters", []))
