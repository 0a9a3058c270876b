"""Fetches: the requests to Administrate, and its answers."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import BLOB, Event
from ledger.values import Fields


@frozen(kw_only=True)
class StoredAnswer:
    """A stored answer: its request, and the blob of its body.

    ``digest`` is the body's SHA-256 in hexadecimal, ``status`` HTTP's.
    """

    operation: str
    variables: Fields
    digest: str
    status: int
    milliseconds: int


@frozen(kw_only=True)
class PageFetched(Event):
    """One page of an entity arrived: the records from ``offset`` on that no earlier page held.

    ``part`` tells one list of an entity that has several; ``total`` is how many records the answer
    said the list has. The first answer is the page's, the others complete what it cut short.
    """

    entity: str
    part: str
    offset: int
    total: int
    ids: tuple[str, ...]
    answers: tuple[StoredAnswer, ...] = field(metadata=BLOB)


@frozen(kw_only=True)
class FetchFailed(Event):
    """An entity's pages could not be fetched to the end: the last error, after all attempts.

    ``said`` is what the server answered, cut to a bounded length.
    """

    entity: str
    part: str
    operation: str
    kind: str
    attempts: int
    said: str


@frozen(kw_only=True)
class FetchRestarted(Event):
    """The list changed while its pages were read; those fetched so far no longer count."""

    entity: str
    part: str
    reason: str


@frozen(kw_only=True)
class FetchCompleted(Event):
    """The last page of a list arrived. ``complete`` is whether its pages held every record."""

    entity: str
    part: str
    records: int
    complete: bool
    reason: str = ""
