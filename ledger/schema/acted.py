"""The tutorial tables: schema ``acted`` and ``public.auth_user``, owned by the web application.

They are made here only where they are missing, as on an empty database; one that exists is never
altered, and may be of another shape: which columns its rows have, ``ledger.tables.shapes`` says.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.schema.declared import (
    BIGINT,
    BOOLEAN,
    DATE,
    INTEGER,
    TEXT,
    Column,
    Table,
    Unique,
    key,
    moment,
)

SCHEMA = "acted"


def _table(
    name: str,
    *columns: Column,
    stamped: bool = True,
    unique: Unique | None = None,
    checks: Mapping[str, str] | None = None,
) -> Table:
    names = ("created_at", "updated_at") if stamped else ()
    stamps = (moment(stamp, default=True) for stamp in names)
    constraints = () if unique is None else (unique,)
    return Table(SCHEMA, name, (key(), *columns, *stamps), constraints, checks or {})


def _refers(
    name: str, target: str, on_delete: str, *, kind: str = BIGINT, unique: bool = False
) -> Column:
    nullable = on_delete == "SET NULL"
    return Column(name, kind, nullable, unique, refers_to=target, on_delete=on_delete)


def _text(
    name: str, most: int, *, nullable: bool = False, unique: bool = False, default: str = ""
) -> Column:
    return Column(name, f"character varying({most})", nullable, unique, default=default)


def _active(name: str = "is_active") -> Column:
    return Column(name, BOOLEAN, nullable=False, default="true")


def _place() -> tuple[Column, Column]:
    return (
        _refers("venue_id", "acted.tutorial_venues.id", "SET NULL"),
        _refers("location_id", "acted.tutorial_locations.id", "SET NULL"),
    )


_DESCRIPTION = Column("description", TEXT, nullable=False, default="''")
AUTH_USER = Table(
    "public",
    "auth_user",
    (
        key(INTEGER),
        _text("username", 150, unique=True),
        _text("first_name", 150, default="''"),
        _text("last_name", 150, default="''"),
        _text("email", 254, default="''"),
        _active(),
    ),
)
STAFF = _table(
    "staff",
    _refers("user_id", "public.auth_user.id", "RESTRICT", kind=INTEGER, unique=True),
)
COURSE_TEMPLATES = _table(
    "tutorial_course_templates",
    _text("code", 50, unique=True),
    _text("title", 255),
    _DESCRIPTION,
    _active(),
)
LOCATIONS = _table(
    "tutorial_locations",
    _text("name", 255),
    _text("code", 50, default="''"),
    _active(),
)
VENUES = _table(
    "tutorial_venues",
    _text("name", 255),
    _DESCRIPTION,
    _refers("location_id", "acted.tutorial_locations.id", "SET NULL"),
)
INSTRUCTORS = _table(
    "tutorial_instructors",
    _refers("staff_id", "acted.staff.id", "SET NULL", unique=True),
    _active(),
)
SUBJECTS = _table(
    "catalog_subjects",
    _text("code", 10, unique=True),
    _DESCRIPTION,
    _active("active"),
)
EXAM_SESSIONS = _table(
    "catalog_exam_sessions",
    _text("session_code", 50, unique=True),
    moment("start_date"),
    moment("end_date"),
)
EXAM_SESSION_SUBJECTS = _table(
    "catalog_exam_session_subjects",
    _refers("exam_session_id", "acted.catalog_exam_sessions.id", "CASCADE"),
    _refers("subject_id", "acted.catalog_subjects.id", "CASCADE"),
    _active(),
    unique=Unique(("exam_session_id", "subject_id")),
)
PRODUCT_VARIATIONS = _table(
    "catalog_product_variations",
    _text("variation_type", 32),
    _text("name", 64),
    _text("code", 50, nullable=True, unique=True),
)
CATALOG_PRODUCTS = _table(
    "catalog_products",
    _text("fullname", 255),
    _text("shortname", 255),
    _text("code", 10),
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
    _text("product_code", 64, unique=True),
    _active(),
)
EVENTS = _table(
    "tutorial_events",
    _text("code", 100, unique=True),
    *_place(),
    Column("is_soldout", BOOLEAN, nullable=False, default="false"),
    Column("finalisation_date", DATE),
    Column("remain_space", INTEGER, nullable=False, default="'0'"),
    Column("start_date", DATE, nullable=False),
    Column("end_date", DATE, nullable=False),
    _refers("product_id", "acted.products.id", "CASCADE"),
)
SESSIONS = _table(
    "tutorial_sessions",
    _refers("tutorial_event_id", "acted.tutorial_events.id", "CASCADE"),
    _text("title", 255),
    *_place(),
    moment("start_date"),
    moment("end_date"),
    Column("sequence", INTEGER, nullable=False),
    _text("url", 500, nullable=True),
    unique=Unique(("tutorial_event_id", "sequence")),
    checks={"tutorial_sessions_sequence_check": "sequence >= 0"},
)
SESSION_INSTRUCTORS = _table(
    "tutorial_session_instructors",
    _refers("tutorialsessions_id", "acted.tutorial_sessions.id", "CASCADE"),
    _refers("tutorialinstructor_id", "acted.tutorial_instructors.id", "CASCADE"),
    unique=Unique(("tutorialsessions_id", "tutorialinstructor_id")),
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
# Those in which the program makes rows.
MADE = (EVENTS, SESSIONS, SESSION_INSTRUCTORS)
