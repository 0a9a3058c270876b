"""Where each entity's records come from in Administrate, one declaration each."""

from __future__ import annotations

from collections.abc import Mapping

from sync import entities
from sync.administrate.reads import queries
from sync.entity import Entity
from sync.fetch import bridge_rows
from sync.fetch.source import Part, Source

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
}


def source_of(entity: Entity) -> Source:
    """What is fetched of an entity."""
    return _SOURCES[entity]
