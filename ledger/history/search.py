"""Records by part of what they go by, and by names that are nearly what was typed."""

from __future__ import annotations

from typing import Any

import psycopg
from attrs import frozen

from ledger.events import record_name
from ledger.history.name_columns import JOINS, NAMES, joined, key_of

MOST = 50
_NEAR = 75.0  # of a hundred
_MOST_COMPARED = 50_000  # names


@frozen
class Found:
    """A record with its display name."""

    record: str
    name: str


def records_named_in_part(
    connection: psycopg.Connection[Any], typed: str, most: int = MOST
) -> list[Found]:
    """The records with a name or a key in which ``typed`` stands, whatever its case; those that
    begin with it first."""
    wanted = typed.strip()
    if not wanted:
        return []
    rows = connection.execute(
        f"SELECT record, name FROM ({_names()}) AS named"
        " WHERE strpos(lower(name), lower(%(typed)s)) > 0 OR key = %(typed)s"
        " ORDER BY NOT starts_with(lower(name), lower(%(typed)s)), length(name), name, record"
        " LIMIT %(most)s",
        {"typed": wanted, "most": most},
    )
    return [Found(*row) for row in rows.fetchall()]


def records_beginning(
    connection: psycopg.Connection[Any], typed: str, most: int = MOST
) -> list[Found]:
    """The records whose name, whatever its case, or whose name in the ledger begins so."""
    rows = connection.execute(
        f"SELECT record, name FROM ({_names()}) AS named"
        " WHERE starts_with(lower(name), lower(%(typed)s)) OR starts_with(record, %(typed)s)"
        " ORDER BY name, record LIMIT %(most)s",
        {"typed": typed, "most": most},
    )
    return [Found(*row) for row in rows.fetchall()]


def records_named_nearly(
    connection: psycopg.Connection[Any], typed: str, most: int = 10
) -> list[Found]:
    """The records whose names are most like ``typed``, the likest first."""
    from rapidfuzz import fuzz, process, utils  # noqa: PLC0415 - for those alone who ask

    rows = connection.execute(
        f"SELECT record, name FROM ({_names()}) AS named LIMIT {_MOST_COMPARED}"
    ).fetchall()
    names = [name for _, name in rows]
    near = process.extract(
        typed,
        names,
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=most,
        score_cutoff=_NEAR,
    )
    return [Found(*rows[index]) for _, _, index in near]


def _names() -> str:
    """Every name that a row goes by, with its record and key, in SQL."""
    parts = [
        f"SELECT {_record_of(table)} AS record, {key_of(table)} AS key,"
        f" {joined(several[0])} AS name FROM {table} r{JOINS.get(table, '')}"
        for table, several in NAMES.items()
    ]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS every WHERE name <> ''"


def _record_of(table: str) -> str:
    """A row's name in the ledger, in SQL."""
    return f"'{record_name(table, '')}' || {key_of(table)}"
