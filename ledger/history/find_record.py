"""Finds a record by a person's input: its name in the ledger, an id, or its display name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
import psycopg
from attrs import frozen

from ledger.canonical import escaped
from ledger.errors import UsageRefused
from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    RecordChanged,
    RecordObserved,
    RecordVanished,
    record_name,
)
from ledger.events.recorded import Recorded
from ledger.history.display_names import JOINS, NAMES, joined, key_of, keyed
from ledger.schema import acted, adm
from ledger.store.read import Selection, read_recorded
from ledger.values import Personal, Value


@frozen
class Found:
    """A record with its display name."""

    record: str
    name: str


_TABLES = {table.fullname for table in (*acted.TABLES, *adm.TABLES)}
_DESCRIBING = (RecordObserved, RecordChanged, RecordVanished, BridgeRowAdopted, BridgeRowEdited)


def find_record(connection: psycopg.Connection[Any], typed: str) -> Found:
    """The one record meant by ``typed``: ``adm.venues/VmVudWU6Nw==``, ``acted.tutorial_venues/5``,
    ``adm.venues/17`` (the primary key), an Administrate id, or a current or former name.

    A name shared by both sides of a link means the bridge row. Raises ``UsageRefused`` where no
    record matches, or several, which the message lists.
    """
    found = find_records(connection, typed)
    links = {target for one in found if (target := counterpart(connection, one.record))}
    meant = [one for one in found if one.record.startswith("adm.") or one.record not in links]
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise UsageRefused(
            f"no record {typed!r}; type a name, an Administrate id, or TABLE/KEY such as"
            " adm.venues/VmVudWU6Nw== or acted.tutorial_venues/5"
        )
    listed = ", ".join(f"{one.record} ({one.name})" for one in meant[:10])
    raise UsageRefused(f"{typed!r} means {len(meant)} records; say which: {listed}")


def find_records(connection: psycopg.Connection[Any], typed: str) -> list[Found]:
    """Every record that ``typed`` matches, by the most exact kind of match that finds any."""
    table, slash, key = typed.partition("/")
    if slash and table == "run":
        return [Found(record_name(table, key), key)] if _is_uuid(key) else []
    if slash and table in _TABLES:
        return _by_table_and_key(connection, table, key)
    name = escaped(typed.strip())
    if not name:
        return []
    return (
        _matching_rows(connection, adm.BY_NAME, lambda _: "r.external_id = %(typed)s", name)
        or _matching_rows(connection, NAMES, _goes_by, name)
        or _by_former_name(connection, name)
    )


def counterpart(connection: psycopg.Connection[Any], record: str) -> str | None:
    """The record currently linked with a record."""
    table, _, key = record.partition("/")
    if table in adm.BY_NAME:
        link = adm.link_name(table)
        if link is None:
            return None
        condition, values = keyed(table, [key])
        row = connection.execute(
            f"SELECT {link} FROM {table} r WHERE {condition} AND {key_of(table)} = %(key)s",
            {**values, "key": key},
        ).fetchone()
        return record_name(str(adm.linked_table(table)), row[0]) if row and row[0] else None
    for name in adm.BY_NAME:
        link = adm.link_name(name)
        if adm.linked_table(name) == table and key.isdecimal():
            row = connection.execute(
                f"SELECT {key_of(name)} FROM {name} r WHERE {link} = %s", (int(key),)
            ).fetchone()
            return record_name(name, row[0]) if row else None
    return None


def names_of(connection: psycopg.Connection[Any], record: str) -> list[str]:
    """A record's names in the ledger, the current one first: a bridge row made before its record
    existed in Administrate has two."""
    if record.partition("/")[0] not in adm.BY_NAME:
        return [record]
    found = connection.execute(
        "SELECT subjects FROM ledger.events WHERE type = 'RecordIdentified' AND subjects @> %s",
        ([record],),
    )
    return list(dict.fromkeys([*(name for (names,) in found.fetchall() for name in names), record]))


def _by_table_and_key(connection: psycopg.Connection[Any], table: str, key: str) -> list[Found]:
    if found := _of_key(connection, table, escaped(key)):
        return found
    if key.startswith("id=") and (
        # Named by its primary key until Administrate had the record, and by its id there since.
        found := _matching_rows(connection, [table], lambda _: "r.id::text = %(typed)s", key[3:])
    ):
        return found
    record = record_name(table, key)
    known = connection.execute(
        "SELECT 1 FROM ledger.events WHERE subjects @> %s OR stream = %s LIMIT 1",
        ([record], record),
    ).fetchone()
    if known:
        return [Found(record, key)]
    if found := _matching_rows(
        connection, [table], lambda _: "r.id::text = %(typed)s", escaped(key)
    ):
        return found
    gone = connection.execute(
        "SELECT DISTINCT stream FROM ledger.events WHERE type = 'RecordVanished'"
        " AND payload ->> 'table' = %s AND payload ->> 'row_id' = %s",
        (table, escaped(key)),
    )
    return [Found(stream, key) for (stream,) in gone.fetchall()]


def _of_key(connection: psycopg.Connection[Any], table: str, key: str) -> list[Found]:
    condition, values = keyed(table, [key])
    exactly = f"{condition} AND {key_of(table)} = %(typed)s"
    return _matching_rows(connection, [table], lambda _: exactly, key, **values)


def _matching_rows(
    connection: psycopg.Connection[Any],
    tables: Iterable[str],
    condition: Callable[[str], str],
    typed: str,
    **values: object,
) -> list[Found]:
    """The rows of the tables for which a condition on row ``r`` holds; binds ``typed`` and any
    other values by name."""
    parts = []
    for table in tables:
        key = key_of(table)
        names = ", ".join(f"nullif({joined(columns)}, '')" for columns in NAMES.get(table, ()))
        parts.append(
            f"SELECT '{table}', {key}, coalesce({names or 'NULL'}, {key})"
            f" FROM {table} r{JOINS.get(table, '')} WHERE {condition(table)}"
        )
    rows = connection.execute(" UNION ALL ".join(parts), {"typed": typed, **values}).fetchall()
    return [Found(record_name(table, key), name) for table, key, name in rows]


def _goes_by(table: str) -> str:
    return " OR ".join(
        f"lower(btrim({joined(columns)})) = lower(%(typed)s)" for columns in NAMES[table]
    )


def _by_former_name(connection: psycopg.Connection[Any], name: str) -> list[Found]:
    """Deleted or renamed records, found by the values in the ledger's events."""
    # First whatever says the name as a value, or the first or last of a person's names, ...
    streams = connection.execute(
        "SELECT DISTINCT stream FROM ledger.events WHERE type = ANY(%(types)s)"
        " AND (strpos(lower(payload::text), lower(%(said)s)) > 0 OR payload::text LIKE ANY("
        "   SELECT '%%' || encode(digest, 'hex') || '%%' FROM ledger.personal WHERE value <> ''"
        "   AND (starts_with(lower(%(name)s), lower(value))"
        "     OR right(lower(%(name)s), length(value)) = lower(value))))",
        {
            "types": [kind.__name__ for kind in _DESCRIBING],
            "said": f":{orjson.dumps(name).decode()}",
            "name": name,
        },
    ).fetchall()
    # ... then, of those, what went by it.
    wanted = name.casefold()
    found = []
    for record in _once_called(connection, wanted, [stream for (stream,) in streams]):
        table, _, key = record.partition("/")
        found += _of_key(connection, table, key) or [Found(record, name)]
    return found


def _once_called(
    connection: psycopg.Connection[Any], wanted: str, records: Collection[str]
) -> Iterator[str]:
    """Those of the records that ever had the name, whatever its case."""
    rows: dict[str, dict[str, Value]] = {record: {} for record in records}
    about = Selection(subjects=records, types=[kind.__name__ for kind in _DESCRIBING])
    for recorded in read_recorded(connection, about):
        record = str(recorded.event.record())
        row = rows.get(record)
        if row is None:
            continue
        for step in _described(recorded):
            row |= step
            if wanted in map(str.casefold, _names_in(record, row)):
                yield record
                del rows[record]
                break


def _names_in(record: str, row: Mapping[str, Value]) -> Iterator[str]:
    for columns in NAMES.get(record.partition("/")[0], ()):
        parts = (_text(row.get(column.removeprefix("r."))) for column in columns)
        yield " ".join(part for part in parts if part).strip()


def _described(recorded: Recorded) -> Iterator[dict[str, Value]]:
    event = recorded.event
    if isinstance(event, RecordChanged | BridgeRowEdited):
        yield {name: change.before for name, change in event.changes.items()}
        yield {name: change.after for name, change in event.changes.items()}
    elif isinstance(event, RecordObserved | RecordVanished | BridgeRowAdopted):
        yield dict(event.fields)


def _text(value: Value) -> str | None:
    if isinstance(value, Personal):
        return value.value
    return value if isinstance(value, str) else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
