"""Descriptions of events for people: a sentence and the changes, one declaration an event type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ledger.events import Event, MatchesReaffirmed, PageFetched
from ledger.history.telling.imports import IMPORTS
from ledger.history.telling.records import RECORDS
from ledger.history.telling.runs import RUNS, page_source
from ledger.history.telling.words import Names, Tellers, Told
from ledger.store.entries import Recorded

TELLERS: Tellers = {**IMPORTS, **RECORDS, **RUNS}
# Descriptions of an event as the origin of others, where they differ from its own description.
_SOURCES: Mapping[type[Event], Callable[[Any], str]] = {PageFetched: page_source}


def tell(event: Event, names: Names) -> Told:
    """The event's description, with display names beside ids."""
    return TELLERS[type(event)](event, names)


def source(cause: Recorded, names: Names) -> str:
    """The origin of an event caused by this one: the call, the workbook cell, the decision."""
    told = _SOURCES.get(type(cause.event), lambda event: tell(event, names).sentence)
    return f"{told(cause.event)} (position {cause.position})"


def named_in(event: Event) -> Iterator[str]:
    """The records whose display names the event's description may need."""
    if (record := event.record()) is not None:
        yield record
    if not isinstance(event, MatchesReaffirmed):
        yield from event.others()


__all__ = ["TELLERS", "Names", "Told", "named_in", "source", "tell"]
