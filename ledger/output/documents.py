"""What a command was asked for: JSON documents for programs, tables and entries for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import orjson

from ledger.output.layout import beside_each_other, table
from ledger.output.lines import answer_verbatim
from ledger.output.streams import STDOUT
from ledger.output.visible import visible, visible_in_json
from ledger.output.words import in_words

_INDENT = 10


def print_json(value: object) -> None:
    """One JSON document, in UTF-8 as JSON is, whatever the encoding there.

    One that is lost lets the command end what it does, and then fail.
    """
    STDOUT.write_bytes(json_document(value).encode(), owed=True)


def json_document(value: object) -> str:
    """A JSON document as ``print_json`` prints one."""
    return visible_in_json(_json(value, orjson.OPT_INDENT_2)) + "\n"


def print_json_list(items: Iterable[object]) -> None:
    """A JSON list, printed item by item, so that it may be of any length.

    Raises ``OutputLost`` where it cannot be written.
    """
    separator = "["
    for item in items:
        _write(separator + _json(item))
        STDOUT.check()
        separator = ",\n"
    _write("[]\n" if separator == "[" else "]\n")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows in aligned columns; those that find no room stand beneath their row."""
    cells = [[_cell(value) for value in row] for row in rows]
    for line in table([visible(one) for one in headings], cells, STDOUT.width):
        answer_verbatim(line)


def print_entry(head: str, details: Sequence[str]) -> None:
    """A name with its text."""
    for line in beside_each_other(map(visible, (head, *details)), STDOUT.width, _INDENT):
        answer_verbatim(line)


def _cell(value: Any) -> str:
    return "" if value in (None, "") else visible(in_words(value))


def _write(document: str) -> None:
    STDOUT.write_bytes(visible_in_json(document).encode(), owed=True)


def _json(value: object, option: int = 0) -> str:
    try:
        return orjson.dumps(value, _plain, option).decode()
    except orjson.JSONEncodeError as problem:
        if "surrogates" not in str(problem):
            raise
        # A file name that is no text.
        return json.dumps(value, default=_plain, indent=2 if option else None)


def _plain(value: object) -> Any:
    kind = type(value)
    if attrs.has(kind):
        return {field.name: getattr(value, field.name) for field in attrs.fields(kind)}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"JSON cannot hold {type(value).__name__}")
