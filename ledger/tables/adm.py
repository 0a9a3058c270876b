"""The bridge rows: schema ``adm``, projected from the ledger and read by other programs.

A row of Administrate's is found by ``external_id``. References within the schema are checked at
the end of the transaction and never cascade: what happens to a row, an event says.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

from ledger.tables.metadata import METADATA, key, moment

SCHEMA = "adm"


def _bridge(name: str, *items: SchemaItem, synced: bool = True) -> Table:
    # With defaults: other programs add rows, too.
    stamps = [moment(stamp, default=True) for stamp in ("created_at", "updated_at")]
    # Other programs stamp it, with a trigger or by hand.
    stamps[1].info["lived_on"] = True
    if synced:
        stamps.append(moment("last_synced", nullable=True))
    # When the record was found to be gone; its row stays for what refers to it.
    stamps.append(moment("gone_at", nullable=True))
    return Table(name, METADATA, key(), *items, *stamps, schema=SCHEMA)


def _external_id(*, nullable: bool = False, unique: bool = True) -> Column[str]:
    return Column("external_id", Text, nullable=nullable, unique=unique)


def _text(name: str, *, personal: bool = False) -> Column[str]:
    return Column(name, Text, nullable=True, info={"personal": personal})


def _word(name: str) -> Column[str]:
    """A text of Administrate's vocabulary: blended, draft."""
    return Column(name, Text, nullable=True, info={"word": True})


def _tutorial(name: str, table: str) -> Column[int]:
    reference = ForeignKey(f"acted.{table}.id", ondelete="SET NULL")
    return Column(name, BigInteger, reference, nullable=True, index=True, info={"link": True})


def _within(name: str, target: str) -> Column[object]:
    reference = ForeignKey(f"{SCHEMA}.{target}", deferrable=True, initially="DEFERRED")
    return Column(name, reference, nullable=True, index=True)


CUSTOM_FIELDS = _bridge(
    "custom_fields",
    _external_id(unique=False),
    _text("label"),
    _text("field_type"),
    _text("description"),
    Column("is_required", Boolean),
    Column("roles", JSONB),
    Column("entity_type", Text, nullable=False),
    UniqueConstraint("external_id", "entity_type"),
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
    _within("location_id", "locations.external_id"),
    _tutorial("tutorial_venue_id", "tutorial_venues"),
)
INSTRUCTORS = _bridge(
    "instructors",
    _external_id(),
    _text("legacy_id"),
    _text("first_name", personal=True),
    _text("last_name", personal=True),
    Column("is_active", Boolean),
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
    Column("amount", Numeric(10, 2)),
    UniqueConstraint("course_template_id", "price_level_id", deferrable=True, initially="DEFERRED"),
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
    Column("max_places", Integer),
    Column("min_places", Integer),
    moment("lms_start_date", nullable=True),
    moment("lms_end_date", nullable=True),
    _word("lifecycle_state"),
    _text("sitting"),
    # A day; where an older tool made it a moment, midnight in the event's zone.
    Column("finalisation_date", Date, info={"day": True}),
    Column("web_sale", Boolean),
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
    Column("day_number", Integer),
    moment("starts_at", nullable=True),
    moment("ends_at", nullable=True),
    _within("session_instructor_id", "instructors.id"),
    _text("session_url"),
    UniqueConstraint("event_id", "day_number", deferrable=True, initially="DEFERRED"),
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

BY_NAME = {f"{SCHEMA}.{table.name}": table for table in TABLES}


@cache
def link_column(table: Table) -> Column[object] | None:
    """The column by which a bridge row points to its tutorial record, where the table has one."""
    return next((column for column in table.columns if column.info.get("link")), None)


@cache
def words(table: Table) -> tuple[str, ...]:
    """The columns whose texts are of Administrate's vocabulary, in lower case."""
    return tuple(str(column.name) for column in table.columns if column.info.get("word"))


@cache
def linked_table(table: Table) -> str | None:
    """The tutorial table that the bridge rows of a table point to: ``acted.tutorial_venues``."""
    column = link_column(table)
    if column is None:
        return None
    [reference] = column.foreign_keys
    return reference.target_fullname.rpartition(".")[0]


def bridge_key(table: Table, row: Mapping[str, object]) -> str:
    """The key by which the ledger knows a bridge row: its Administrate id where it has one.

    A custom field's definition may serve several entity types, so its type is part of its key.
    """
    if row["external_id"] is None:
        return f"id={row['id']}"
    if table is CUSTOM_FIELDS:
        return f"{row['entity_type']}:{row['external_id']}"
    return str(row["external_id"])


def key_expression(table: Table, row: str) -> str:
    """``bridge_key`` in SQL, of a row of the table that a query calls ``row``."""
    kind = f"{row}.entity_type || ':' || " if table is CUSTOM_FIELDS else ""
    return f"coalesce({kind}{row}.external_id, 'id=' || {row}.id)"
