"""Fetches: what Administrate was asked, and what it answered."""

from __future__ import annotations

from attrs import frozen

from ledger.events.base import Event
from ledger.values import Fields


@frozen(kw_only=True)
class PageFetched(Event):
    """One page of an entity arrived; its body is the blob of that digest (SHA-256, hexadecimal).

    ``ids`` are the Administrate ids on it, in the order they came; ``total`` is how many records
    the answer said there are in all, where it said so. ``status`` is HTTP's.
    """

    entity: str
    operation: str
    variables: Fields
    offset: int
    ids: tuple[str, ...]
    total: int | None
    digest: str
    status: int
    milliseconds: int


@frozen(kw_only=True)
class FetchFailed(Event):
    """An attempt at a page failed. ``answer`` is what the server said, cut to a bounded length."""

    entity: str
    operation: str
    variables: Fields
    attempt: int
    kind: str
    answer: str


@frozen(kw_only=True)
class FetchRestarted(Event):
    """The set changed while its pages were read; the pages fetched so far no longer count."""

    entity: str
    reason: str


@frozen(kw_only=True)
class FetchCompleted(Event):
    """The last page of an entity arrived. ``complete`` is whether the pages held every record."""

    entity: str
    pages: int
    records: int
    complete: bool
    reason: str = ""
