"""The current state before a sync decides: bridge rows, tutorial records, open discrepancies,
people's decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from attrs import frozen
from sqlalchemy import Connection, select, text

from ledger.database.connection import driver
from ledger.events import BridgeRowAdopted, BridgeRowEdited, DecisionTaken, DecisionWithdrawn
from ledger.store.read import Selection, decoded, read_chunks
from ledger.tables import acted, adm, column_names
from ledger.tables.discrepancies import DISCREPANCIES
from sync.entities import BY_NAME
from sync.entity import Entity, Lookups
from sync.matching.decisions import Decision, Decisions, Verdict, Withdrawal
from sync.matching.keys import Record


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
    tutorial: tuple[Record, ...]
    open: Mapping[str, Open]
    decisions: Decisions
    # The tutorial ids that other writers linked bridge rows with, by the rows' keys.
    adopted: Mapping[str, int]
    # The tutorial location linked with each Administrate location, and its name.
    places: Mapping[str, int]
    place_names: Mapping[int, str]


def read_current_state(
    connection: Connection, entity: Entity, *, until: int | None = None
) -> CurrentState:
    """The current state, in a constant number of queries; people's decisions up to a position."""
    decisions, adopted = _decisions(connection, entity, until)
    return CurrentState(
        rows=_bridge_rows(connection, entity),
        tutorial=_tutorial_records(connection, entity),
        open=_open(connection, entity),
        decisions=decisions,
        adopted=adopted,
        places=_places(connection) if entity.scope_column else {},
        place_names=_place_names(connection) if entity.scope_column else {},
    )


def read_lookups(connection: Connection, entity: Entity) -> Lookups:
    """The primary keys of the bridge rows of every entity that this one needs."""
    lookups = {}
    for name in entity.needs:
        table = BY_NAME[name].table
        rows = connection.execute(select(table.c.external_id, table.c.id))
        lookups[table.fullname] = dict(rows.all())
    return lookups


def missing_need(connection: Connection, entity: Entity) -> str | None:
    """The entity to sync before this one, as a message; None where all are synced."""
    for needed in (BY_NAME[name] for name in entity.needs):
        part = needed.needed_part
        rows = select(needed.table.c.id).limit(1)
        if needed.part_column is not None:
            rows = rows.where(needed.table.c[needed.part_column] == part)
        if connection.execute(rows).first() is not None:
            continue
        # Without records in Administrate there are no rows; only events show that it was synced.
        synced = connection.execute(
            text(
                "SELECT payload -> 'refused_parts' FROM ledger.events WHERE type = 'EntitySynced'"
                " AND payload ->> 'entity' = :name"
            ),
            {"name": needed.name},
        )
        refused = [part in (parts or ()) for (parts,) in synced]
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
    connection: Connection, entity: Entity, rows: Iterable[BridgeRow]
) -> list[tuple[str, BridgeRow, str]]:
    """The bridge rows whose foreign keys to these are set to NULL: table, row, and referencing
    column."""
    gone = list(rows)
    if not gone:
        return []
    found = []
    for name, table in adm.BY_NAME.items():
        for column in table.columns:
            for reference in column.foreign_keys:
                if reference.column.table is not entity.table:
                    continue
                values = [row.columns[reference.column.name] for row in gone]
                query = select(*table.columns).where(column.in_(values))
                found += [
                    (name, _bridge_row(table, dict(row)), str(column.name))
                    for row in connection.execute(query).mappings()
                ]
    return found


def _bridge_rows(connection: Connection, entity: Entity) -> dict[str, BridgeRow]:
    names = column_names(entity.table)
    found = connection.execute(select(*entity.table.columns).execution_options(yield_per=1000))
    rows = (_bridge_row(entity.table, dict(zip(names, row, strict=True))) for row in found)
    # A row without an Administrate id has no record there: no fetch covers it.
    return {row.key: row for row in rows if row.columns["external_id"] is not None}


def _bridge_row(table: Any, columns: dict[str, Any]) -> BridgeRow:
    link = adm.link_column(table)
    target = columns[str(link.name)] if link is not None else None
    return BridgeRow(columns["id"], adm.bridge_key(table, columns), columns, target)


def _tutorial_records(connection: Connection, entity: Entity) -> tuple[Record, ...]:
    if entity.tutorial is None:
        return ()
    width = 1 + len(entity.tutorial.rule.fields)
    rows = connection.execute(text(entity.tutorial.active).execution_options(yield_per=1000))
    return tuple(
        Record(row[0], tuple(value or "" for value in row[1:width]), *row[width:]) for row in rows
    )


def _open(connection: Connection, entity: Entity) -> dict[str, Open]:
    rows = connection.execute(
        select(
            DISCREPANCIES.c.record,
            DISCREPANCIES.c.outcome,
            DISCREPANCIES.c.reason,
            DISCREPANCIES.c.candidates,
        ).where(DISCREPANCIES.c.bridge_table == entity.table.fullname)
    )
    return {record: Open(outcome, reason, tuple(them)) for record, outcome, reason, them in rows}


def _places(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        select(adm.LOCATIONS.c.external_id, adm.LOCATIONS.c.tutorial_location_id)
    )
    return {external_id: place for external_id, place in rows if place is not None}


def _place_names(connection: Connection) -> dict[int, str]:
    rows = connection.execute(select(acted.LOCATIONS.c.id, acted.LOCATIONS.c.name))
    return dict(rows.all())


def _decisions(
    connection: Connection, entity: Entity, until: int | None
) -> tuple[Decisions, dict[str, int]]:
    """People's decisions about the entity's records, and links adopted from an older tool."""
    decisions = Decisions()
    adopted: dict[str, int] = {}
    if entity.tutorial is None:
        return decisions, adopted
    reader = driver(connection)
    kinds = (DecisionTaken, DecisionWithdrawn, BridgeRowAdopted, BridgeRowEdited)
    types = [kind.__name__ for kind in kinds]
    for events in read_chunks(reader, Selection(types=types, until=until)):
        mine: list[Decision | Withdrawal] = []
        for recorded in decoded(reader, events):
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
        adopted[key] = int(event.linked.rpartition("/")[2])


def decision_of(position: int, taken: DecisionTaken) -> Decision:
    """A person's decision about a pair or a record, as a value for matching."""
    bridge = f"{taken.table}/"
    named = [record for record in (taken.subject, taken.object) if record is not None]
    administrate = [one.removeprefix(bridge) for one in named if one.startswith(bridge)]
    tutorial = [int(one.rpartition("/")[2]) for one in named if not one.startswith(bridge)]
    return Decision(
        position,
        Verdict(taken.decision),
        next(iter(administrate), None),
        next(iter(tutorial), None),
        _key(taken.fields.get("administrate_key")),
        _key(taken.fields.get("tutorial_key")),
    )


def _key(value: object) -> tuple[str, ...]:
    parts = cast("list[Any]", value or [])
    return tuple(str(getattr(part, "value", part) or "") for part in parts)
