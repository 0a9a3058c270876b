"""Open discrepancies according to the current rows: nothing is fetched."""

from __future__ import annotations

from typing import Any

import psycopg
from attrs import evolve

from ledger.events import record_name
from sync.decide.current_state import CurrentState, read_current_state
from sync.decide.links import LiveRow, decide, live_record
from sync.decide.taking_part import TakingPart, taking_part
from sync.discrepancies.discrepancy import Discrepancy, discrepancies
from sync.entities import ENTITIES, SESSIONS
from sync.entity import Entity
from sync.matching.keys import Id

MATCHED = tuple(entity for entity in ENTITIES if entity.tutorial is not None)


def open_discrepancies(connection: psycopg.Connection[Any], entity: Entity) -> list[Discrepancy]:
    """An entity's open discrepancies."""
    current, live = current_rows_of(connection, entity)
    matching = decide(entity, live, current)
    titles: dict[Id, str] = {}
    if entity is SESSIONS:
        titles = {one.row.key: str(one.row.columns["title"]) for one in live}
    # Outside a sync, no discrepancy is new.
    found = discrepancies(connection, entity, matching, current, titles)
    return [evolve(one, new=False) for one in found]


def synced_entities(connection: psycopg.Connection[Any]) -> list[Entity]:
    """The matched entities that a sync has read whole, and that no rollback took back since: of
    any other nobody knows what Administrate has."""
    found = connection.execute(
        "SELECT DISTINCT e.payload ->> 'entity'"
        " FROM ledger.events e JOIN ledger.runs r USING (run_id)"
        " WHERE e.type = 'EntitySynced' AND r.state <> 'undone'"
    )
    names = {name for (name,) in found}
    return [entity for entity in MATCHED if entity.name in names]


def current_rows_of(
    connection: psycopg.Connection[Any], entity: Entity
) -> tuple[CurrentState, list[LiveRow]]:
    """An entity's current state, and its rows as a sync would match them; of a windowed entity,
    those linked or open, as the last sync left them."""
    current = read_current_state(connection, entity)
    live = [
        LiveRow(row, live_record(entity, key, row.columns, current), None)
        for key, row in current.rows.items()
        if not row.gone and (not entity.windowed or row.link or _is_open(entity, key, current))
    ]
    within = {one.record.scope for one in live} if entity is SESSIONS else None
    return taking_part(entity, live, current, TakingPart(within=within)), live


def _is_open(entity: Entity, key: str, current: CurrentState) -> bool:
    return record_name(entity.table.fullname, key) in current.open
