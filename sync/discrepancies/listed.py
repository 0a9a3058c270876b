"""Open discrepancies as they are listed: with since when, chosen by filters, a pair once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import psycopg
from attrs import evolve, frozen

from sync.discrepancies.current import open_discrepancies
from sync.discrepancies.discrepancy import Discrepancy
from sync.entity import Entity

_SEEN = """
SELECT record, first_seen, first_run = last_run, extract(epoch FROM now() - first_seen)::float
FROM ledger.discrepancies WHERE bridge_table = %s
"""
_SYNCED = """
SELECT DISTINCT payload ->> 'entity' FROM ledger.events WHERE type = 'EntitySynced'
"""


@frozen
class ListedDiscrepancy:
    """An open discrepancy, and since when: None where no sync has seen it yet. Of its
    ``discrepancy``, ``new`` says that the last sync saw it first."""

    discrepancy: Discrepancy
    first_seen: datetime | None
    age: float | None


@frozen
class Wanted:
    """Which discrepancies are listed: ``side`` is administrate or tutorial, ``older_than`` in
    seconds."""

    new: bool = False
    side: str | None = None
    older_than: float | None = None

    def takes(self, one: ListedDiscrepancy) -> bool:
        """Whether it is among them."""
        young = self.older_than is not None and (one.age or 0.0) < self.older_than
        return (
            (one.discrepancy.new or not self.new)
            and self.side in (None, one.discrepancy.side)
            and not young
        )


def listed_discrepancies(
    connection: psycopg.Connection[Any], entity: Entity, wanted: Wanted
) -> list[ListedDiscrepancy]:
    """An entity's open discrepancies of the wanted ones: new ones first, then suggested pairs, the
    surest first, then by display name."""
    seen = {record: rest for record, *rest in connection.execute(_SEEN, (entity.table.fullname,))}
    found = []
    for one in open_discrepancies(connection, entity):
        first, new, age = seen.get(one.record, (None, False, None))
        found.append(ListedDiscrepancy(evolve(one, new=bool(new)), first, age))
    return sorted(filter(wanted.takes, found), key=_order)


def never_synced(connection: psycopg.Connection[Any], entities: Iterable[Entity]) -> list[Entity]:
    """The entities that no sync has come to the end of."""
    synced = {name for (name,) in connection.execute(_SYNCED).fetchall()}
    return [one for one in entities if one.name not in synced]


def once_a_pair(found: Sequence[Discrepancy]) -> Iterator[Discrepancy]:
    """Without the other side's half of each suggested pair."""
    suggested = {one.record: one.suggested_record for one in found}
    for one in found:
        other = one.suggested_record
        if one.side == "tutorial" or other is None or suggested.get(other) != one.record:
            yield one


def _order(one: ListedDiscrepancy) -> tuple[bool, float, str, str]:
    of = one.discrepancy
    return (not of.new, -(of.score or 0.0), of.label.casefold(), of.record)
