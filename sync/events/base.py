"""What the two sides of linked records last agreed on, and what of them is listed as out of step:
read from the ledger's tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import psycopg
from attrs import field, frozen

from ledger.events.agreement import Disparity, Pair
from sync.events.comparison import Decided


@frozen
class Base:
    """What a record's two sides agreed on, by field.

    ``taken_back`` are values of Administrate's that a rollback took back; ``decided`` are a
    person's decisions; ``listed`` is what is out of step.
    """

    pairs: Mapping[str, Pair] = field(factory=dict)
    taken_back: Mapping[str, Any] = field(factory=dict)
    decided: Mapping[str, Decided] = field(factory=dict)
    listed: Mapping[str, Disparity] = field(factory=dict)


NOTHING_AGREED = Base()


def read_bases(connection: psycopg.Connection[Any], records: Collection[str]) -> Mapping[str, Base]:
    """The bases of bridge records by name; of one that has none, ``NOTHING_AGREED``."""
    rows = connection.execute(
        "SELECT record, pairs, taken_back, decided, listed FROM ledger.field_bases"
        " WHERE record = ANY(%s)",
        (list(records),),
    )
    found = {
        record: Base(
            {name: _pair(one) for name, one in pairs.items()},
            taken_back,
            {name: Decided(one["side"], _pair(one)) for name, one in decided.items()},
            {name: read_disparity(one) for name, one in listed.items()},
        )
        for record, pairs, taken_back, decided, listed in rows.fetchall()
    }
    return defaultdict(lambda: NOTHING_AGREED, found)


def _pair(held: Mapping[str, Any]) -> Pair:
    return Pair(administrate=held["administrate"], tutorial=held["tutorial"])


def read_disparity(held: Mapping[str, Any]) -> Disparity:
    """A field out of step as the ledger's tables hold it."""
    base = held["base"]
    return Disparity(
        kind=held["kind"],
        base=None if base is None else _pair(base),
        administrate=held["administrate"],
        tutorial=held["tutorial"],
    )
