"""What is out of step between the two systems, by event, as the last sync left it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from attrs import evolve, frozen

from ledger.events.agreement import Disparity
from ledger.schema import adm
from ledger.store.tutorial_shape import recorded_tables
from ledger.tables.shapes.shape import Shape
from sync.events.base import read_disparity
from sync.events.comparison import Listed
from sync.events.fields import FIELDS, ComparedField


@frozen(kw_only=True)
class OutOfStep:
    """A field out of step: of which record, whose it is, what was agreed on, what each side holds.

    ``run_id`` is the run that saw it first, at ``since``. A field of an earlier version is not
    ``declared`` any more.
    """

    record: str
    tutorial: str
    name: str
    declared: ComparedField | None
    owner: str
    disparity: Disparity
    since: datetime
    run_id: str | None

    @property
    def title(self) -> str:
        return self.declared.title if self.declared else self.name

    @property
    def can_be_sent(self) -> bool:
        """Whether an update of Administrate's has a place for it."""
        return self.declared is not None and self.declared.can_be_sent

    @property
    def to_push(self) -> bool:
        """Whether it waits for nobody's decision, but to be sent."""
        return self.disparity.kind == Listed.TO_PUSH.value


@frozen(kw_only=True)
class EventOutOfStep:
    """An event with the fields out of step of it and of its sessions; ``tutorial`` and ``code`` are
    of the tutorial event that it is linked with."""

    record: str
    title: str
    code: str | None
    tutorial: str | None
    timezone: str | None
    fields: Sequence[OutOfStep] = ()

    @property
    def records(self) -> set[str]:
        """Every record by whose name it is meant."""
        own = {self.record, *([self.tutorial] if self.tutorial else [])}
        return own | {one.record for one in self.fields} | {one.tutorial for one in self.fields}


_QUERY = """
SELECT d.record, d.field, d.tutorial, d.kind, d.base, d.administrate, d.tutorial_value, d.since,
    d.run_id::text AS run_id, e.external_id, coalesce(e.title, '') AS title, t.code,
    e.tutorial_event_id, e.timezone
FROM ledger.field_discrepancies d
LEFT JOIN adm.sessions s
    ON d.bridge_table = 'adm.sessions' AND s.external_id = substr(d.record, 14)
LEFT JOIN adm.events e
    ON CASE d.bridge_table WHEN 'adm.events' THEN e.external_id = substr(d.record, 12)
        ELSE e.id = s.event_id END
LEFT JOIN acted.tutorial_events t ON t.id = e.tutorial_event_id
ORDER BY d.since DESC, e.title, e.external_id, d.record, d.field
"""


def read_drift(connection: psycopg.Connection[Any]) -> list[EventOutOfStep]:
    """The events out of step, those of the newest difference first."""
    shape = recorded_tables(connection).shape
    found = connection.execute(_QUERY)
    names = [one.name for one in found.description or ()]
    events: dict[str, EventOutOfStep] = {}
    fields: dict[str, list[OutOfStep]] = {}
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        event = f"{adm.EVENTS.fullname}/{row['external_id']}"
        events.setdefault(event, _event(event, row))
        fields.setdefault(event, []).append(_field(row, shape))
    # The event's own fields, then its sessions'.
    return [
        evolve(one, fields=tuple(sorted(fields[record], key=lambda of: of.record != record)))
        for record, one in events.items()
    ]


def _event(record: str, row: Mapping[str, Any]) -> EventOutOfStep:
    tutorial = row["tutorial_event_id"]
    return EventOutOfStep(
        record=record,
        title=row["title"],
        code=row["code"],
        tutorial=None if tutorial is None else f"acted.tutorial_events/{tutorial}",
        timezone=row["timezone"],
    )


def _field(row: Mapping[str, Any], shape: Shape) -> OutOfStep:
    fields = FIELDS[row["record"].partition("/")[0]]
    declared = next((one for one in fields if one.name == row["field"]), None)
    return OutOfStep(
        record=row["record"],
        tutorial=row["tutorial"],
        name=row["field"],
        declared=declared,
        owner=declared.owner(shape).value if declared else "",
        disparity=read_disparity({**row, "tutorial": row["tutorial_value"]}),
        since=row["since"],
        run_id=row["run_id"],
    )
