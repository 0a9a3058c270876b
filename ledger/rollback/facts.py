"""Reads the current state that a rollback is planned from: rows, what refers to them, their events.

Foreign keys to the rows are read from the catalogue, so that tables unknown to this program count
too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import psycopg
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.rollback.changes import RowKey
from ledger.rollback.parts import Facts, Reference
from ledger.schema import acted, adm
from ledger.schema.adm import linked_table
from ledger.schema.column_values import Row
from ledger.schema.declared import Table
from ledger.store.bridge_rows import current_rows
from ledger.store.referring import referrers
from ledger.tables.shapes.shape import MADE, TutorialTables


def read_facts(
    connection: Connection,
    names: Mapping[RowKey, str],
    made: Collection[RowKey],
    tables: TutorialTables,
) -> Facts:
    """The current state about a run's rows: these ``names``, of which ``made`` are the tutorial
    events that it made."""
    reader = driver(connection)
    current: dict[RowKey, Row] = {}
    for table in adm.TABLES:
        rows = current_rows(reader, table)
        current |= {RowKey(table.fullname, row_id): row for row_id, row in rows.items()}
    tutorial_ids = defaultdict(list)
    for key in names:
        if key.table not in adm.BY_NAME:
            tutorial_ids[key.table].append(key.id)
    for name, ids in tutorial_ids.items():
        current |= _tutorial_rows(reader, tables.named(name), ids)
    linked = {str(linked_table(key.table)) for key in names if key.table in adm.BY_NAME}
    tutorial = {
        RowKey(name, row_id)
        for name in linked - {"None"}
        for (row_id,) in reader.execute(f"SELECT id FROM {name}")
    }
    references = tuple(references_to(connection, [key for key in names if key in current]))
    return Facts(
        current,
        names,
        references,
        frozenset(tutorial),
        dict(_groups(names, made, current)),
        unedited={name: tables.unedited(name) for name in MADE},
    )


def _groups(
    names: Mapping[RowKey, str], made: Collection[RowKey], current: Mapping[RowKey, Row]
) -> Iterator[tuple[RowKey, RowKey]]:
    """The row of its event for each row: the rows in both schemas of an event that the run made
    stay or go together."""
    for key in names:
        row = current.get(key)
        event = None if row is None else event_of(key, row, current)
        # An event that the run did not make does not go with it, whatever a sync saw of it.
        if event is not None and event in made:
            yield key, event


def event_of(key: RowKey, row: Row, current: Mapping[RowKey, Row]) -> RowKey | None:
    """The tutorial event that a row of either schema belongs to."""
    match key.table:
        case acted.EVENTS.fullname:
            return key
        case acted.SESSIONS.fullname:
            return RowKey(acted.EVENTS.fullname, row["tutorial_event_id"])
        case acted.SESSION_INSTRUCTORS.fullname:
            parent = RowKey(acted.SESSIONS.fullname, row["tutorialsessions_id"])
        case adm.EVENTS.fullname:
            linked = row["tutorial_event_id"]
            return None if linked is None else RowKey(acted.EVENTS.fullname, linked)
        case adm.SESSIONS.fullname:
            parent = RowKey(adm.EVENTS.fullname, row["event_id"])
        case _:
            return None
    above = current.get(parent)
    return None if above is None else event_of(parent, above, current)


def references_to(connection: Connection, rows: Iterable[RowKey]) -> Iterator[Reference]:
    """Rows of other tables that reference these, except rows of the bridge."""
    ids = defaultdict(list)
    for key in rows:
        ids[key.table].append(key.id)
    for name, keys in ids.items():
        for row_id, one in referrers(driver(connection), name, keys):
            if not (one.table in adm.BY_NAME and name in adm.BY_NAME):
                to = RowKey(name, row_id)
                yield Reference(to, one.table, one.column, one.count, one.ids)


def lock_rows(connection: Connection, rows: Iterable[RowKey]) -> None:
    """Locks the rows FOR UPDATE, so that no foreign key to them can be inserted concurrently."""
    ids = defaultdict(list)
    for key in rows:
        ids[key.table].append(key.id)
    # Always in one order, so that two transactions cannot deadlock.
    for name, keys in sorted(ids.items()):
        driver(connection).execute(
            f"SELECT FROM {name} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (keys,)
        )


def _tutorial_rows(
    reader: psycopg.Connection[Any], table: Table, ids: list[Any]
) -> dict[RowKey, Row]:
    """The rows without the columns that name a person, since no event may hold those."""
    names = [column.name for column in table.columns if not column.personal]
    found = reader.execute(
        f"SELECT {', '.join(names)} FROM {table.fullname} WHERE id = ANY(%s)", (ids,)
    )
    return {RowKey(table.fullname, row[0]): dict(zip(names, row, strict=True)) for row in found}
