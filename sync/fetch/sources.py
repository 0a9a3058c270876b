"""Where each entity's records come from in Administrate, one declaration each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sync import entities
from sync.administrate.reads import queries
from sync.administrate.reads.listings import Listing
from sync.administrate.reads.queries import Filter, where
from sync.entity import Entity
from sync.fetch import bridge_rows, event_rows
from sync.fetch.source import CURRENT, Part, Source, Window

# The schema's SupportsCustomField.
_WITH_CUSTOM_FIELDS = (
    "CourseTemplate",
    "Account",
    "Event",
    "Contact",
    "Opportunity",
    "Learner",
    "LearningPath",
    "Session",
    "OpportunityEventInterestLearner",
    "LearningPathLearner",
    "OpportunityPathInterestLearner",
    "StockItem",
    "Company",
    "Achievement",
    "OpportunityStockItemInterest",
    "Course",
    "Content",
    "OpportunityPassInterestLearner",
    "TokenIssue",
)

# Ids that a request asks for: as many as Administrate has records on a page.
_IDS = 100
_EVENTS, _SESSIONS = Part(queries.SYNCED_EVENTS), Part(queries.SYNCED_SESSIONS)


def _by_id(listing: Listing, window: Window) -> Iterator[Part]:
    """The lists of the records of the window's ids, by their numbers."""
    called = "again" if window.again else "by id"
    for number, start in enumerate(range(0, len(window.ids), _IDS), start=1):
        these = Filter("id", "in", window.ids[start : start + _IDS])
        yield Part(listing, f"{called} {number}", where(these))


def _events(window: Window) -> tuple[Part, ...]:
    """The known events by id, which finds those that are gone, then the current ones that were
    updated since; or all."""
    if window.again:
        return tuple(_by_id(queries.SYNCED_EVENTS, window))
    if window.every:
        return (_updated("", {}),)
    together = window.with_sessions
    listing = queries.SYNCED_EVENTS_WITH_SESSIONS if together else queries.SYNCED_EVENTS
    current = where(Filter("end", "ge", window.since))
    return (*_by_id(listing, window), _updated(CURRENT, current, window.updated_since))


def _updated(name: str, variables: Mapping[str, Any], since: str = "") -> Part:
    whole = Part(queries.SYNCED_EVENTS, name, variables)
    return Part(queries.UPDATED_EVENTS, name, variables, since, whole)


def _sessions(window: Window) -> tuple[Part, ...]:
    """The sessions of the events in the window."""
    return tuple(_by_id(queries.SYNCED_SESSIONS, window))


_SOURCES: Mapping[Entity, Source] = {
    entities.CUSTOM_FIELDS: Source(
        tuple(
            Part(queries.CUSTOM_FIELD_DEFINITIONS, name, {"type": name})
            for name in _WITH_CUSTOM_FIELDS
        ),
        bridge_rows.custom_field,
        bridge_rows.refused_custom_field,
    ),
    entities.PRICE_LEVELS: Source((Part(queries.PRICE_LEVELS),), bridge_rows.price_level),
    entities.LOCATIONS: Source((Part(queries.LOCATIONS),), bridge_rows.location),
    entities.VENUES: Source((Part(queries.VENUES),), bridge_rows.venue),
    entities.INSTRUCTORS: Source(
        (Part(queries.CONTACTS, variables=queries.INSTRUCTORS),), bridge_rows.instructor
    ),
    entities.COURSE_TEMPLATES: Source(
        (Part(queries.COURSE_TEMPLATES),), bridge_rows.course_template
    ),
    entities.COURSE_TEMPLATE_PRICES: Source(
        (Part(queries.COURSE_TEMPLATE_PRICES),), bridge_rows.prices, bridge_rows.refused_price
    ),
    entities.EVENTS: Source((_EVENTS,), event_rows.event, of_window=_events),
    entities.SESSIONS: Source(
        (_SESSIONS,), event_rows.sessions, event_rows.refused_sessions, _sessions
    ),
}


def source_of(entity: Entity) -> Source:
    """What is fetched of an entity."""
    return _SOURCES[entity]
