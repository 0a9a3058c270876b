"""Open discrepancies according to the current rows: nothing is fetched."""

from __future__ import annotations

from typing import Any

import psycopg
from attrs import evolve

from sync.decide.current_state import CurrentState, read_current_state
from sync.decide.discrepancies import Discrepancy, discrepancies
from sync.decide.links import LiveRow, decide, live_record
from sync.entities import ENTITIES
from sync.entity import Entity

MATCHED = tuple(entity for entity in ENTITIES if entity.tutorial is not None)


def open_discrepancies(connection: psycopg.Connection[Any], entity: Entity) -> list[Discrepancy]:
    """An entity's open discrepancies."""
    current, live = current_rows_of(connection, entity)
    matching = decide(entity, live, current)
    # Outside a sync, no discrepancy is new.
    return [evolve(one, new=False) for one in discrepancies(entity, matching, current)]


def current_rows_of(
    connection: psycopg.Connection[Any], entity: Entity
) -> tuple[CurrentState, list[LiveRow]]:
    """An entity's current state, and its rows as a sync would match them."""
    current = read_current_state(connection, entity)
    live = [
        LiveRow(row, live_record(entity, key, row.columns, current.places), None)
        for key, row in current.rows.items()
        if not row.gone
    ]
    return current, live
