"""Rows that are kept though their records are gone, since too many would go at once.

A sync refuses that once, by its exit code; the following ones say it in a line, until a person
allows it with ``--allow-deletes`` or the records are back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from attrs import frozen

from ledger.events import EntitySynced
from sync.decide.differences import Differences
from sync.entities import ENTITIES
from sync.entity import Entity

_LAST = """
SELECT ARRAY(SELECT json_array_elements_text(payload -> 'guarded')) FROM ledger.events
WHERE type = %s AND payload ->> 'entity' = %s ORDER BY position DESC LIMIT 1
"""


@frozen
class Guarded:
    """The keys of an entity's kept rows, why they are, and whether a sync has refused them before;
    ``recorded`` are the keys to record, for the next one."""

    entity: Entity
    keys: tuple[str, ...] = ()
    why: str = ""
    told: bool = False
    recorded: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        connection: psycopg.Connection[Any],
        entity: Entity,
        differences: Differences,
        *,
        again: bool = False,
    ) -> Guarded:
        """By what the last sync refused; ``again``: in a second pass over some records."""
        before = read_guarded(connection, entity)
        if not differences.guarded:
            return cls(entity, recorded=before if again else ())
        keys = tuple(row.key for row in differences.gone)
        # An incomplete fetch says nothing of the records: that is refused each time.
        lasting = differences.fetched_whole
        told = lasting and set(keys) <= set(before)
        return cls(entity, keys, differences.guarded, told, keys if lasting else ())

    @property
    def refused(self) -> int:
        """How many of them this sync refuses."""
        return 0 if self.told else len(self.keys)

    def lines(self) -> Iterator[str]:
        """A line for each that is refused."""
        for key in () if self.told else self.keys:
            yield (
                f"{key}: gone from Administrate, not removed: {self.why};"
                " --allow-deletes removes it"
            )

    def notes(self) -> Iterator[str]:
        """A line for those that were refused before."""
        if self.told:
            yield guarded_line(self.entity, len(self.keys))


def guarded_line(entity: Entity, count: int) -> str:
    """What is said of kept rows, with what ends it."""
    are = "is" if count == 1 else "are"
    return (
        f"{count} {entity.noun(count)} gone from Administrate {are} kept, as told before;"
        f" admsync sync {entity.name} --allow-deletes lets them go"
    )


def read_guarded(connection: psycopg.Connection[Any], entity: Entity) -> tuple[str, ...]:
    """The keys of the rows that the last sync of an entity kept."""
    row = connection.execute(_LAST, (EntitySynced.__name__, entity.name)).fetchone()
    return () if row is None else tuple(row[0])


def read_all_guarded(connection: psycopg.Connection[Any]) -> Iterator[tuple[Entity, int]]:
    """The entities with kept rows, and how many."""
    for entity in ENTITIES:
        if keys := read_guarded(connection, entity):
            yield entity, len(keys)
