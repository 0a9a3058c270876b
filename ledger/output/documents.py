"""What a command was asked for: JSON documents for programs, tables and entries for people."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import Any

import attrs
import orjson

from ledger.output.lines import answer, answer_lines
from ledger.output.streams import STDOUT
from ledger.output.visible import visible, visible_in_json
from ledger.output.words import in_words

_INDENT = " " * 10
_UNBOUND = 10_000  # columns of a line that nobody wraps


def print_json(value: object) -> None:
    """One JSON document, in UTF-8 as JSON is, whatever the encoding there.

    One that is lost lets the command end what it does, and then fail.
    """
    _write(_json(value, orjson.OPT_INDENT_2) + "\n")


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
    """Rows in aligned columns; on a terminal the last one wraps, elsewhere nothing is wrapped."""
    from rich.console import Console  # noqa: PLC0415 - only where there is a table
    from rich.table import Table  # noqa: PLC0415 - only where there is a table
    from rich.text import Text  # noqa: PLC0415 - only where there is a table

    table = Table(box=None, pad_edge=False, show_edge=False)
    for number, heading in enumerate(headings, 1):
        table.add_column(Text(visible(heading)), no_wrap=number < len(headings))
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    width = _width() if STDOUT.is_terminal else _UNBOUND
    page = io.StringIO()
    Console(file=page, width=width, force_terminal=False, color_system=None).print(table)
    answer_lines(line.rstrip() for line in page.getvalue().splitlines())


def print_entry(head: str, details: Sequence[str]) -> None:
    """A name with its text: one line, wrapped on a terminal."""
    if not STDOUT.is_terminal:
        answer("  ".join((head, *details)))
        return
    answer(head)
    for detail in map(visible, details):
        answer_lines(
            wrap(detail, _width(), initial_indent=_INDENT, subsequent_indent=_INDENT + "  ")
        )


def _width() -> int:
    return shutil.get_terminal_size().columns


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
