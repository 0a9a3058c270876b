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
    """The bases of bridge records, by their names; of a record that has none, ``NOTHING_AGREED``.

    Two queries, whatever their number.
    """
    names = list(records)
    listed: dict[str, dict[str, Disparity]] = defaultdict(dict)
    for record, name, *rest in connection.execute(
        "SELECT record, field, kind, base, administrate, tutorial_value"
        " FROM ledger.field_discrepancies WHERE record = ANY(%s)",
        (names,),
    ).fetchall():
        listed[record][name] = _disparity(*rest)
    rows = connection.execute(
        "SELECT record, pairs, taken_back, decided FROM ledger.field_bases WHERE record = ANY(%s)",
        (names,),
    ).fetchall()
    found = {
        record: Base(
            {name: _pair(one) for name, one in pairs.items()},
            taken_back or {},
            {name: Decided(one["side"], _pair(one)) for name, one in (decided or {}).items()},
            listed.get(record, {}),
        )
        for record, pairs, taken_back, decided in rows
    }
    without = {record: Base(listed=one) for record, one in listed.items() if record not in found}
    return defaultdict(lambda: NOTHING_AGREED, found | without)


def _pair(held: Mapping[str, Any]) -> Pair:
    return Pair(administrate=held["administrate"], tutorial=held["tutorial"])


def _disparity(
    kind: str, base: Mapping[str, Any] | None, administrate: Any, tutorial: Any
) -> Disparity:
    return Disparity(
        kind=kind,
        base=None if base is None else _pair(base),
        administrate=administrate,
        tutorial=tutorial,
    )
