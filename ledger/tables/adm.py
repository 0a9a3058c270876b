"""The bridge rows: schema ``adm``."""

from __future__ import annotations

from ledger.schema import adm as declared
from ledger.tables.metadata import made_of

SCHEMA = declared.SCHEMA
(
    CUSTOM_FIELDS,
    PRICE_LEVELS,
    LOCATIONS,
    VENUES,
    INSTRUCTORS,
    COURSE_TEMPLATES,
    COURSE_TEMPLATE_PRICE_LEVELS,
    EVENTS,
    SESSIONS,
) = TABLES = tuple(map(made_of, declared.TABLES))

BY_NAME = {table.fullname: table for table in TABLES}
