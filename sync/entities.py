"""The seven synced entities, each a declaration; the pipeline is the same for all."""

from __future__ import annotations

from ledger.schema import adm
from sync.entity import Entity, TutorialSide
from sync.matching.keys import COURSE_TEMPLATE, INSTRUCTOR, LOCATION, VENUE

CUSTOM_FIELDS = Entity(
    name="custom-fields",
    one="custom field",
    many="custom fields",
    table=adm.CUSTOM_FIELDS,
    part_column="entity_type",
    needed_part="Event",
)
PRICE_LEVELS = Entity(
    name="price-levels",
    one="price level",
    many="price levels",
    table=adm.PRICE_LEVELS,
)
LOCATIONS = Entity(
    name="locations",
    one="location",
    many="locations",
    table=adm.LOCATIONS,
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
