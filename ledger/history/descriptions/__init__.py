"""Descriptions of events for people: a sentence and the changes, one declaration an event type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ledger.events import Event, MatchesReaffirmed, PageFetched
from ledger.events.recorded import Recorded
from ledger.history.descriptions.agreement import AGREEMENT
from ledger.history.descriptions.imports import IMPORTS
from ledger.history.descriptions.records import RECORDS
from ledger.history.descriptions.runs import RUNS, page_source
from ledger.history.descriptions.words import Describers, Description, Names
from ledger.store.entries import Unreadable

DESCRIBERS: Describers = {**AGREEMENT, **IMPORTS, **RECORDS, **RUNS}
# Descriptions of an event as the origin of others, where they differ from its own description.
_SOURCES: Mapping[type[Event], Callable[[Any], str]] = {PageFetched: page_source}


def describe(event: Event, names: Names) -> Description:
    """The event's description, with display names beside ids."""
    if isinstance(event, Unreadable):
        return Description(f"An event that cannot be read: {event.why}")
    try:
        return DESCRIBERS[type(event)](event, names)
    except (LookupError, ValueError, TypeError, AttributeError) as problem:
        # Its fields are of their types; what is in them, nobody checked.
        kind = type(event).__name__
        return Description(f"{kind} with values that cannot be told: {type(problem).__name__}")


def source(cause: Recorded, names: Names) -> str:
    """The origin of an event caused by this one: the call, the workbook cell, the decision."""
    description = _SOURCES.get(type(cause.event), lambda event: describe(event, names).sentence)
    return f"{description(cause.event)} (position {cause.position})"


def named_in(event: Event) -> Iterator[str]:
    """The records whose display names the event's description may need."""
    if (record := event.record()) is not None:
        yield record
    if not isinstance(event, MatchesReaffirmed):
        yield from event.others()


__all__ = ["DESCRIBERS", "Description", "Names", "describe", "named_in", "source"]
