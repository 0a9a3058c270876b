"""The seven entities that are synced, each a declaration; the pipeline is the same for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import field, frozen
from sqlalchemy import Table

from ledger.tables import adm
from ledger.values import Fields, Personal, Value
from sync.administrate import reads
from sync.administrate.answers import amount
from sync.administrate.listings import Listing, Record, nodes
from sync.matching.keys import COURSE_TEMPLATE, INSTRUCTOR, LOCATION, VENUE, Rule


@frozen
class Skipped:
    """A record that cannot become a bridge row, and why, for the report."""

    key: str
    why: str


@frozen
class Observed:
    """A record as it becomes a bridge row: the key it is known by, and the row's columns."""

    key: str
    fields: Fields


# The primary keys of the rows of the entities needed, by table name and Administrate id.
Lookups = Mapping[str, Mapping[str, int]]


@frozen(eq=False)
class Part:
    """One list an entity is read from; most have one. ``name`` tells it from the others."""

    listing: Listing
    name: str = ""
    variables: Mapping[str, Any] = field(factory=dict)


@frozen
class TutorialSide:
    """The tutorial records of an entity, and the rule that matches them.

    ``active`` is the SQL that gives those that take part: id, the rule's fields in order, and the
    scope where the rule has one.
    """

    rule: Rule
    table: str
    active: str


@frozen(eq=False)
class Entity:
    """What a sync of it fetches, needs, stores and matches.

    ``observe`` makes bridge rows of a fetched record, with the part it is of. ``needs`` names the
    entities that must have been synced before. ``key_columns`` are the bridge columns in which
    the rule's fields stand.
    """

    name: str
    one: str
    many: str
    table: Table
    parts: tuple[Part, ...]
    observe: Callable[[Record, Part, Lookups], Sequence[Observed | Skipped]]
    needs: tuple[str, ...] = ()
    tutorial: TutorialSide | None = None
    key_columns: tuple[str, ...] = ()
    scope_column: str | None = None

    @property
    def title(self) -> str:
        """The entity at the head of a line."""
        return self.many[0].upper() + self.many[1:]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _person(value: object) -> Value:
    return None if value is None else Personal(str(value))


def _single(record: Record, **fields: Value) -> list[Observed]:
    return [Observed(str(record["id"]), {"external_id": str(record["id"]), **fields})]


def _custom_field(record: Record, part: Part, _lookups: Lookups) -> list[Observed]:
    key = str(record["key"])
    fields: Fields = {
        "external_id": key,
        "label": _text(record["label"]),
        "field_type": _text(record["type"]),
        "description": _text(record.get("description")),
        "is_required": bool(record["isRequired"]),
        "roles": list(record["roles"] or []),
        "entity_type": part.name,
    }
    # One definition may serve several types.
    return [Observed(f"{part.name}:{key}", fields)]


def _price_level(record: Record, _part: Part, _lookups: Lookups) -> list[Observed]:
    return _single(record, name=_text(record["name"]), description=_text(record.get("description")))


def _location(record: Record, _part: Part, _lookups: Lookups) -> list[Observed]:
    return _single(
        record,
        legacy_id=_text(record["legacyId"]),
        name=_text(record["name"]),
        code=_text(record.get("code")),
    )


def _venue(record: Record, _part: Part, lookups: Lookups) -> list[Observed]:
    location = str(record["location"]["id"])
    known = location in lookups["adm.locations"]
    return _single(
        record,
        name=_text(record["name"]),
        description=_text(record.get("description")),
        # A location that came since locations were synced is there after their next sync.
        location_id=location if known else None,
    )


def _instructor(record: Record, _part: Part, _lookups: Lookups) -> list[Observed]:
    name = record.get("personalName") or {}
    return _single(
        record,
        legacy_id=_text(record["legacyId"]),
        first_name=_person(name.get("firstName")),
        last_name=_person(name.get("lastName")),
        is_active=not record["hasLeftCompany"],
    )


def _course_template(record: Record, _part: Part, _lookups: Lookups) -> list[Observed]:
    values = {v["definitionKey"]: v.get("value") for v in record["customFieldValues"]}
    return _single(
        record,
        code=_text(record["code"]),
        title=_text(record["title"]),
        event_learning_mode=_text(record.get("eventLearningMode")),
        custom_fields=values,
    )


def _prices(record: Record, _part: Part, lookups: Lookups) -> list[Observed | Skipped]:
    template = lookups["adm.course_templates"].get(str(record["id"]))
    found: list[Observed | Skipped] = []
    levels: set[str] = set()
    for price in sorted(nodes(record, "publicPrices"), key=lambda one: str(one["id"])):
        key, level = str(price["id"]), (price["priceLevel"] or {}).get("id")
        value = amount(price["amount"]).quantize(Decimal("0.01"))
        if template is None:
            why = "its course template is not synced yet"
        elif level is not None and level not in lookups["adm.pricelevels"]:
            why = "its price level is not synced yet"
        elif level in levels:
            why = "another price of the same template and level, in another region or currency"
        elif abs(value) >= _LARGEST_AMOUNT:
            why = f"the amount {value} has more than eight digits before the point"
        else:
            fields: Fields = {
                "external_id": key,
                "course_template_id": template,
                "price_level_id": lookups["adm.pricelevels"][level] if level else None,
                "amount": value,
            }
            found.append(Observed(key, fields))
            levels.add(level or key)
            continue
        found.append(Skipped(key, f"{record['code']}, {price['amount']}: {why}"))
    return found


_LARGEST_AMOUNT = Decimal(10) ** 8
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

CUSTOM_FIELDS = Entity(
    name="custom-fields",
    one="custom field",
    many="custom fields",
    table=adm.CUSTOM_FIELDS,
    parts=tuple(
        Part(reads.CUSTOM_FIELD_DEFINITIONS, name, {"type": name}) for name in _WITH_CUSTOM_FIELDS
    ),
    observe=_custom_field,
)
PRICE_LEVELS = Entity(
    name="price-levels",
    one="price level",
    many="price levels",
    table=adm.PRICE_LEVELS,
    parts=(Part(reads.PRICE_LEVELS),),
    observe=_price_level,
)
LOCATIONS = Entity(
    name="locations",
    one="location",
    many="locations",
    table=adm.LOCATIONS,
    parts=(Part(reads.LOCATIONS),),
    observe=_location,
    tutorial=TutorialSide(
        LOCATION,
        "acted.tutorial_locations",
        "SELECT id, name FROM acted.tutorial_locations WHERE is_active",
    ),
    key_columns=("name",),
)
VENUES = Entity(
    name="venues",
    one="venue",
    many="venues",
    table=adm.VENUES,
    parts=(Part(reads.VENUES),),
    observe=_venue,
    needs=("locations",),
    tutorial=TutorialSide(
        VENUE, "acted.tutorial_venues", "SELECT id, name, location_id FROM acted.tutorial_venues"
    ),
    key_columns=("name",),
    scope_column="location_id",
)
INSTRUCTORS = Entity(
    name="instructors",
    one="instructor",
    many="instructors",
    table=adm.INSTRUCTORS,
    parts=(Part(reads.CONTACTS, variables=reads.INSTRUCTORS),),
    observe=_instructor,
    tutorial=TutorialSide(
        INSTRUCTOR,
        "acted.tutorial_instructors",
        "SELECT i.id, u.first_name, u.last_name FROM acted.tutorial_instructors i"
        " JOIN acted.staff s ON s.id = i.staff_id JOIN public.auth_user u ON u.id = s.user_id"
        " WHERE i.is_active",
    ),
    key_columns=("first_name", "last_name"),
)
COURSE_TEMPLATES = Entity(
    name="course-templates",
    one="course template",
    many="course templates",
    table=adm.COURSE_TEMPLATES,
    parts=(Part(reads.COURSE_TEMPLATES),),
    observe=_course_template,
    needs=("custom-fields",),
    tutorial=TutorialSide(
        COURSE_TEMPLATE,
        "acted.tutorial_course_templates",
        "SELECT id, code FROM acted.tutorial_course_templates WHERE is_active",
    ),
    key_columns=("code",),
)
COURSE_TEMPLATE_PRICES = Entity(
    name="course-template-price-levels",
    one="course template price",
    many="course template prices",
    table=adm.COURSE_TEMPLATE_PRICE_LEVELS,
    parts=(Part(reads.COURSE_TEMPLATE_PRICES),),
    observe=_prices,
    needs=("course-templates", "price-levels"),
)

# In the order in which `sync all` takes them.
ENTITIES = (
    CUSTOM_FIELDS,
    PRICE_LEVELS,
    LOCATIONS,
    VENUES,
    INSTRUCTORS,
    COURSE_TEMPLATES,
    COURSE_TEMPLATE_PRICES,
)
BY_NAME = {entity.name: entity for entity in ENTITIES}
