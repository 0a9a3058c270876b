"""The tutorial tables: schema ``acted`` and ``public.auth_user``, owned by the web application.

They are made here only where they are missing, as on an empty database; one that exists is never
altered, and may be of another shape: which columns its rows have, ``shapes`` says.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    true,
)
from sqlalchemy.schema import SchemaItem

from ledger.tables.metadata import METADATA, key, moment

SCHEMA = "acted"


def _table(name: str, *items: SchemaItem, stamped: bool = True) -> Table:
    names = ("created_at", "updated_at") if stamped else ()
    stamps = [
        Column(
            stamp,
            DateTime(timezone=True),
            nullable=False,
            server_default=func.now(),
        )
        for stamp in names
    ]
    return Table(name, METADATA, key(), *items, *stamps, schema=SCHEMA)


def _refers(name: str, target: str, ondelete: str, *, unique: bool = False) -> Column[int]:
    reference, optional = ForeignKey(target, ondelete=ondelete), ondelete == "SET NULL"
    return Column(name, BigInteger, reference, nullable=optional, unique=unique)


def _active(name: str = "is_active") -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=true())


def _place() -> tuple[Column[int], Column[int]]:
    return (
        _refers("venue_id", "acted.tutorial_venues.id", "SET NULL"),
        _refers("location_id", "acted.tutorial_locations.id", "SET NULL"),
    )


AUTH_USER = Table(
    "auth_user",
    METADATA,
    Column("id", Integer, Identity(always=False), primary_key=True),
    Column("username", String(150), nullable=False, unique=True),
    Column("first_name", String(150), nullable=False, server_default=""),
    Column("last_name", String(150), nullable=False, server_default=""),
    Column("email", String(254), nullable=False, server_default=""),
    _active(),
    schema="public",
)
STAFF = _table(
    "staff",
    Column(
        "user_id",
        Integer,
        ForeignKey("public.auth_user.id", ondelete="RESTRICT"),
        nullable=False,
        unique=True,
    ),
)
COURSE_TEMPLATES = _table(
    "tutorial_course_templates",
    Column("code", String(50), nullable=False, unique=True),
    Column("title", String(255), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    _active(),
)
LOCATIONS = _table(
    "tutorial_locations",
    Column("name", String(255), nullable=False),
    Column("code", String(50), nullable=False, server_default=""),
    _active(),
)
VENUES = _table(
    "tutorial_venues",
    Column("name", String(255), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    _refers("location_id", "acted.tutorial_locations.id", "SET NULL"),
)
INSTRUCTORS = _table(
    "tutorial_instructors",
    _refers("staff_id", "acted.staff.id", "SET NULL", unique=True),
    _active(),
)
SUBJECTS = _table(
    "catalog_subjects",
    Column("code", String(10), nullable=False, unique=True),
    Column("description", Text, nullable=False, server_default=""),
    _active("active"),
)
EXAM_SESSIONS = _table(
    "catalog_exam_sessions",
    Column("session_code", String(50), nullable=False, unique=True),
    moment("start_date"),
    moment("end_date"),
)
EXAM_SESSION_SUBJECTS = _table(
    "catalog_exam_session_subjects",
    _refers("exam_session_id", "acted.catalog_exam_sessions.id", "CASCADE"),
    _refers("subject_id", "acted.catalog_subjects.id", "CASCADE"),
    _active(),
    UniqueConstraint("exam_session_id", "subject_id"),
)
PRODUCT_VARIATIONS = _table(
    "catalog_product_variations",
    Column("variation_type", String(32), nullable=False),
    Column("name", String(64), nullable=False),
    Column("code", String(50), nullable=True, unique=True),
)
CATALOG_PRODUCTS = _table(
    "catalog_products",
    Column("fullname", String(255), nullable=False),
    Column("shortname", String(255), nullable=False),
    Column("code", String(10), nullable=False),
)
PRODUCT_PRODUCT_VARIATIONS = _table(
    "catalog_product_product_variations",
    _refers("product_id", "acted.catalog_products.id", "CASCADE"),
    _refers("product_variation_id", "acted.catalog_product_variations.id", "CASCADE"),
)
PRODUCTS = _table(
    "products",
    _refers("exam_session_subject_id", "acted.catalog_exam_session_subjects.id", "CASCADE"),
    _refers(
        "product_product_variation_id", "acted.catalog_product_product_variations.id", "CASCADE"
    ),
    Column("product_code", String(64), nullable=False, unique=True),
    _active(),
)
EVENTS = _table(
    "tutorial_events",
    Column("code", String(100), nullable=False, unique=True),
    *_place(),
    Column("is_soldout", Boolean, nullable=False, server_default=false()),
    Column("finalisation_date", Date, nullable=True),
    Column("remain_space", Integer, nullable=False, server_default="0"),
    Column("start_date", Date, nullable=False),
    Column("end_date", Date, nullable=False),
    _refers("product_id", "acted.products.id", "CASCADE"),
)
SESSIONS = _table(
    "tutorial_sessions",
    _refers("tutorial_event_id", "acted.tutorial_events.id", "CASCADE"),
    Column("title", String(255), nullable=False),
    *_place(),
    moment("start_date"),
    moment("end_date"),
    Column("sequence", Integer, nullable=False),
    Column("url", String(500), nullable=True),
    UniqueConstraint("tutorial_event_id", "sequence"),
    CheckConstraint("sequence >= 0", name="tutorial_sessions_sequence_check"),
)
SESSION_INSTRUCTORS = _table(
    "tutorial_session_instructors",
    _refers("tutorialsessions_id", "acted.tutorial_sessions.id", "CASCADE"),
    _refers("tutorialinstructor_id", "acted.tutorial_instructors.id", "CASCADE"),
    UniqueConstraint("tutorialsessions_id", "tutorialinstructor_id"),
    stamped=False,
)
TABLES = (
    AUTH_USER,
    STAFF,
    COURSE_TEMPLATES,
    LOCATIONS,
    VENUES,
    INSTRUCTORS,
    SUBJECTS,
    EXAM_SESSIONS,
    EXAM_SESSION_SUBJECTS,
    PRODUCT_VARIATIONS,
    CATALOG_PRODUCTS,
    PRODUCT_PRODUCT_VARIATIONS,
    PRODUCTS,
    EVENTS,
    SESSIONS,
    SESSION_INSTRUCTORS,
)
