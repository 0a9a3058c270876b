"""What waits for a person: open discrepancies by entity, and fields out of step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from attrs import frozen

from ledger.database.connection import Database
from sync.decide.guarded import read_all_guarded
from sync.discrepancies.current import MATCHED
from sync.entity import Entity
from sync.events.comparison import Listed

# A discrepancy that a person ignores stays in the table.
_DISCREPANCIES = """
WITH newest AS (
    SELECT DISTINCT ON (t.payload ->> 'subject') t.payload ->> 'subject' AS record,
        (t.payload -> 'until' ->> '$date')::date AS until
    FROM ledger.events t
    WHERE t.type = 'DecisionTaken' AND t.payload ->> 'decision' = 'ignore' AND NOT EXISTS (
        SELECT FROM ledger.events w
        WHERE w.type = 'DecisionWithdrawn' AND (w.payload ->> 'taken')::bigint = t.position)
    ORDER BY t.payload ->> 'subject', t.position DESC
), ignored AS (
    SELECT record FROM newest WHERE until IS NULL OR until > (now() AT TIME ZONE 'UTC')::date
)
SELECT bridge_table, count(*), count(*) FILTER (WHERE first_run = last_run), min(first_seen)
FROM ledger.discrepancies WHERE record NOT IN (SELECT record FROM ignored)
GROUP BY bridge_table
"""


@frozen
class WaitingDiscrepancies:
    """How many discrepancies of an entity are open, how many of these the last sync saw first, and
    since when the oldest is open."""

    entity: Entity
    count: int
    new: int
    oldest: datetime


@frozen
class Waiting:
    """What waits for a person: discrepancies, fields to decide about, fields to push, and rows by
    entity that are kept though their records are gone."""

    discrepancies: tuple[WaitingDiscrepancies, ...]
    to_decide: int
    to_push: int
    gone: tuple[tuple[Entity, int], ...] = ()

    @property
    def decision(self) -> bool:
        """Whether a person's decision is waited for."""
        return bool(self.discrepancies or self.to_decide or self.gone)


def read_waiting(connection: psycopg.Connection[Any]) -> Waiting:
    """What waits for a person, as the last syncs left it."""
    found = {table: counts for table, *counts in connection.execute(_DISCREPANCIES).fetchall()}
    [(to_push, listed)] = connection.execute(
        "SELECT count(*) FILTER (WHERE kind = %s), count(*) FROM ledger.field_discrepancies",
        (Listed.TO_PUSH.value,),
    ).fetchall()
    return Waiting(
        tuple(
            WaitingDiscrepancies(entity, *found[entity.table.fullname])
            for entity in MATCHED
            if entity.table.fullname in found
        ),
        listed - to_push,
        to_push,
        tuple(read_all_guarded(connection)),
    )


def decision_is_waited_for(database: Database) -> bool:
    """Whether the last syncs left anything that a person has to decide: ``--strict``."""
    with database.driver_transaction() as connection:
        return read_waiting(connection).decision
