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

ABOUT, PROBLEMS = "Receipt", "Problems"
"""Names of a receipt's own sheets, which an import ignores: what it is of, and its errors."""


TEXT, NAME, NAMES, DATE, TIME, NUMBER, URL, YES_NO = CellKind


def _optional(
    key: str, header: str, kind: CellKind = TEXT, to: Places = NO_PLACE, **more: Any
) -> Column:
    return Column(key, header, kind, NOWHERE, to, in_header=False, **more)


def _detail(
    key: str, header: str, tutorial: str, custom_field: str | None = None, **more: Any
) -> Column:
    """An optional text for a tutorial column and, unless told otherwise, the custom field that is
    labelled like its header."""
    label = header if custom_field is None else custom_field
    return _optional(key, header, to=Places(tutorial=tutorial, custom_field=label), **more)


def _ours(name: str, custom_field: str = "", administrate: str = "") -> Places:
    """An attribute of the planned event, and the column of that name in both our tables."""
    return Places(name, name, name, administrate, custom_field)


_TITLE = Places("title", bridge="title", administrate="title")
_SESSION_TITLE = Places("title", "title", "title", "title", of_session=True)
_DAY = Places("day", "sequence", "day_number", custom_field="Day", of_session=True)
_EVENT_URL = Places("url", "event_url", "event_url", custom_field="URL")
_SESSION_URL = Places("url", "url", "session_url", custom_field="URL", of_session=True)
_MAX_PLACES, _MIN_PLACES = (_ours(n, administrate=n) for n in ("max_places", "min_places"))
_FINALISATION = _ours("finalisation_date", "Finalisation date")
_OCR = _ours("ocr_moodle_code", "OCR Moodle Code")
_CODE = ("Course Code",)

# The titles' limits are the tutorial tables'; an event title leaves room for the '-2' that makes
# a second event's code unique within its 100 characters.
CURRENT = (
    Column(
        "code", "Course template code", NAME, EVENTS, aliases=_CODE, most=50, hint="e.g. CB1_LO_6"
    ),
    Column("title", "Event title", TEXT, EVENTS, _TITLE, aliases=("Title",), most=95),
    Column("session_title", "Session title", TEXT, CLASSROOM, _SESSION_TITLE, most=255),
    Column("mode", "Learning mode", TEXT, EVENTS, hint="e.g. Blended"),
    Column("location", "Location", NAME, EVENTS, most=255, hint="e.g. London"),
    Column("venue", "Venue", NAME, BLENDED, most=255, hint="e.g. To be confirmed"),
    Column("zone", "Time Zone", hint="e.g. Europe - London"),
    Column("classroom_start_date", "Classroom start date", DATE, CLASSROOM),
    Column("classroom_start_time", "Classroom start time", TIME, CLASSROOM),
    Column("classroom_end_date", "Classroom end date", DATE, CLASSROOM),
    Column("classroom_end_time", "Classroom end time", TIME, CLASSROOM),
    Column("lms_start_date", "LMS start date", DATE, EVENTS),
    Column("lms_start_time", "LMS start time", TIME, EVENTS),
    Column("lms_end_date", "LMS end date", DATE, EVENTS),
    Column("lms_end_time", "LMS end time", TIME, EVENTS),
    Column("max_places", "Max places", NUMBER, BLENDED, _MAX_PLACES, most=9999),
    _detail("access_duration", "Access Duration", "access_duration"),
    Column("instructor", "Instructor", NAMES, BLENDED, hint="e.g. Clara Haversham"),
    Column("session_instructor", "Session instructor", NAMES),
    Column("administrator", "Event administrator", NAMES, aliases=("Administrator",)),
    Column("day", "Day", NUMBER, CLASSROOM, _DAY, least=1, most=999),
    Column("event_url", "Event url", URL, to=_EVENT_URL, aliases=("URL",)),
    Column("session_url", "Session url", URL, to=_SESSION_URL),
    Column("finalisation", "Finalisation date", DATE, BLENDED, _FINALISATION),
    Column("web_sale", "Web sale", YES_NO, to=_ours("web_sale", "Web sale")),
    Column("sitting", "Sitting", TEXT, EVENTS, _ours("sitting", "Sitting"), hint="e.g. 2026A"),
    Column("ocr", "OCR moodle code", TEXT, LMS, _OCR),
    _detail("recordings", "Recordings", "recordings"),
    _detail("recording_pin", "Recording pin", "recording_pin"),
    _detail("tutors", "Tutors", "tutors", personal=True),
    _detail("sage", "Sage code", "sage_code"),
    _optional("cancelled", "Cancelled", YES_NO),
    _detail("extra", "Extra information", "extra_information", personal=True, most=32_767),
    _optional("deadline", "Registration Deadline Date", DATE, Places("registration_deadline")),
)
"""The columns of the template as it is now, in its order."""

COLUMNS = (
    *CURRENT,
    _detail("virtual_classroom", "Virtual Classroom", "virtual_classroom", custom_field=""),
    _optional("sold_out", "Sold Out", YES_NO, Places("sold_out", "is_soldout")),
    _optional("min_places", "Min Places", NUMBER, _MIN_PLACES, most=9999),
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
"""The columns that a receipt adds. Only the event key is ever read back: it names a session's
event, however the sheet was sorted."""

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
