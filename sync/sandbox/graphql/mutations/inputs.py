"""From a mutation's input to a record's values: how its fields are taken, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from sync.sandbox.graphql import custom_fields
from sync.sandbox.graphql.call import Arguments, Call, Problem, Refused, refuse
from sync.sandbox.records.kinds import Kind
from sync.sandbox.records.store import Record
from sync.sandbox.records.times import exists_once, zone

STATES = {"draft": 0, "published": 1, "cancelled": 2}


def found(call: Call, kind: Kind, identifier: str | None, label: str) -> Record:
    """The record of the kind with that id; refused where there is none."""
    record = call.store.find(kind, identifier)
    if record is None:
        raise refuse(f"{kind.name} not found", label, identifier)
    return record


def linked(call: Call, kind: Kind, identifier: str | None, label: str) -> str | None:
    """The id given, refused where no record of the kind has it."""
    return None if identifier is None else str(found(call, kind, identifier, label)["id"])


def checked_zone(name: str | None, label: str = "timeZoneName") -> str:
    if name is None or zone(name) is None:
        raise refuse("Unknown time zone", label, name)
    return name


def check_times(call: Call, zone_name: str, times: Iterable[tuple[str, str | None]]) -> None:
    """Refuses, where the switch says so, times that a clock change skips or repeats."""
    if call.switches.clock_changes == "refuse":
        odd = [
            Problem("This time does not exist exactly once", label, time)
            for label, time in times
            if time is not None and not exists_once(time, zone_name)
        ]
        if odd:
            raise Refused(*odd)


def check_range(start: str | None, end: str | None, label: str) -> None:
    if start and end and end < start:
        raise refuse("The end is before the start", label, end)


def check_unique(call: Call, kind: Kind, name: str, value: object, own: str | None) -> None:
    """Refuses a value that another record of the kind has than the one whose id is ``own``."""
    same = call.store.select(kind, f"AND record.{name} = ?", (value,))
    if any(one["id"] != own for one in same):
        raise refuse(f"There is a {kind.name} with this {name}", name, value)


def next_state(call: Call, record: Record, wanted: str) -> Record:
    """The lifecycle fields after the change; a step back is refused but by the switch."""
    current = record["lifecycleState"]
    if STATES[wanted] < STATES[current] and not call.switches.step_back:
        raise refuse(f"A {current} record cannot become {wanted}", "lifecycleState", wanted)
    cancelled = None
    if wanted == "cancelled":
        cancelled = record["cancelledAt"] or call.now
    return {"lifecycleState": wanted, "cancelledAt": cancelled}


@frozen
class Inputs:
    """The fields of an input that become the value of the same name.

    ``plain`` are taken as given, null included; those also ``required`` refuse null and an empty
    text, and null changes nothing of those in ``ignore_null``. ``links`` hold the id of a record of
    a kind, ``zone`` an IANA time zone; ``lengths`` are the most characters of a text.
    """

    kind: Kind
    plain: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    ignore_null: tuple[str, ...] = ()
    links: Mapping[str, Kind] = field(factory=dict)
    zone: str | None = None
    lengths: Mapping[str, int] = field(factory=dict)
    custom: bool = True

    def values(self, call: Call, given: Arguments, current: Record) -> Record:
        """The values that an input sets; ``current`` is empty of an id for a new record."""
        values = {
            name: given[name]
            for name in dict.fromkeys((*self.plain, *self.links, *self.ignore_null))
            if name in given and not (name in self.ignore_null and given[name] is None)
        }
        for name, value in values.items():
            self._check(call, name, value)
        if self.custom and ("customFieldValues" in given or "id" not in current):
            values["customFields"] = custom_fields.merged(
                call,
                self.kind.name,
                current.get("customFields") or {},
                given.get("customFieldValues"),
            )
        return values

    def _check(self, call: Call, name: str, value: str | None) -> None:
        if name in self.required and not value:
            raise refuse("A value is needed", name)
        if name in self.lengths and value is not None and len(value) > self.lengths[name]:
            raise refuse(f"At most {self.lengths[name]} characters", name, value)
        if name in self.links:
            linked(call, self.links[name], value, name)
        if name == self.zone:
            checked_zone(value, name)
