"""The bridge rows: schema ``adm``."""

from __future__ import annotations

from ledger.schema import adm as declared
from ledger.tables.metadata import made_of

SCHEMA = declared.SCHEMA
TABLES = tuple(map(made_of, declared.TABLES))
BY_NAME = {table.fullname: table for table in TABLES}

CUSTOM_FIELDS = BY_NAME["adm.custom_fields"]
VENUES = BY_NAME["adm.venues"]
INSTRUCTORS = BY_NAME["adm.instructors"]
COURSE_TEMPLATES = BY_NAME["adm.course_templates"]
EVENTS = BY_NAME["adm.events"]
SESSIONS = BY_NAME["adm.sessions"]
