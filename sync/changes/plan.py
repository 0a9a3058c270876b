"""The plan of a change: what is set of which records, and which events are left out, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from attrs import field, frozen

from ledger.events import ChangePlanned, record_name
from ledger.events.agreement import Pair
from ledger.schema import adm
from ledger.values import Value

# The lifecycle state among the values of a record; of a session it is no compared field.
STATE = "lifecycle_state"
_STATE_INPUT = "lifecycleState"


@frozen(kw_only=True)
class LinkedSession:
    """A session with a bridge row: as Administrate and the tutorial tables have it."""

    table: ClassVar[str] = adm.SESSIONS.fullname

    key: str
    row_id: int
    tutorial: str | None
    title: str
    day: int | None
    values: Mapping[str, Value]
    held: Mapping[str, Value]
    state: str
    taught: bool

    @property
    def record(self) -> str:
        return record_name(self.table, self.key)


@frozen(kw_only=True)
class LinkedEvent:
    """A linked event as both systems have it now.

    ``values`` are Administrate's compared fields, ``held`` the tutorial row's. ``begins`` is when
    its first session does, ``ends`` when it does. ``referred`` names the tables whose rows refer
    to it. ``kept_back`` is why nothing can be changed just now.
    """

    table: ClassVar[str] = adm.EVENTS.fullname

    key: str
    row_id: int
    tutorial: str
    name: str
    timezone: str | None
    values: Mapping[str, Value] = field(factory=dict)
    held: Mapping[str, Value] = field(factory=dict)
    state: str = ""
    booked: int = 0
    begins: datetime | None = None
    ends: datetime | None = None
    has_price: bool = True
    referred: tuple[str, ...] = ()
    sessions: Sequence[LinkedSession] = ()
    unknown_sessions: int = 0
    kept_back: str = ""

    @property
    def record(self) -> str:
        return record_name(self.table, self.key)

    @property
    def linked_sessions(self) -> list[LinkedSession]:
        """Its sessions that are linked with a tutorial session; a course template's schedule may
        have made more."""
        return [one for one in self.sessions if one.tutorial is not None]


@frozen(kw_only=True)
class FieldsToSet:
    """What one record of Administrate's is to hold: compared fields, and its lifecycle state.

    ``before`` is what each side holds of the fields that the tutorial tables hold, too;
    ``administrate`` what Administrate holds of all that is set.
    """

    table: str
    key: str
    row_id: int
    tutorial: str | None
    wanted: Mapping[str, Value]
    before: Mapping[str, Pair]
    administrate: Mapping[str, Value]
    state: str | None = None

    @property
    def record(self) -> str:
        return record_name(self.table, self.key)


@frozen
class EventChange:
    """What is set of one event and of its sessions, the event first; ``notes`` are told with it."""

    event: LinkedEvent
    records: Sequence[FieldsToSet]
    notes: Sequence[str] = ()

    @property
    def sessions(self) -> int:
        """How many of its sessions are set."""
        return sum(one.record != self.event.record for one in self.records)

    def fields(self) -> Iterator[tuple[str, Value, Value]]:
        """What is set of the event itself: each field in words, its value before and after."""
        for one in self.records:
            for name, value in one.wanted.items() if one.record == self.event.record else ():
                before = self.event.values.get(name)
                if before != value:
                    yield name.replace("_", " "), before, value


@frozen
class LeftOut:
    """An event that is not changed, and why."""

    event: LinkedEvent
    why: str


@frozen
class ChangePlan:
    """A change of several events; ``warning`` is what may not be undone of it."""

    changes: Sequence[EventChange]
    left_out: Sequence[LeftOut]
    warning: str = ""

    @property
    def calls(self) -> int:
        """How many calls carry it out."""
        return sum(len(one.records) for one in self.changes)


def fields_of(
    record: LinkedEvent | LinkedSession, wanted: Mapping[str, Value], state: str | None = None
) -> FieldsToSet:
    """What is to be set on an event itself, or on a session."""
    administrate = {name: record.values.get(name) for name in wanted}
    if state is not None:
        administrate[STATE] = record.state
    return FieldsToSet(
        table=record.table,
        key=record.key,
        row_id=record.row_id,
        tutorial=record.tutorial,
        wanted=wanted,
        before={
            name: Pair(administrate=record.values.get(name), tutorial=record.held[name])
            for name in wanted
            if name in record.held
        },
        administrate=administrate,
        state=state,
    )


def values_set(planned: ChangePlanned) -> dict[str, Value]:
    """What a planned change sets of each field, the lifecycle state for what follows from it."""
    given: Any = planned.input.get("input")
    state = given.get(_STATE_INPUT) if isinstance(given, Mapping) else None
    if state is None:
        return dict(planned.wanted)
    rest = {name: value for name, value in planned.wanted.items() if name != "cancelled"}
    return {**rest, STATE: state}
