"""The nine synced entities, each a declaration; the pipeline is the same for all."""

from __future__ import annotations

from ledger.schema import adm
from sync.entity import Entity, TutorialSide
from sync.matching.keys import COURSE_TEMPLATE, EVENT, INSTRUCTOR, LOCATION, SESSION, VENUE

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
    creatable=True,
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
    creatable=True,
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
    creatable=True,
)
COURSE_TEMPLATE_PRICES = Entity(
    name="course-template-price-levels",
    one="course template price",
    many="course template prices",
    table=adm.COURSE_TEMPLATE_PRICE_LEVELS,
    needs=("course-templates", "price-levels"),
)

# Those that are not over, and those linked; both shapes of the tables in one query. The scope is
# the course template, or in February's shape the product's subject, and the local start date.
_LIVE_EVENTS = """
SELECT e.id, e.code, concat(coalesce('t' || (j ->> 'course_template_id'), lower(s.code)), '|',
    coalesce(j ->> 'start_date', (((j ->> 'lms_start_date')::timestamptz
        AT TIME ZONE coalesce(z.name, 'Europe/London'))::date)::text))
FROM acted.tutorial_events e CROSS JOIN LATERAL (SELECT to_jsonb(e) AS j) AS row
LEFT JOIN pg_timezone_names z ON z.name = j ->> 'timezone'
LEFT JOIN acted.products p
    ON coalesce(to_jsonb(p) ->> 'id', to_jsonb(p) ->> 'purchasable_ptr_id')::bigint = e.product_id
LEFT JOIN acted.catalog_exam_session_subjects x ON x.id = p.exam_session_subject_id
LEFT JOIN acted.catalog_subjects s ON s.id = x.subject_id
WHERE coalesce((j ->> 'end_date')::date, (j ->> 'lms_end_date')::timestamptz::date, current_date)
        >= current_date
    OR EXISTS (SELECT FROM adm.events b WHERE b.tutorial_event_id = e.id)
"""
EVENTS = Entity(
    name="events",
    one="event",
    many="events",
    table=adm.EVENTS,
    needs=("custom-fields", "locations", "venues", "course-templates"),
    tutorial=TutorialSide(EVENT, "acted.tutorial_events", _LIVE_EVENTS),
    key_columns=("title",),
    scope_column="course_template_id",
    windowed=True,
)
SESSIONS = Entity(
    name="sessions",
    one="session",
    many="sessions",
    table=adm.SESSIONS,
    needs=("custom-fields", "instructors", "events"),
    tutorial=TutorialSide(
        SESSION,
        "acted.tutorial_sessions",
        "SELECT s.id, s.sequence::text, s.tutorial_event_id FROM acted.tutorial_sessions s"
        " WHERE EXISTS (SELECT FROM adm.events b WHERE b.tutorial_event_id = s.tutorial_event_id)",
    ),
    key_columns=("day_number",),
    scope_column="event_id",
    covered_by="event_id",
    windowed=True,
    given_up="day_number",
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
    EVENTS,
    SESSIONS,
)
BY_NAME = {entity.name: entity for entity in ENTITIES}
