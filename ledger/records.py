"""Finding a record by what a person types: its name in the ledger, an id, or what it is called."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
from attrs import frozen

from ledger.canonical import canonical
from ledger.errors import UsageRefused
from ledger.events import record_name
from ledger.tables import adm
from ledger.tables.metadata import METADATA


@frozen
class Found:
    """A record, and what it goes by: the name that was found."""

    record: str
    name: str


# What a record goes by: for each table, the expressions a person may type the value of.
_NAMES = {
    "adm.custom_fields": ("r.label",),
    "adm.pricelevels": ("r.name",),
    "adm.locations": ("r.name", "r.code"),
    "adm.venues": ("r.name",),
    "adm.instructors": ("concat_ws(' ', r.first_name, r.last_name)",),
    "adm.course_templates": ("r.code", "r.title"),
    "adm.events": ("r.title",),
    "adm.sessions": ("r.title",),
    "acted.tutorial_course_templates": ("r.code", "r.title"),
    "acted.tutorial_locations": ("r.name", "r.code"),
    "acted.tutorial_venues": ("r.name",),
    "acted.tutorial_instructors": ("concat_ws(' ', u.first_name, u.last_name)",),
    "acted.tutorial_events": ("r.code",),
    "acted.tutorial_sessions": ("r.title",),
}
_JOINS = {
    "acted.tutorial_instructors": (
        " JOIN acted.staff s ON s.id = r.staff_id JOIN public.auth_user u ON u.id = s.user_id"
    )
}


def find_record(connection: psycopg.Connection[Any], typed: str) -> Found:
    """The one record meant by ``typed``: ``adm.venues/VmVudWU6Nw==``, ``acted.tutorial_venues/5``,
    ``adm.venues/17`` (the primary key), an Administrate id, or a name, now or formerly.

    A name that both sides of a link go by means the bridge row. Raises ``UsageRefused`` where
    nothing is found, or several records, which the message lists.
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
    """Every record that ``typed`` may mean, the most exact way of meaning one first."""
    table, slash, key = typed.partition("/")
    if slash and (table == "run" or table in METADATA.tables):
        return _by_table_and_key(connection, table, key)
    return (
        _by_external_id(connection, typed)
        or _by_name(connection, typed)
        or _by_former_name(connection, typed)
    )


def counterpart(connection: psycopg.Connection[Any], record: str) -> str | None:
    """The record on the other side of a record's link, as it stands."""
    table, _, key = record.partition("/")
    if table in adm.BY_NAME:
        link = adm.link_column(adm.BY_NAME[table])
        if link is None:
            return None
        row = connection.execute(
            f"SELECT {link.name} FROM {table} WHERE external_id = %(key)s OR 'id=' || id = %(key)s",
            {"key": key},
        ).fetchone()
        return (
            record_name(str(adm.linked_table(adm.BY_NAME[table])), row[0])
            if row and row[0]
            else None
        )
    for name, bridge in adm.BY_NAME.items():
        link = adm.link_column(bridge)
        if link is not None and adm.linked_table(bridge) == table and key.isdecimal():
            row = connection.execute(
                f"SELECT coalesce(external_id, 'id=' || id) FROM {name} WHERE {link.name} = %s",
                (int(key),),
            ).fetchone()
            return record_name(name, row[0]) if row else None
    return None


def _by_table_and_key(connection: psycopg.Connection[Any], table: str, key: str) -> list[Found]:
    record = record_name(table, key)
    known = connection.execute(
        "SELECT 1 FROM ledger.events WHERE subjects @> %s OR stream = %s LIMIT 1",
        ([record], record),
    ).fetchone()
    if known:
        return [Found(record, key)]
    if table == "run":
        return [Found(record, key)] if _is_uuid(key) else []
    if key.isdecimal():
        column = "coalesce(external_id, 'id=' || id)" if table in adm.BY_NAME else "id::text"
        row = connection.execute(
            f"SELECT {column} FROM {table} WHERE id = %s", (int(key),)
        ).fetchone()
        return [Found(record_name(table, row[0]), key)] if row else []
    return []


def _by_external_id(connection: psycopg.Connection[Any], typed: str) -> list[Found]:
    parts = [
        f"SELECT '{name}', external_id FROM {name} WHERE external_id = %(typed)s"
        for name in adm.BY_NAME
    ]
    rows = connection.execute(" UNION ALL ".join(parts), {"typed": typed}).fetchall()
    return [Found(record_name(table, key), key) for table, key in rows]


def _by_name(connection: psycopg.Connection[Any], typed: str) -> list[Found]:
    parts = []
    for table, expressions in _NAMES.items():
        key = "coalesce(r.external_id, 'id=' || r.id)" if table in adm.BY_NAME else "r.id::text"
        either = " OR ".join(f"lower({e}) = lower(%(typed)s)" for e in expressions)
        parts.append(
            f"SELECT '{table}', {key}, {expressions[0]}"
            f" FROM {table} r{_JOINS.get(table, '')} WHERE {either}"
        )
    rows = connection.execute(" UNION ALL ".join(parts), {"typed": typed.strip()}).fetchall()
    return [Found(record_name(table, key), name) for table, key, name in rows]


def _by_former_name(connection: psycopg.Connection[Any], typed: str) -> list[Found]:
    """Records that are gone, or went by another name: found in what the ledger says of them."""
    rows = connection.execute(
        "SELECT DISTINCT stream FROM ledger.events WHERE type = ANY(%(types)s)"
        " AND (strpos(lower(payload::text), lower(%(name)s)) > 0 OR payload::text LIKE ANY("
        "   SELECT '%%' || encode(digest, 'hex') || '%%' FROM ledger.personal"
        "   WHERE lower(value) = lower(%(typed)s)))",
        {
            "types": ["RecordObserved", "RecordChanged", "RecordVanished", "BridgeRowAdopted"],
            "name": canonical(typed).decode(),
            "typed": typed,
        },
    ).fetchall()
    return [Found(stream, typed) for (stream,) in rows]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
