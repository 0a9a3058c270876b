"""Finds a record by a person's input: its name in the ledger, an id, or its display name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any
from uuid import UUID

import orjson
import psycopg

from ledger.canonical import escaped
from ledger.errors import UsageRefused
from ledger.events import CATALOGUE, BridgeRowEdited, RecordIdentified, record_name
from ledger.events.base import LINK
from ledger.history.display_names import Called
from ledger.history.name_columns import JOINS, NAMES, joined, key_of, keyed
from ledger.history.search import Found, records_named_in_part, records_named_nearly
from ledger.history.told_names import TELLING, ToldNames, former_and_next
from ledger.schema import acted, adm
from ledger.store.read import Selection, read_recorded

_FEW, _LISTED = 20, 5
_TABLES = {table.fullname for table in (*acted.TABLES, *adm.TABLES)}


def find_record(connection: psycopg.Connection[Any], typed: str, *, in_part: bool = False) -> Found:
    """The one record meant by ``typed``: ``adm.venues/VmVudWU6Nw==``, ``acted.tutorial_venues/5``,
    ``adm.venues/17`` (the primary key), an Administrate id, or a current or former name.

    A name shared by both sides of a link means the bridge row. ``in_part``: else a part of a name,
    where a wrong guess does no harm. Raises ``UsageRefused`` where no record matches, or several,
    which the message lists.
    """
    found = find_records(connection, typed)
    if in_part and not found:
        found = records_named_in_part(connection, escaped(typed), _FEW + 1)
        if len(found) > _FEW:
            some = ", ".join(repr(one.name) for one in found[:_LISTED])
            raise UsageRefused(f"{typed!r} is part of many names, such as {some}; type more of one")
    links = {side for one in found for side in _counterparts(connection, one.record)}
    meant = [one for one in found if one.record.startswith("adm.") or one.record not in links]
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise UsageRefused(f"no record {typed!r}; {_meant(connection, escaped(typed))}")
    listed = ", ".join(f"{one.record} ({one.name})" for one in meant[:10])
    raise UsageRefused(f"{typed!r} means {len(meant)} records; say which: {listed}")


def _meant(connection: psycopg.Connection[Any], typed: str) -> str:
    """The names that have the text in them, or else are near it; without any, what can be typed."""
    near = records_named_in_part(connection, typed, _FEW) or records_named_nearly(connection, typed)
    names = list(dict.fromkeys(one.name for one in near))[:_LISTED]
    if names:
        return f"did you mean {' or '.join(map(repr, names))}?"
    return (
        "type a name, an Administrate id, or TABLE/KEY such as adm.venues/VmVudWU6Nw== or"
        " acted.tutorial_venues/5"
    )


def find_records(
    connection: psycopg.Connection[Any], typed: str, *, former: bool = True
) -> list[Found]:
    """Every record that ``typed`` matches, by the most exact kind of match that finds any.

    Not ``former``: no record is found by what it went by once, for which all events are read.
    """
    table, slash, key = typed.partition("/")
    if slash and table == "run":
        return [Found(record_name(table, key), key)] if _is_uuid(key) else []
    if slash and table in _TABLES:
        return _by_table_and_key(connection, table, key)
    name = escaped(typed.strip())
    if not name:
        return []
    now = _matching_rows(
        connection, adm.BY_NAME, lambda _: "r.external_id = %(typed)s", name
    ) or _matching_rows(connection, NAMES, _goes_by, name)
    if now or not former:
        return now
    return _by_former_id(connection, name) or _by_former_name(connection, name)


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


def _counterparts(connection: psycopg.Connection[Any], record: str) -> set[str]:
    """The record linked with a record; of a bridge row that is gone, every one that ever was."""
    if (linked := counterpart(connection, record)) is not None:
        return {linked}
    table, _, key = record.partition("/")
    if table not in adm.BY_NAME or _of_key(connection, table, key):
        return set()
    fields, names = CATALOGUE.holding(LINK), names_of(connection, record)
    about = Selection(subjects=names, types=list(fields))
    linking = read_recorded(connection, about, tolerant=True)
    events = [recorded.event for recorded in linking if recorded.event.record() in names]
    sides = (
        getattr(event, one) for event in events for one in fields.get(type(event).__name__, ())
    )
    return {side for side in sides if side is not None}


def names_of(connection: psycopg.Connection[Any], record: str) -> list[str]:
    """A record's names in the ledger, the current one first: a bridge row made before its record
    existed in Administrate has two, and one whose id another writer changed."""
    names = [record]
    if record.partition("/")[0] not in adm.BY_NAME:
        return names
    known: set[str] = set()
    while known != set(names):
        known = set(names)
        renamed = Selection(
            subjects=names, types=[RecordIdentified.__name__, BridgeRowEdited.__name__]
        )
        in_order = [record]
        for recorded in read_recorded(connection, renamed, tolerant=True):
            own, others = str(recorded.event.record()), former_and_next(recorded.event)
            if not others or known.isdisjoint((own, *others)):
                continue
            is_former = isinstance(recorded.event, RecordIdentified)
            in_order += [*others, own] if is_former else [own, *others]
        names = list(dict.fromkeys(reversed(in_order)))
    return names


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
        return _as_known_now(connection, [record])
    if found := _matching_rows(
        connection, [table], lambda _: "r.id::text = %(typed)s", escaped(key)
    ):
        return found
    # The primary key of a row that is gone, or that was merged into another.
    gone = connection.execute(
        "SELECT DISTINCT stream FROM ledger.events WHERE payload ->> 'table' = %(table)s"
        " AND (type = 'RecordVanished' AND payload ->> 'row_id' = %(key)s"
        "   OR type = 'BridgeRowMerged' AND payload ->> 'merged' = %(key)s)",
        {"table": table, "key": escaped(key.removeprefix("id="))},
    )
    return _as_known_now(connection, [stream for (stream,) in gone.fetchall()])


def _by_former_id(connection: psycopg.Connection[Any], key: str) -> list[Found]:
    """Records that had this Administrate id: deleted, or known by another one since."""
    spelt = [record_name(table, key) for table in adm.BY_NAME]
    streams = connection.execute(
        "SELECT DISTINCT stream FROM ledger.events WHERE stream = ANY(%(spelt)s)"
        " OR starts_with(stream, %(fields)s) AND split_part(stream, ':', 2) = %(key)s",
        {"spelt": spelt, "fields": f"{adm.CUSTOM_FIELDS.fullname}/", "key": key},
    )
    return _as_known_now(connection, [stream for (stream,) in streams.fetchall()])


def _as_known_now(connection: psycopg.Connection[Any], records: Iterable[str]) -> list[Found]:
    """The records under their current names in the ledger, each once."""
    found: dict[str, Found] = {}
    called = Called(connection)
    for record in dict.fromkeys(names_of(connection, one)[0] for one in records):
        table, _, key = record.partition("/")
        now = _of_key(connection, table, key)
        for one in now or [Found(record, called.name_of(record) or key)]:
            found[one.record] = one
    return list(found.values())


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
            "types": list(TELLING),
            "said": f":{orjson.dumps(name).decode()}",
            "name": name,
        },
    ).fetchall()
    # ... then, of those, what went by it.
    once = _once_called(connection, name.casefold(), [stream for (stream,) in streams])
    return _as_known_now(connection, once)


def _once_called(
    connection: psycopg.Connection[Any], wanted: str, records: Collection[str]
) -> list[str]:
    """Those of the records that ever had the name, whatever its case."""
    told, found = ToldNames(), dict[str, None]()
    about = Selection(subjects=records, types=TELLING)
    for recorded in read_recorded(connection, about, tolerant=True):
        if wanted in map(str.casefold, told.take_in(recorded.event)):
            found[str(recorded.event.record())] = None
    return [record for record in found if record in records]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
