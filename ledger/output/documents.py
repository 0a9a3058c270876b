"""Prints JSON documents for programs, aligned lines for people."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import Any

import attrs
import click
import orjson

from ledger.history.descriptions.words import in_words

_INDENT = " " * 10


def print_json(value: object) -> None:
    """One JSON document on standard output, in UTF-8 as JSON is, whatever the encoding there."""
    click.echo(orjson.dumps(value, _plain, orjson.OPT_INDENT_2))


def print_json_list(items: Iterable[object]) -> None:
    """A JSON list, printed item by item, so that it may be of any length."""
    separator = b"["
    for item in items:
        click.echo(separator + orjson.dumps(item, _plain), nl=False)
        separator = b",\n"
    click.echo(b"[]" if separator == b"[" else b"]")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows in aligned columns; on a terminal the last one wraps, elsewhere nothing is wrapped or
    coloured, whatever the environment says of colour."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False)
    for heading in headings[:-1]:
        table.add_column(heading, no_wrap=True)
    table.add_column(headings[-1])
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    if sys.stdout.isatty():
        Console().print(table)
        return
    console = Console(width=10_000, force_terminal=False, no_color=True)
    with console.capture() as printed:
        console.print(table)
    for line in printed.get().splitlines():
        click.echo(line.rstrip())


def print_entry(head: str, details: Sequence[str]) -> None:
    """A name with its text: one line, wrapped on a terminal."""
    if not sys.stdout.isatty():
        click.echo("  ".join((head, *details)))
        return
    click.echo(head)
    width = shutil.get_terminal_size().columns
    for detail in details:
        for line in wrap(detail, width, initial_indent=_INDENT, subsequent_indent=_INDENT + "  "):
            click.echo(line)


def _cell(value: Any) -> str:
    return "" if value in (None, "") else in_words(value)


def _plain(value: object) -> Any:
    kind = type(value)
    if attrs.has(kind):
        return {field.name: getattr(value, field.name) for field in attrs.fields(kind)}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"JSON cannot hold {type(value).__name__}")
