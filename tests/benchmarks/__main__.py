"""``python -m tests.benchmarks [NAME…]`` measures and prints a table of ratios.

Each pair is measured in one run, on one server: the one that comes with the program, or the one
whose administrator's URL is in TEST_DATABASE_URL. A ratio is ours by theirs, higher is better.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from textwrap import indent

import click
import structlog

from tests.benchmarks.measure import Bench, Line
from tests.databases import Databases, embedded_server, migrated_template, server_directory

# The modules there are, each with ``lines(bench)``.
NAMES = (
    *("append", "reading", "verifying", "memory", "asking", "pages"),
    *("fetching", "matching", "suggesting", "syncing", "following", "validating", "importing"),
)


@click.command(help=__doc__)
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--quick", is_flag=True, help="Just enough of each to see that it runs.")
@click.option("--reasons", default=0, help="So many reasons of suggestions at random, to be read.")
@click.option("--million", is_flag=True, help="A ledger of a million events, too (minutes).")
def main(names: tuple[str, ...], quick: bool, million: bool, reasons: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    click.echo(_row("measured", "ours", "held against", "theirs", "ratio", "aim"))
    with ExitStack() as stack:
        databases = Databases(_admin_url(stack))
        template = stack.enter_context(migrated_template(databases))
        bench = Bench(databases, template, quick=quick, million=million, reasons=reasons)
        for name in names or NAMES:
            lines: Callable[[Bench], Iterator[Line]]
            lines = import_module(f"tests.benchmarks.{name}").lines
            for line in lines(bench):
                click.echo(_told(line))
                if line.note:
                    click.echo(indent(line.note, "    "))


def _admin_url(stack: ExitStack) -> str:
    given = os.environ.get("TEST_DATABASE_URL")
    return given or stack.enter_context(embedded_server(server_directory()))


def _told(line: Line) -> str:
    missed = line.aim is not None and line.ratio < line.aim
    return _row(
        line.what,
        _figure(line.ours, line.unit),
        line.against,
        _figure(line.theirs, line.unit),
        f"{line.ratio:.2f}",
        "" if line.aim is None else f"{line.aim:.2f}{' missed' if missed else ''}",
    )


def _figure(value: float, unit: str) -> str:
    return f"{value:,.{0 if value >= 10 else 2}f} {unit}"


def _row(what: str, ours: str, against: str, theirs: str, ratio: str, aim: str) -> str:
    return f"{what:30} {ours:>14}  {against:18} {theirs:>14}  {ratio:>6}  {aim}".rstrip()


if __name__ == "__main__":
    main()
