"""What stands before a sync decides: bridge rows, tutorial records, what is open, what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from attrs import frozen
from sqlalchemy import Connection, select, text

from ledger.database import driver
from ledger.events import BridgeRowAdopted, DecisionTaken, DecisionWithdrawn
from ledger.store import Selection, decoded, read_chunks
from ledger.tables import adm, column_names
from ledger.tables.adm import bridge_key, link_column
from ledger.tables.discrepancies import DISCREPANCIES
from sync.decisions import Decision, Decisions, Verdict, Withdrawal
from sync.entities import BY_NAME, ENTITIES, Entity, Lookups
from sync.keys import Id, Record


@frozen
class BridgeRow:
    """A bridge row as it stands: its primary key, its columns, the tutorial id it points to."""

    row_id: int
    key: str
    columns: Mapping[str, Any]
    link: int | None


@frozen
class Open:
    """A discrepancy that is open: how it was decided last, and among which candidates."""

    outcome: str
    reason: str
    candidates: tuple[str, ...]


@frozen
class Standing:
    """All that an entity's decisions rest on beside the records fetched."""

    rows: Mapping[str, BridgeRow]
    tutorial: tuple[Record, ...]
    open: Mapping[str, Open]
    decisions: Decisions
    # The tutorial location that each Administrate location is linked with.
    places: Mapping[str, int]


def read_standing(connection: Connection, entity: Entity) -> Standing:
    """What stands, in a handful of queries, however many records there are."""
    return Standing(
        rows=_bridge_rows(connection, entity),
        tutorial=_tutorial_records(connection, entity),
        open=_open(connection, entity),
        decisions=_decisions(connection, entity),
        places=_places(connection) if entity.scope_column else {},
    )


def read_lookups(connection: Connection, entity: Entity) -> Lookups:
    """The primary keys of the bridge rows of every entity that this one needs."""
    lookups = {}
    for name in entity.needs:
        table = BY_NAME[name].table
        rows = connection.execute(select(table.c.external_id, table.c.id))
        lookups[table.fullname] = {external_id: row_id for external_id, row_id in rows}
    return lookups


def missing_need(connection: Connection, entity: Entity) -> Entity | None:
    """The first entity that has to be synced before this one, if one has not been."""
    for name in entity.needs:
        needed = BY_NAME[name]
        condition = "entity_type = 'Event'" if needed.table is adm.CUSTOM_FIELDS else "true"
        there = connection.execute(
            text(
                f"SELECT EXISTS (SELECT FROM {needed.table.fullname} WHERE {condition})"
                " OR EXISTS (SELECT FROM ledger.events WHERE type = 'EntitySynced'"
                "  AND payload ->> 'entity' = :name)"
            ),
            {"name": name},
        )
        if not there.scalar():
            return needed
    return None


def next_row_ids(connection: Connection, entity: Entity, count: int) -> list[int]:
    """So many primary keys for new bridge rows."""
    keys = connection.execute(
        text(
            "SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"
        ),
        {"table": entity.table.fullname, "count": count},
    )
    return list(keys.scalars())


def references_to(
    connection: Connection, entity: Entity, rows: Iterable[BridgeRow]
) -> list[tuple[str, BridgeRow, str]]:
    """The bridge rows that refer to these: their table, the row, and the column that refers."""
    gone = list(rows)
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
    return {row.key: row for row in rows}


def _bridge_row(table: Any, columns: dict[str, Any]) -> BridgeRow:
    link = link_column(table)
    target = columns[str(link.name)] if link is not None else None
    return BridgeRow(columns["id"], bridge_key(table, columns), columns, target)


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


def _decisions(connection: Connection, entity: Entity) -> Decisions:
    """What people decided about the entity's records, and what an older tool linked."""
    if entity.tutorial is None:
        return Decisions()
    reader = driver(connection)
    types = ["DecisionTaken", "DecisionWithdrawn", "BridgeRowAdopted"]
    decisions = Decisions()
    for events in read_chunks(reader, Selection(types=types)):
        mine = (
            decision
            for recorded in decoded(reader, events)
            if (decision := _decision(entity, recorded.position, recorded.event)) is not None
        )
        decisions = decisions.after(mine)
    return decisions


def _decision(entity: Entity, position: int, event: object) -> Decision | Withdrawal | None:
    bridge = f"{entity.table.fullname}/"
    match event:
        case DecisionWithdrawn(taken=taken):
            return Withdrawal(taken)
        case DecisionTaken(decision="accept" | "reject" | "ignore") if bridge in (
            f"{event.subject.partition('/')[0]}/",
            f"{(event.object or '').partition('/')[0]}/",
            f"{event.fields.get('bridge_table')}/",
        ):
            named = [one for one in (event.subject, event.object) if one]
            administrate = [one.removeprefix(bridge) for one in named if one.startswith(bridge)]
            tutorial = [int(n.rpartition("/")[2]) for n in named if not n.startswith(bridge)]
            return Decision(
                position,
                Verdict(event.decision),
                administrate[0] if administrate else None,
                tutorial[0] if tutorial else None,
                _key(event.fields.get("administrate_key")),
                _key(event.fields.get("tutorial_key")),
            )
        case BridgeRowAdopted(table=table, key=key, linked=str(linked)) if f"{table}/" == bridge:
            # The older tool linked these two; that stands like an acceptance, whatever their names
            # are, until a person decides otherwise.
            return Decision(position, Verdict.ACCEPT, key, int(linked.rpartition("/")[2]))
    return None


def _key(value: object) -> tuple[str, ...]:
    parts = cast("list[Any]", value or [])
    return tuple(str(getattr(part, "value", part) or "") for part in parts)


# The type of an id of either side, for those who build records from rows.
__all__ = ["ENTITIES", "BridgeRow", "Id", "Open", "Standing", "missing_need", "read_standing"]
