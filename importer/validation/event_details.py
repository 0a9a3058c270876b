"""Details of an event that only some tutorial tables have columns for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from importer.reference.values import Administrator
from importer.validation.rows import RowReader
from importer.workbook import cells
from importer.workbook.cells import Fault, UnreadableError, is_blank
from importer.workbook.template import BY_KEY, fold
from ledger.values import Fields, Personal, Value

# The column of the tutorial tables for each column of the workbook.
_COLUMNS = {
    "access_duration": "access_duration",
    "recordings": "recordings",
    "recording_pin": "recording_pin",
    "tutors": "tutors",
    "sage": "sage_code",
    "extra": "extra_information",
    "virtual_classroom": "virtual_classroom",
}
_NAMING = {"tutors", "extra"}
_YES = {"y": True, "yes": True, "true": True, "1": True}
_YES |= {"n": False, "no": False, "false": False, "0": False}


def read_details(
    event: RowReader, administrators: Iterable[Administrator], longest: Mapping[str, int]
) -> Fields:
    """The details by column; ``longest`` are the maximum lengths of the columns. A longer text is
    an error, where the tables have the column."""
    details: dict[str, Value] = {}
    for key, column in _COLUMNS.items():
        value = event.value(key)
        if is_blank(value) or isinstance(value, Fault):  # an error of the row already
            continue
        try:
            text = cells.read_text(value, longest.get(column, BY_KEY[key].most))
        except UnreadableError as error:
            if column in longest:
                event.refuse(key, error.problem, error.expected)
            continue
        details[column] = Personal(text) if key in _NAMING else text
    if isinstance(said := details.get("recordings"), str):
        details["recordings"] = _YES.get(fold(said))
    if named := _named(administrators, longest.get("administrator", 255)):
        details["administrator"] = Personal(named)
    return details


def _named(administrators: Iterable[Administrator], most: int) -> str:
    """As many of the names as fit."""
    named = ""
    for one in administrators:
        more = f"{named} / {one.name}" if named else one.name
        if len(more) > most:
            break
        named = more
    return named
