"""The current state before a sync decides: bridge rows, tutorial records, open discrepancies,
people's decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import psycopg
from attrs import frozen

from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    DecisionTaken,
    DecisionWithdrawn,
    tutorial_key,
)
from ledger.schema.adm import BY_NAME as BRIDGE_TABLES
from ledger.schema.adm import bridge_key, link_name
from ledger.schema.declared import Table
from ledger.store.bridge_rows import current_rows
from ledger.store.read import Selection, decoded, read_chunks
from sync.decide.scopes import scope_names, scopes
from sync.decide.taken import decision_of
from sync.entities import BY_NAME
from sync.entity import Entity, Lookups
from sync.events.labels import read_labels
from sync.matching.decisions import Decision, Decisions, Withdrawal
from sync.matching.keys import Id, Record


@frozen
class BridgeRow:
    """A current bridge row: its primary key, its columns, the tutorial id of its link."""

    row_id: int
    key: str
    columns: Mapping[str, Any]
    link: int | None

    @property
    def gone(self) -> bool:
        """Whether its record is deleted in Administrate, and the row stays because it is
        referenced."""
        return self.columns.get("gone_at") is not None


@frozen
class Open:
    """An open discrepancy: its last decision and the candidates."""

    outcome: str
    reason: str
    candidates: tuple[str, ...]


@frozen
class CurrentState:
    """The current state that an entity's decisions depend on, beside the observed records."""

    rows: Mapping[str, BridgeRow]
    # Rows that have no Administrate id.
    without_id: Mapping[str, BridgeRow]
    tutorial: tuple[Record, ...]
    open: Mapping[str, Open]
    decisions: Decisions
    # The tutorial ids that other writers linked bridge rows with, by the rows' keys.
    adopted: Mapping[str, int]
    # What a row's scope column says of the scope that it is matched within, and the scopes' names.
    scopes: Mapping[object, Id]
    scope_names: Mapping[Id, str]
    # The tutorial records about which nothing is decided now.
    passed_over: frozenset[Id] = frozenset()

    @cached_property
    def tutorial_keys(self) -> frozenset[str]:
        """The first fields of the tutorial records' keys, casefolded."""
        return frozenset(record.key[0].casefold() for record in self.tutorial)


def read_current_state(
    connection: psycopg.Connection[Any],
    entity: Entity,
    *,
    until: int | None = None,
    rebuilt: psycopg.Connection[Any] | None = None,
) -> CurrentState:
    """The current state, in a constant number of queries; people's decisions up to a position.

    ``rebuilt``: of the tables that this connection has rebuilt from the ledger.
    """
    named, tables = (_rebuilt, rebuilt) if rebuilt else (str, connection)
    decisions, adopted = _decisions(connection, entity, until)
    rows = _bridge_rows(tables, entity, named(entity.table.fullname))
    return CurrentState(
        # A row without an Administrate id has no record there: no fetch covers it.
        rows={key: row for key, row in rows.items() if row.columns["external_id"] is not None},
        without_id={key: row for key, row in rows.items() if row.columns["external_id"] is None},
        tutorial=_tutorial_records(connection, entity),
        open=_open(tables, entity, named("ledger.discrepancies")),
        decisions=decisions,
        adopted=adopted,
        scopes=scopes(connection, tables, entity, named),
        scope_names=scope_names(connection, entity),
    )


def _rebuilt(table: str) -> str:
    return f"pg_temp.{table.partition('.')[2]}"


def read_lookups(
    connection: psycopg.Connection[Any],
    entity: Entity,
    *,
    rebuilt: psycopg.Connection[Any] | None = None,
) -> Lookups:
    """The primary keys of the bridge rows of every entity that this one needs; ``rebuilt`` as in
    ``read_current_state``."""
    named, tables = (_rebuilt, rebuilt) if rebuilt else (str, connection)
    found = {}
    for name in entity.needs:
        table = BY_NAME[name].table.fullname
        rows = tables.execute(f"SELECT external_id, id FROM {named(table)}")
        found[table] = dict(rows.fetchall())
    if not entity.windowed:
        return Lookups(found)
    labels = read_labels(tables, named)
    return Lookups(found, labels, _days(connection, tables, named))


def _days(
    connection: psycopg.Connection[Any],
    tables: psycopg.Connection[Any],
    named: Callable[[str], str],
) -> dict[str, int]:
    """The days of the linked sessions, by Administrate id."""
    rows = tables.execute(
        f"SELECT external_id, tutorial_session_id FROM {named('adm.sessions')}"
        " WHERE external_id IS NOT NULL AND tutorial_session_id IS NOT NULL"
    )
    linked = dict(rows.fetchall())
    sequences = connection.execute(
        "SELECT id, sequence FROM acted.tutorial_sessions WHERE id = ANY(%s)",
        (list(linked.values()),),
    )
    days = dict(sequences.fetchall())
    return {key: days[session] for key, session in linked.items() if session in days}


def missing_need(connection: psycopg.Connection[Any], entity: Entity) -> str | None:
    """The entity to sync before this one, as a message; None where all are synced."""
    for needed in (BY_NAME[name] for name in entity.needs):
        part = needed.needed_part
        rows = f"SELECT id FROM {needed.table.fullname}"
        if needed.part_column is not None:
            rows += f" WHERE {needed.part_column} = %(part)s"
        if connection.execute(f"{rows} LIMIT 1", {"part": part}).fetchone() is not None:
            continue
        # Without records in Administrate there are no rows; only events show that it was synced.
        synced = connection.execute(
            "SELECT payload -> 'refused_parts' FROM ledger.events WHERE type = 'EntitySynced'"
            " AND payload ->> 'entity' = %s",
            (needed.name,),
        )
        refused = [part in (parts or ()) for (parts,) in synced.fetchall()]
        if not refused:
            return f"{needed.many} first; run: admsync sync {needed.name}"
        if all(refused):
            return (
                f"{needed.many} of type {part}, which Administrate does not permit to read; have"
                " the user whom the key stands for permitted to, then run: admsync sync"
                f" {needed.name}"
            )
    return None


def references_to(
    connection: psycopg.Connection[Any], entity: Entity, rows: Iterable[BridgeRow]
) -> list[tuple[str, BridgeRow, str]]:
    """The bridge rows whose foreign keys to these are set to NULL: table, row, and referencing
    column."""
    gone = list(rows)
    if not gone:
        return []
    found = []
    for name, table in BRIDGE_TABLES.items():
        for column in table.columns:
            if column.referred != entity.table.fullname:
                continue
            values = [row.columns[column.refers_to.rpartition(".")[2]] for row in gone]
            rows_ = connection.execute(
                f"SELECT {table.selected} FROM {name} WHERE {column.name} = ANY(%s)", (values,)
            )
            found += [
                (name, _bridge_row(table, dict(zip(table.by_name, row, strict=True))), column.name)
                for row in rows_.fetchall()
            ]
    return found


def _bridge_rows(
    connection: psycopg.Connection[Any], entity: Entity, named: str
) -> dict[str, BridgeRow]:
    found = current_rows(connection, entity.table, named)
    rows = (_bridge_row(entity.table, row) for row in found.values())
    return {row.key: row for row in rows}


def _bridge_row(table: Table, columns: dict[str, Any]) -> BridgeRow:
    link = link_name(table.fullname)
    target = None if link is None else columns[link]
    return BridgeRow(columns["id"], bridge_key(table.fullname, columns), columns, target)


def _tutorial_records(connection: psycopg.Connection[Any], entity: Entity) -> tuple[Record, ...]:
    if entity.tutorial is None:
        return ()
    width = 1 + len(entity.tutorial.rule.fields)
    with connection.cursor("tutorial_records") as rows:
        rows.itersize = 1000
        rows.execute(entity.tutorial.active)
        return tuple(
            Record(row[0], tuple(value or "" for value in row[1:width]), *row[width:])
            for row in rows
        )


def _open(connection: psycopg.Connection[Any], entity: Entity, named: str) -> dict[str, Open]:
    rows = connection.execute(
        f"SELECT record, outcome, reason, candidates FROM {named} WHERE bridge_table = %s",
        (entity.table.fullname,),
    )
    return {
        record: Open(outcome, reason, tuple(them))
        for record, outcome, reason, them in rows.fetchall()
    }


def _decisions(
    connection: psycopg.Connection[Any], entity: Entity, until: int | None
) -> tuple[Decisions, dict[str, int]]:
    """People's decisions about the entity's records, and links adopted from an older tool."""
    decisions = Decisions()
    adopted: dict[str, int] = {}
    if entity.tutorial is None:
        return decisions, adopted
    kinds = (DecisionTaken, DecisionWithdrawn, BridgeRowAdopted, BridgeRowEdited)
    types = [kind.__name__ for kind in kinds]
    for events in read_chunks(connection, Selection(types=types, until=until)):
        mine: list[Decision | Withdrawal] = []
        for recorded in decoded(connection, events):
            match recorded.event:
                case DecisionWithdrawn(taken=taken):
                    mine.append(Withdrawal(taken))
                case DecisionTaken(table=table) as taken if table == entity.table.fullname:
                    mine.append(decision_of(recorded.position, taken))
                case BridgeRowAdopted() | BridgeRowEdited() as event:
                    if event.table == entity.table.fullname:
                        _note(adopted, event)
        decisions = decisions.after(mine)
    return decisions, adopted


def _note(adopted: dict[str, int], event: BridgeRowAdopted | BridgeRowEdited) -> None:
    """Records the link another writer gave a row; a link it removed is no evidence."""
    key = event.key
    if isinstance(event, BridgeRowEdited):
        if event.known_as is not None and key in adopted:
            adopted[event.known_as] = adopted.pop(key)
        key = event.known_as or key
        if event.linked == event.before:
            return
    adopted.pop(key, None)
    if event.linked is not None:
        adopted[key] = tutorial_key(event.linked)
