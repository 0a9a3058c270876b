"""What is known of suggested records beside their fields: where they lie, what hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from ledger.store.referring import Unreadable, referrers
from sync.entities import VENUES
from sync.entity import Entity
from sync.matching.changes import Background
from sync.matching.keys import Id, Side
from sync.matching.suggest import Suggestions

_PLACES = {
    Side.ADMINISTRATE: "SELECT v.external_id, l.name FROM adm.venues v"
    " JOIN adm.locations l ON l.external_id = v.location_id WHERE v.external_id = ANY(%s)",
    Side.TUTORIAL: "SELECT v.id, l.name FROM acted.tutorial_venues v"
    " JOIN acted.tutorial_locations l ON l.id = v.location_id WHERE v.id = ANY(%s)",
}


def read_background(
    connection: psycopg.Connection[Any], entity: Entity, suggestions: Suggestions
) -> Background:
    """Of the records of both sides that a suggestion is about, in a few queries."""
    ids: dict[Side, set[Id]] = {side: set(suggestions[side]) for side in Side}
    for side in Side:
        for offered in suggestions[side].values():
            ids[side.other].update(one.candidate for one in offered)
    places: dict[tuple[Side, Id], str] = {}
    dependents: dict[tuple[Side, Id], int] = {}
    for side in Side:
        if ids[side] and entity is VENUES:
            rows = connection.execute(_PLACES[side], (list(ids[side]),))
            places |= {(side, named): place for named, place in rows.fetchall()}
        counts = _dependents(connection, entity, side, ids[side])
        dependents |= {(side, named): count for named, count in counts.items()}
    return Background(places, dependents)


def _dependents(
    connection: psycopg.Connection[Any], entity: Entity, side: Side, ids: Iterable[Id]
) -> Mapping[Id, int]:
    """How many rows refer to each; none where the role may not read them all."""
    table, keys = entity.matched.table, {one: one for one in ids}
    if side is Side.ADMINISTRATE:
        table = entity.table.fullname
        rows = connection.execute(
            f"SELECT id, external_id FROM {table} WHERE external_id = ANY(%s)", (list(keys),)
        )
        keys = dict(rows.fetchall())
    counts: dict[Id, int] = {}
    try:
        for row_id, one in referrers(connection, table, keys):
            counts[keys[row_id]] = counts.get(keys[row_id], 0) + one.count
    except Unreadable:
        return {}
    return counts
