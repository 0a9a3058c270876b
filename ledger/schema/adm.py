"""The bridge rows: schema ``adm``, projected from the ledger and read by other programs.

A row of Administrate's is found by ``external_id``. References within the schema are checked at
the end of the transaction and never cascade: what happens to a row, an event says.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from attrs import evolve

from ledger.schema.declared import (
    BIGINT,
    BOOLEAN,
    DATE,
    INTEGER,
    JSONB,
    TEXT,
    Column,
    Table,
    Unique,
    key,
    moment,
)

SCHEMA = "adm"


def _bridge(
    name: str, *columns: Column, synced: bool = True, unique: Unique | None = None
) -> Table:
    stamps = [
        # With defaults: other programs add rows, too.
        moment("created_at", default=True),
        # Other programs stamp it, with a trigger or by hand.
        evolve(moment("updated_at", default=True), lived_on=True),
        *([moment("last_synced", nullable=True)] if synced else ()),
        # When the record was found to be gone; its row stays for what refers to it.
        moment("gone_at", nullable=True),
    ]
    constraints = () if unique is None else (unique,)
    return Table(SCHEMA, name, (key(), *columns, *stamps), constraints)


def _external_id(*, nullable: bool = False, unique: bool = True) -> Column:
    return Column("external_id", TEXT, nullable=nullable, unique=unique)


def _text(name: str, *, personal: bool = False) -> Column:
    return Column(name, TEXT, personal=personal)


def _word(name: str) -> Column:
    """A text of Administrate's vocabulary: blended, draft."""
    return Column(name, TEXT, word=True)


def _tutorial(name: str, table: str) -> Column:
    target = f"acted.{table}.id"
    return Column(name, BIGINT, index=True, link=True, refers_to=target, on_delete="SET NULL")


def _within(name: str, target: str, kind: str = BIGINT) -> Column:
    return Column(name, kind, index=True, refers_to=f"{SCHEMA}.{target}")


CUSTOM_FIELDS = _bridge(
    "custom_fields",
    _external_id(unique=False),
    _text("label"),
    _text("field_type"),
    _text("description"),
    Column("is_required", BOOLEAN),
    Column("roles", JSONB),
    Column("entity_type", TEXT, nullable=False),
    unique=Unique(("external_id", "entity_type")),
)
PRICE_LEVELS = _bridge("pricelevels", _external_id(), _text("name"), _text("description"))
LOCATIONS = _bridge(
    "locations",
    _external_id(),
    _text("legacy_id"),
    _text("name"),
    _text("code"),
    _tutorial("tutorial_location_id", "tutorial_locations"),
)
VENUES = _bridge(
    "venues",
    _external_id(),
    _text("name"),
    _text("description"),
    _within("location_id", "locations.external_id", TEXT),
    _tutorial("tutorial_venue_id", "tutorial_venues"),
)
INSTRUCTORS = _bridge(
    "instructors",
    _external_id(),
    _text("legacy_id"),
    _text("first_name", personal=True),
    _text("last_name", personal=True),
    Column("is_active", BOOLEAN),
    _tutorial("tutorial_instructor_id", "tutorial_instructors"),
)
COURSE_TEMPLATES = _bridge(
    "course_templates",
    _external_id(),
    _text("code"),
    _text("title"),
    _word("event_learning_mode"),
    Column("custom_fields", JSONB),
    _tutorial("tutorial_course_template_id", "tutorial_course_templates"),
)
COURSE_TEMPLATE_PRICE_LEVELS = _bridge(
    "course_template_price_levels",
    _external_id(),
    _within("course_template_id", "course_templates.id"),
    _within("price_level_id", "pricelevels.id"),
    Column("amount", "numeric(10,2)"),
    unique=Unique(("course_template_id", "price_level_id"), deferrable=True),
)
EVENTS = _bridge(
    "events",
    _external_id(nullable=True),
    _text("legacy_id"),
    _tutorial("tutorial_event_id", "tutorial_events"),
    _within("course_template_id", "course_templates.id"),
    _text("title"),
    _word("learning_mode"),
    _within("location_id", "locations.id"),
    _within("venue_id", "venues.id"),
    _within("primary_instructor_id", "instructors.id"),
    Column("max_places", INTEGER),
    Column("min_places", INTEGER),
    moment("lms_start_date", nullable=True),
    moment("lms_end_date", nullable=True),
    _word("lifecycle_state"),
    _text("sitting"),
    Column("finalisation_date", DATE, day=True),
    Column("web_sale", BOOLEAN),
    _text("ocr_moodle_code"),
    _text("event_url"),
    _text("timezone"),
    synced=False,
)
SESSIONS = _bridge(
    "sessions",
    _external_id(nullable=True),
    _within("event_id", "events.id"),
    _tutorial("tutorial_session_id", "tutorial_sessions"),
    _text("title"),
    Column("day_number", INTEGER),
    moment("starts_at", nullable=True),
    moment("ends_at", nullable=True),
    _within("session_instructor_id", "instructors.id"),
    _text("session_url"),
    unique=Unique(("event_id", "day_number"), deferrable=True),
    synced=False,
)

# In the order in which rows can be made: what is referred to stands before what refers to it.
TABLES = (
    CUSTOM_FIELDS,
    PRICE_LEVELS,
    LOCATIONS,
    VENUES,
    INSTRUCTORS,
    COURSE_TEMPLATES,
    COURSE_TEMPLATE_PRICE_LEVELS,
    EVENTS,
    SESSIONS,
)

BY_NAME = {table.fullname: table for table in TABLES}


@cache
def link_name(table: str) -> str | None:
    """The column by which a bridge row points to its tutorial record; ``None`` for a table whose
    rows do not."""
    column = _link(table)
    return None if column is None else column.name


@cache
def linked_table(table: str) -> str | None:
    """The tutorial table that a bridge table's rows point to: ``acted.tutorial_venues``."""
    column = _link(table)
    return None if column is None else column.referred


def _link(table: str) -> Column | None:
    columns = BY_NAME[table].columns if table in BY_NAME else ()
    return next((column for column in columns if column.link), None)


@cache
def words(table: str) -> tuple[str, ...]:
    """The columns whose texts are of Administrate's vocabulary, in lower case."""
    return tuple(column.name for column in BY_NAME[table].columns if column.word)


def bridge_key(table: str, row: Mapping[str, object]) -> str:
    """The key by which the ledger knows a row of a bridge table: its Administrate id where it has
    one.

    A custom field's definition may serve several entity types, so its type is part of its key.
    """
    if row["external_id"] is None:
        return f"id={row['id']}"
    if table == CUSTOM_FIELDS.fullname:
        return f"{row['entity_type']}:{row['external_id']}"
    return str(row["external_id"])


def key_expression(table: str, row: str) -> str:
    """``bridge_key`` in SQL, of a row of the table that a query calls ``row``."""
    kind = f"{row}.entity_type || ':' || " if table == CUSTOM_FIELDS.fullname else ""
    return f"coalesce({kind}{row}.external_id, 'id=' || {row}.id)"
