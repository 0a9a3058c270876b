"""Details of an event that only some tutorial tables have columns for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from importer.reference.values import Administrator
from importer.validation.row_reader import RowReader
from importer.workbook.cells import CellFault, UnreadableError, is_blank, read_text, read_yes_no
from importer.workbook.template import DETAILS
from ledger.values import Personal


def read_details(
    event: RowReader, administrators: Iterable[Administrator], longest: Mapping[str, int]
) -> dict[str, Any]:
    """The details by column; ``longest`` are the maximum lengths of the columns. A longer text is
    an error, where the tables have the column."""
    details: dict[str, Any] = {}
    for column in DETAILS:
        place, value = column.to.tutorial, event.row.value(column.key)
        # A cell without a value is an error of the row already.
        if not place or is_blank(value) or isinstance(value, CellFault):
            continue
        try:
            text = read_text(value, longest.get(place, column.most))
        except UnreadableError as error:
            if place in longest:
                event.refuse(column.key, error.problem, error.expected)
            continue
        details[place] = Personal(text) if column.personal else text
    if "recordings" in details:
        details["recordings"] = _yes_no(details["recordings"])
    if named := _named(administrators, longest.get("administrator", 255)):
        details["administrator"] = Personal(named)
    return details


def _yes_no(text: str) -> bool | None:
    try:
        return read_yes_no(text)
    except UnreadableError:
        return None


def _named(administrators: Iterable[Administrator], most: int) -> str:
    """As many of the names as fit."""
    named = ""
    for one in administrators:
        more = f"{named} / {one.name}" if named else one.name
        if len(more) > most:
            break
        named = more
    return named
