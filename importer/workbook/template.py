"""The columns of every generation of the import template, each declared once, in one line.

Reading, validating, both systems, the receipt and the empty template follow this table.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from importer.workbook.column import (
    BLENDED,
    CLASSROOM,
    EVENTS,
    LMS,
    NO_PLACE,
    NOWHERE,
    CellKind,
    Column,
    Places,
)
from sync.matching.normalise import written_alike

SHEET = "Import"
"""Name of the sheet that is read; every other sheet of a workbook is ignored."""

ABOUT = "Receipt"
"""Name of a receipt's second sheet, which an import ignores: what the receipt is of."""


def _ours(name: str, own: str = "", **more: Any) -> Places:
    """An attribute of the planned event and the column of both our tables, of the same name where
    no other is given."""
    return Places(name, own or name, own or name, **more)


def _optional(
    key: str, header: str, kind: CellKind = CellKind.TEXT, to: Places = NO_PLACE, **more: Any
) -> Column:
    return Column(key, header, kind, NOWHERE, to, in_header=False, **more)


def _detail(tutorial: str, custom_field: str = "") -> Places:
    return Places(tutorial=tutorial, custom_field=custom_field)


_SESSION_TITLE = Places("title", "title", "title", "title", of_session=True)
_DAY = Places("day", "sequence", "day_number", custom_field="Day", of_session=True)
_SESSION_URL = Places("url", "url", "session_url", custom_field="URL", of_session=True)

# The titles' limits are the tutorial tables'; an event title leaves room for the '-2' that makes
# a second event's code unique within its 100 characters.
CURRENT = (
    Column(
        "code",
        "Course template code",
        CellKind.NAME,
        EVENTS,
        aliases=("Course Code",),
        most=50,
        hint="e.g. CB1_LO_6",
    ),
    Column(
        "title",
        "Event title",
        CellKind.TEXT,
        EVENTS,
        Places("title", bridge="title", administrate="title"),
        aliases=("Title",),
        most=95,
    ),
    Column("session_title", "Session title", CellKind.TEXT, CLASSROOM, _SESSION_TITLE, most=255),
    Column("mode", "Learning mode", CellKind.TEXT, EVENTS, hint="e.g. Blended"),
    Column("location", "Location", CellKind.NAME, EVENTS, most=255, hint="e.g. London"),
    Column("venue", "Venue", CellKind.NAME, BLENDED, most=255, hint="e.g. To be confirmed"),
    Column("zone", "Time Zone", hint="e.g. Europe - London"),
    Column("classroom_start_date", "Classroom start date", CellKind.DATE, CLASSROOM),
    Column("classroom_start_time", "Classroom start time", CellKind.TIME, CLASSROOM),
    Column("classroom_end_date", "Classroom end date", CellKind.DATE, CLASSROOM),
    Column("classroom_end_time", "Classroom end time", CellKind.TIME, CLASSROOM),
    Column("lms_start_date", "LMS start date", CellKind.DATE, EVENTS),
    Column("lms_start_time", "LMS start time", CellKind.TIME, EVENTS),
    Column("lms_end_date", "LMS end date", CellKind.DATE, EVENTS),
    Column("lms_end_time", "LMS end time", CellKind.TIME, EVENTS),
    Column(
        "max_places",
        "Max places",
        CellKind.NUMBER,
        BLENDED,
        _ours("max_places", administrate="max_places"),
        most=9999,
    ),
    _optional(
        "access_duration", "Access Duration", to=_detail("access_duration", "Access Duration")
    ),
    Column("instructor", "Instructor", CellKind.NAMES, BLENDED, hint="e.g. Clara Haversham"),
    Column("session_instructor", "Session instructor", CellKind.NAMES),
    Column("administrator", "Event administrator", CellKind.NAMES, aliases=("Administrator",)),
    Column("day", "Day", CellKind.NUMBER, CLASSROOM, _DAY, least=1, most=999),
    Column(
        "event_url",
        "Event url",
        CellKind.URL,
        to=_ours("url", "event_url", custom_field="URL"),
        aliases=("URL",),
    ),
    Column("session_url", "Session url", CellKind.URL, to=_SESSION_URL),
    Column(
        "finalisation",
        "Finalisation date",
        CellKind.DATE,
        BLENDED,
        _ours("finalisation_date", custom_field="Finalisation date"),
    ),
    Column("web_sale", "Web sale", CellKind.YES_NO, to=_ours("web_sale", custom_field="Web sale")),
    Column(
        "sitting",
        "Sitting",
        CellKind.TEXT,
        EVENTS,
        _ours("sitting", custom_field="Sitting"),
        hint="e.g. 2026A",
    ),
    Column(
        "ocr",
        "OCR moodle code",
        CellKind.TEXT,
        LMS,
        _ours("ocr_moodle_code", custom_field="OCR Moodle Code"),
    ),
    _optional("recordings", "Recordings", to=_detail("recordings", "Recordings")),
    _optional("recording_pin", "Recording pin", to=_detail("recording_pin", "Recording pin")),
    _optional("tutors", "Tutors", to=_detail("tutors", "Tutors"), personal=True),
    _optional("sage", "Sage code", to=_detail("sage_code", "Sage code")),
    _optional("cancelled", "Cancelled", CellKind.YES_NO),
    _optional(
        "extra",
        "Extra information",
        to=_detail("extra_information", "Extra information"),
        personal=True,
        most=32_767,
    ),
    _optional(
        "deadline", "Registration Deadline Date", CellKind.DATE, Places("registration_deadline")
    ),
)
"""The columns of the template as it is now, in its order."""

COLUMNS = (
    *CURRENT,
    _optional("virtual_classroom", "Virtual Classroom", to=_detail("virtual_classroom")),
    _optional("sold_out", "Sold Out", CellKind.YES_NO, Places("sold_out", "is_soldout")),
    _optional(
        "min_places",
        "Min Places",
        CellKind.NUMBER,
        _ours("min_places", administrate="min_places"),
        most=9999,
    ),
)
"""With those of older templates."""

EVENT_VALUES = tuple(one for one in COLUMNS if one.to.planned and not one.to.of_session)
SESSION_VALUES = tuple(one for one in COLUMNS if one.to.of_session)
DETAILS = tuple(one for one in COLUMNS if one.to != NO_PLACE and not one.to.planned)

RECEIPT = (
    _optional("outcome", "Import outcome"),
    _optional("tutorial_id", "Tutorial id"),
    _optional("administrate_id", "Administrate id"),
    _optional("sold_as", "Sold as"),
    _optional("errors", "Import errors"),
    _optional("event_key", "Event key"),
)
"""What a receipt adds to each row. Only the event key is ever read back: it says which event a
session belongs to, however the sheet was sorted."""

BY_KEY = {column.key: column for column in (*COLUMNS, *RECEIPT)}
RECEIPT_KEYS = frozenset(column.key for column in RECEIPT)


@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """Text normalised for every comparison in the importer."""
    return written_alike(text)


_LMS_PARTS = frozenset({"oc", "waitlist"})


def parts_of(code: str) -> tuple[str, ...]:
    """A code's parts at ``_``, ``-`` and spaces, casefolded."""
    return tuple(fold(part) for part in re.split(r"[_\s-]+", code) if part)


def is_lms(course_code: str) -> bool:
    """Whether a template code makes an LMS event: one of its parts is OC or WAITLIST."""
    return not _LMS_PARTS.isdisjoint(parts_of(course_code))


def plain(text: str) -> str:
    """Text normalised in case and in the number of its spaces alone."""
    return " ".join(text.casefold().split())


def normal(header: str) -> str:
    """A header as headers are compared: as names are, and a leading ``!`` and the choice between
    underscores and spaces do not count either."""
    return fold(header.strip().removeprefix("!").replace("_", " "))


HEADERS = {
    normal(name): column for column in BY_KEY.values() for name in (column.header, *column.aliases)
}
