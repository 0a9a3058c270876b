"""What a shell offers for a run or a record that somebody begins to type.

Quick, and silent: nothing is started for it, and where no database answers, nothing is offered.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    import psycopg

_SECONDS = "2"
_MOST = 50
# Bash puts what is offered on the line as it is, the other shells quote it.
_BARE = re.compile(r"([^\w@%+=:,./-])")


def runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The newest runs whose id, or the end of it that names it, begins so."""
    del ctx, param
    return _offered(_runs(incomplete.lower()))


def records(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The records whose name, or whose name in the ledger, begins so."""
    del ctx, param
    return _offered(_records(incomplete)) if incomplete else []


def _offered(found: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    from ledger.output.visible import visible

    with suppress(Exception):
        return [
            CompletionItem(_as_typed(value), help=visible(told))
            for value, told in found
            if value == visible(value)
        ]
    return []


def _as_typed(value: str) -> str:
    in_bash = os.environ.get("_ADMSYNC_COMPLETE") == "bash_complete"
    return _BARE.sub(r"\\\1", value) if in_bash else value


def _runs(incomplete: str) -> Iterator[tuple[str, str]]:
    from ledger.output.words import local_time
    from ledger.runs.states import short_id, states_in

    if "last".startswith(incomplete):
        yield "last", "the newest run"
    with _reader() as reader:
        newest = states_in(
            reader,
            "starts_with(r.run_id::text, %(typed)s) OR starts_with(right(r.run_id::text, 12),"
            " %(typed)s)",
            {"typed": incomplete},
            limit=_MOST,
        )
    for state in newest:
        short = short_id(state.run_id)
        name = short if short.startswith(incomplete) else str(state.run_id)
        yield name, f"{state.command}, {state.state}, {local_time(state.started_at)}"


def _records(incomplete: str) -> Iterator[tuple[str, str]]:
    from ledger.history.search import records_beginning

    with _reader() as reader:
        found = records_beginning(reader, incomplete)
    offered: dict[str, str] = {}
    for one in found:
        by_name = one.name.lower().startswith(incomplete.lower())
        offered.setdefault(*((one.name, one.record) if by_name else (one.record, one.name)))
    yield from offered.items()


@contextmanager
def _reader() -> Iterator[psycopg.Connection[Any]]:
    """A reader of the settings' database, if it answers at once."""
    os.environ.setdefault("PGCONNECT_TIMEOUT", _SECONDS)
    from ledger.database.builtin import was_started
    from ledger.database.connection import open_database
    from ledger.database.settings import DatabaseSettings
    from ledger.settings.environment import environment

    settings = DatabaseSettings.from_environment(environment())
    if settings.builtin and not was_started(settings.data_dir):
        raise click.Abort
    database = open_database(settings)
    try:
        with database.driver_transaction() as reader:
            reader.execute(f"SET LOCAL statement_timeout = '{_SECONDS}s'".encode())
            yield reader
    finally:
        database.close()
