"""The tutorial tables: schema ``acted`` and ``public.auth_user``."""

from __future__ import annotations

from ledger.schema import acted as declared
from ledger.tables.metadata import made_of

SCHEMA = declared.SCHEMA
(
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
) = TABLES = tuple(map(made_of, declared.TABLES))
