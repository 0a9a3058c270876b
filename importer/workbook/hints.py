"""Detects rows under the header that explain the columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from importer.workbook.cells import CellFault, Value, is_blank, is_moment, shown
from importer.workbook.column import CellKind
from importer.workbook.template import BY_KEY, fold, normal

MOST_HINTS = 4
"""Rows of any content that may explain the columns, right under the header."""

_MOMENTS = tuple(key for key, one in BY_KEY.items() if one.kind in (CellKind.DATE, CellKind.TIME))

_HINT_WORDS = frozenset(
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
"""The texts of a hint row, as `normal` leaves them, beside any that begins with ``e.g.``."""

Cells = Sequence[Value]


def hint_rows(
    rows: Sequence[Cells], columns: Mapping[str, int], codes: Collection[str]
) -> Iterator[bool]:
    """Whether each row under the header explains the columns.

    A row does if all its texts are hints, anywhere in the sheet; and, among the four rows under the
    header, every row above the first with a date, a time or a known code (``codes``, folded). A
    bare number is neither date nor time.
    """
    worded = [_is_worded(row) for row in rows]
    first = next(
        (
            place
            for place, row in enumerate(rows)
            if not worded[place] and _is_data(row, columns, codes)
        ),
        0,
    )
    for place, says_hints in enumerate(worded):
        yield says_hints or place < min(first, MOST_HINTS)


def _is_data(row: Cells, columns: Mapping[str, int], codes: Collection[str]) -> bool:
    def value(key: str) -> Value:
        index = columns.get(key)
        return row[index] if index is not None and index < len(row) else None

    moments = [value(key) for key in _MOMENTS]
    # One that was never calculated, or failed, would be one of them.
    if any(isinstance(one, CellFault) for one in (value("code"), *moments)):
        return True
    return fold(shown(value("code"))) in codes or any(is_moment(one) for one in moments)


def _is_worded(row: Cells) -> bool:
    """Whether there is text alone, at least half of it typical of hints."""
    filled = [value for value in row if value is not None and not is_blank(value)]
    texts = [normal(value) for value in filled if isinstance(value, str)]
    if len(texts) < len(filled):
        return False
    hints = sum(text in _HINT_WORDS or text.startswith("e.g.") for text in texts)
    return 2 * hints >= len(texts)
