"""The columns of every generation of the import template, declared once.

Reading, validating, the receipt and the empty template all follow this table; a new column is one
more line in it.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache

from attrs import frozen

from sync.matching.normalise import written_alike

SHEET = "Import"
"""Name of the sheet that is read; every other sheet of a workbook is ignored."""

ABOUT = "Receipt"
"""Name of a receipt's second sheet, which an import ignores: what the receipt is of."""

HINT_WORDS = frozenset(
    {
        "blended/classroom/lms",
        "date",
        "dd/mm/yyyy",
        "free text",
        "free-text",
        "hh:mm",
        "integer",
        "mandatory",
        "number",
        "optional",
        "required",
        "text",
        "time",
        "y/n",
    }
)
"""What a cell of a hint row says, as `normal` leaves it; and anything that begins with ``e.g.``."""


class Kind(Enum):
    """The kind of a column's values."""

    TEXT = auto()
    NAMES = auto()
    DATE = auto()
    TIME = auto()
    NUMBER = auto()
    URL = auto()
    YES_NO = auto()


class RowKind(Enum):
    """The kind of a row: an event of one of two kinds, or a further session."""

    BLENDED = auto()
    LMS = auto()
    SESSION = auto()


NOWHERE: frozenset[RowKind] = frozenset()
BLENDED = frozenset({RowKind.BLENDED})
LMS = frozenset({RowKind.LMS})
EVENTS = BLENDED | LMS
CLASSROOM = frozenset({RowKind.BLENDED, RowKind.SESSION})


@frozen
class Column:
    """One column: its header, what its cells hold, and the rows in which it may not be blank.

    ``in_header`` says that a workbook without the column is refused; ``least`` and ``most`` bound
    a number, ``most`` the length of a text; ``hint`` is shown under the header in an empty
    template.
    """

    key: str
    header: str
    kind: Kind
    needed: frozenset[RowKind] = NOWHERE
    aliases: tuple[str, ...] = ()
    in_header: bool = True
    least: int = 0
    most: int = 500
    hint: str = ""


def _optional(key: str, header: str, kind: Kind = Kind.TEXT, most: int = 500) -> Column:
    return Column(key, header, kind, in_header=False, most=most)


# The titles' limits are the tutorial tables'; an event title leaves room for the '-2' that makes
# a second event's code unique within its 100 characters.
COLUMNS = (
    Column(
        "code",
        "Course template code",
        Kind.TEXT,
        EVENTS,
        aliases=("Course Code",),
        most=50,
        hint="e.g. CB1_LO_6",
    ),
    Column("title", "Event title", Kind.TEXT, EVENTS, aliases=("Title",), most=95),
    Column("session_title", "Session title", Kind.TEXT, CLASSROOM, most=255),
    Column("mode", "Learning mode", Kind.TEXT, EVENTS, hint="e.g. Blended"),
    Column("location", "Location", Kind.TEXT, EVENTS, most=255, hint="e.g. London"),
    Column("venue", "Venue", Kind.TEXT, BLENDED, most=255, hint="e.g. To be confirmed"),
    Column("zone", "Time Zone", Kind.TEXT, hint="e.g. Europe - London"),
    Column("classroom_start_date", "Classroom start date", Kind.DATE, CLASSROOM),
    Column("classroom_start_time", "Classroom start time", Kind.TIME, CLASSROOM),
    Column("classroom_end_date", "Classroom end date", Kind.DATE, CLASSROOM),
    Column("classroom_end_time", "Classroom end time", Kind.TIME, CLASSROOM),
    Column("lms_start_date", "LMS start date", Kind.DATE, EVENTS),
    Column("lms_start_time", "LMS start time", Kind.TIME, EVENTS),
    Column("lms_end_date", "LMS end date", Kind.DATE, EVENTS),
    Column("lms_end_time", "LMS end time", Kind.TIME, EVENTS),
    Column("max_places", "Max places", Kind.NUMBER, BLENDED, most=9999),
    _optional("access_duration", "Access Duration"),
    Column("instructor", "Instructor", Kind.NAMES, BLENDED, hint="e.g. Clara Haversham"),
    Column("session_instructor", "Session instructor", Kind.NAMES),
    Column("administrator", "Event administrator", Kind.NAMES, aliases=("Administrator",)),
    Column("day", "Day", Kind.NUMBER, CLASSROOM, least=1, most=999),
    Column("event_url", "Event url", Kind.URL, aliases=("URL",)),
    Column("session_url", "Session url", Kind.URL),
    Column("finalisation", "Finalisation date", Kind.DATE, BLENDED),
    Column("web_sale", "Web sale", Kind.YES_NO),
    Column("sitting", "Sitting", Kind.TEXT, EVENTS, hint="e.g. 2026A"),
    Column("ocr", "OCR moodle code", Kind.TEXT, LMS),
    _optional("recordings", "Recordings"),
    _optional("recording_pin", "Recording pin"),
    _optional("tutors", "Tutors"),
    _optional("sage", "Sage code"),
    _optional("cancelled", "Cancelled", Kind.YES_NO),
    _optional("extra", "Extra information", most=32_767),
    _optional("deadline", "Registration Deadline Date", Kind.DATE),
    _optional("virtual_classroom", "Virtual Classroom"),
    _optional("sold_out", "Sold Out", Kind.YES_NO),
    _optional("min_places", "Min Places", Kind.NUMBER, most=9999),
)

CURRENT = COLUMNS[:34]
"""The columns of the template as it is now, in its order; those after them are of older ones."""

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

CUSTOM_LABEL_KEYS = ("access_duration", "recordings", "recording_pin", "tutors", "sage", "extra")
"""Optional columns without a place of their own in the API: a custom field may take them."""


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
