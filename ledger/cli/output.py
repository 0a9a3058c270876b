"""What commands print: JSON documents for programs, aligned lines for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs
import click
import orjson


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(orjson.dumps(value, _plain, orjson.OPT_INDENT_2).decode())


def print_json_list(items: Iterable[object]) -> None:
    """A JSON list, printed item by item, so that it may be of any length."""
    separator = "["
    for item in items:
        click.echo(f"{separator}{orjson.dumps(item, _plain).decode()}", nl=False)
        separator = ",\n"
    click.echo("[]" if separator == "[" else "]")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows in aligned columns; on a terminal as wide as that, elsewhere never wrapped or coloured,
    whatever the environment says of colour."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=None, pad_edge=False, show_edge=False)
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    elsewhere = not sys.stdout.isatty()
    console = Console(width=10_000, force_terminal=False, no_color=True) if elsewhere else Console()
    console.print(table)


def local_time(moment: datetime | str | None) -> str:
    """A point in time as a person reads it: local, to the second."""
    if moment is None:
        return ""
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{when.astimezone():%Y-%m-%d %H:%M:%S}"


def duration(seconds: float | None) -> str:
    """How long something took, as a person says it."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return local_time(value)
    return "" if value is None else str(value)


def _plain(value: object) -> Any:
    kind = type(value)
    if attrs.has(kind):
        return {field.name: getattr(value, field.name) for field in attrs.fields(kind)}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"JSON cannot hold {type(value).__name__}")
