"""Values of compared fields in words: people and places by name, times in the event's zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import psycopg
from attrs import frozen

from ledger.events import record_name
from ledger.events.agreement import Disparity, Pair
from ledger.history.display_names import Called
from ledger.output.words import shown
from ledger.schema import adm
from ledger.schema.adm import linked_table
from ledger.values import Value
from ledger.zones import zone_or_default
from sync.events.drift import EventOutOfStep
from sync.events.fields import ComparedField
from sync.events.kinds import Instant, Linked

_LONGEST = 120


@frozen
class PairInWords:
    """What each side holds, in words."""

    administrate: str
    tutorial: str


@frozen
class ValueNames:
    """Tells values of compared fields, with the names of the people and places in them."""

    called: Called

    @classmethod
    def learned(
        cls,
        connection: psycopg.Connection[Any],
        events: Iterable[EventOutOfStep],
    ) -> ValueNames:
        """With the names in these events' fields looked up together."""
        called = Called(connection)
        fields = (one for event in events for one in event.fields)
        called.learn({record for one in fields for record in _records(one.declared, one.disparity)})
        return cls(called)

    def pair(self, declared: ComparedField | None, pair: Pair, timezone: object) -> PairInWords:
        """What each side holds of a field; instants in the zone of this name."""
        return PairInWords(
            self._in_words(declared, pair.administrate, timezone, tutorial=False),
            self._in_words(declared, pair.tutorial, timezone, tutorial=True),
        )

    def _in_words(
        self, declared: ComparedField | None, value: Value, timezone: object, *, tutorial: bool
    ) -> str:
        kind = declared.kind if declared else None
        if isinstance(kind, Linked):
            several = value if isinstance(value, list | tuple) else [value]
            names = (
                self.called.name_of(record) or record
                for one in several
                if one is not None
                for record in [_record(kind, one, tutorial=tutorial)]
            )
            return shown(", ".join(sorted(names)) or None, _LONGEST)
        if isinstance(kind, Instant) and isinstance(value, str) and "T" in value:
            moment = datetime.fromisoformat(value).astimezone(zone_or_default(timezone))
            return f"{moment:%Y-%m-%d %H:%M %Z}"
        return shown(value, _LONGEST)


def _records(declared: ComparedField | None, disparity: Disparity) -> Iterator[str]:
    kind = declared.kind if declared else None
    if not isinstance(kind, Linked):
        return
    now = Pair(administrate=disparity.administrate, tutorial=disparity.tutorial)
    for pair in (disparity.base, now):
        if pair is not None:
            for value, tutorial in ((pair.administrate, False), (pair.tutorial, True)):
                several: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
                yield from (_record(kind, one, tutorial=tutorial) for one in several if one)


def _record(kind: Linked, key: object, *, tutorial: bool) -> str:
    if not tutorial:
        return record_name(kind.table, str(key))
    if kind.table == adm.COURSE_TEMPLATES.fullname:
        # May's tutorial events refer to the bridge row.
        return f"{kind.table}/id={key}"
    return f"{linked_table(kind.table)}/{key}"
