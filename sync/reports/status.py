"""The state of things: how fresh each entity is, what is unfinished, waits, is anchored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from attrs import frozen

from ledger.errors import AdmsyncError
from ledger.runs.anchoring import named_place
from ledger.runs.kinds import SYNC
from ledger.runs.states import RunState, states_in, unfinished_runs
from ledger.runs.streak import Streak, not_done_in_a_row
from ledger.settings.environment import ANCHORS
from ledger.store.append import head
from ledger.verify.anchors import Anchors, why_none
from sync.discrepancies.waiting import Waiting, read_waiting
from sync.entities import ENTITIES
from sync.entity import Entity

_LAST_GOOD = """
SELECT DISTINCT ON (e.payload ->> 'entity') e.payload ->> 'entity', e.recorded_at, e.run_id,
    extract(epoch FROM now() - e.recorded_at)::float
FROM ledger.events e JOIN ledger.runs r USING (run_id)
WHERE e.type = 'EntitySynced' AND r.state <> 'undone'
ORDER BY e.payload ->> 'entity', e.position DESC
"""


@frozen
class Freshness:
    """When an entity was last synced to its end, in which run, and how many seconds ago; None where
    it never was."""

    entity: Entity
    synced_at: datetime | None = None
    run_id: UUID | None = None
    age: float | None = None


@frozen
class Unfinished:
    """A run to go on with, and how many of its command in a row were not done."""

    run: RunState
    streak: Streak | None


@frozen
class Anchoring:
    """Whether the chain's head is noted outside the database: up to which position of the ledger
    that is proven to be so (None where it is not), and in words."""

    ok: bool
    position: int | None
    said: str


@frozen
class Status:
    """The state of things, as of one moment. ``last_sync`` is the newest sync that has ended or
    stopped."""

    position: int
    entities: tuple[Freshness, ...]
    last_sync: RunState | None
    unfinished: tuple[Unfinished, ...]
    waiting: Waiting
    anchoring: Anchoring


def read_status(connection: psycopg.Connection[Any], environ: Mapping[str, str]) -> Status:
    """The state of things; nothing is fetched, and nothing is verified but the newest anchor."""
    found = {name: one for name, *one in connection.execute(_LAST_GOOD).fetchall()}
    position, _ = head(connection)
    of_kind = {"kind": SYNC.name}
    syncs = states_in(connection, "split_part(r.command, ' ', 1) = %(kind)s", of_kind, limit=9)
    return Status(
        position=position,
        entities=tuple(Freshness(one, *found.get(one.name, ())) for one in ENTITIES),
        last_sync=next((one for one in syncs if one.state != "running"), None),
        unfinished=tuple(
            Unfinished(one, not_done_in_a_row(connection, one.command, one.first_position + 1))
            for one in unfinished_runs(connection)
        ),
        waiting=read_waiting(connection),
        anchoring=_anchoring(connection, environ, position),
    )


def _anchoring(
    connection: psycopg.Connection[Any], environ: Mapping[str, str], position: int
) -> Anchoring:
    if (why := why_none(environ)) != "":
        return Anchoring(ok=False, position=None, said=f"nothing noted outside is compared: {why}")
    place = named_place(environ[ANCHORS.name])
    try:
        anchors = Anchors(Path(environ[ANCHORS.name]))
        newest = anchors.newest()
        problem = next(anchors.compared(connection, [newest]), None) if newest else None
    except AdmsyncError as unread:
        return Anchoring(ok=False, position=None, said=str(unread))
    if newest is None:
        return Anchoring(ok=False, position=None, said=f"{place} notes no head of the chain")
    if problem is not None:
        return Anchoring(ok=False, position=None, said=f"{problem.what}; see: admsync verify")
    said = f"{place} notes position {newest.position} of {position}"
    return Anchoring(ok=True, position=newest.position, said=said)
