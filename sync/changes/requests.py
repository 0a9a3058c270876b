"""What is to be set of a record's compared fields, as Administrate's inputs take it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ledger.errors import AdmsyncError
from ledger.schema import adm
from ledger.values import Value
from sync.administrate.writes.changes import CHANGES, UPDATE_EVENT, UPDATE_SESSION
from sync.administrate.writes.declaration import WriteRequest
from sync.administrate.writes.inputs import EventChange, SessionChange
from sync.changes.plan import FieldsToSet
from sync.events.fields import FIELDS, ComparedField
from sync.events.kinds import Flag, Instant, LocalTime
from sync.events.labels import TYPES
from sync.matching.normalise import written_alike

Labels = Mapping[str, Mapping[str, str]]


class CannotBeSent(AdmsyncError):
    """A value that an update of Administrate's has no place for; the message says why."""


def why_not_sent(field: ComparedField, value: Value) -> str:
    """Why an update of Administrate's cannot set a field so; empty where it can."""
    if not field.can_be_sent:
        return f"{field.title}: Administrate takes it from no program; change it there"
    if field.input and value is None:
        return f"{field.title}: an update cannot empty it; empty it in Administrate"
    return ""


def request_for(one: FieldsToSet, zone: ZoneInfo, labels: Labels) -> WriteRequest:
    """The update that sets fields of a record; times are told in ``zone``.

    ``labels`` are those of the custom fields, as ``read_labels`` gives them. Raises
    ``CannotBeSent``.
    """
    fields = {each.name: each for each in FIELDS[one.table]}
    keys = {written_alike(label): key for key, label in labels.get(TYPES[one.table], {}).items()}
    given: dict[str, Any] = {"lifecycle_state": one.state}
    custom: dict[str, str | None] = {}
    for name, value in one.wanted.items():
        field = fields[name]
        if name == "cancelled" and one.state is not None:
            continue  # its lifecycle state says so
        if why := why_not_sent(field, value):
            raise CannotBeSent(f"{one.record}: {why}")
        if field.input:
            given[field.input] = _typed(field, value, zone)
        else:
            custom[_custom_key(field, keys)] = _text(field, value)
    given["custom_field_values"] = custom or None
    if any(name in given for name in ("start", "end")):
        given["time_zone_name"] = zone.key
    if one.table == adm.EVENTS.fullname:
        return UPDATE_EVENT(one.key, EventChange(**given))
    return UPDATE_SESSION(one.key, SessionChange(**given))


def request_again(operation: str, variables: Mapping[str, Any]) -> WriteRequest:
    """A planned request, from the ledger."""
    return WriteRequest(CHANGES[operation], variables)


def _custom_key(field: ComparedField, keys: Mapping[str, str]) -> str:
    try:
        return keys[written_alike(field.custom_field)]
    except KeyError:
        raise CannotBeSent(
            f"Administrate has no custom field {field.custom_field!r}, or it is not synced:"
            " admsync sync custom-fields"
        ) from None


def _typed(field: ComparedField, value: Value, zone: ZoneInfo) -> Value:
    if isinstance(field.kind, Instant):
        return datetime.fromisoformat(str(value)).astimezone(zone).replace(tzinfo=None)
    if isinstance(field.kind, LocalTime):
        return datetime.fromisoformat(str(value))
    return value


def _text(field: ComparedField, value: Value) -> str | None:
    if isinstance(field.kind, Flag):
        return "true" if value else "false"
    return None if value is None else str(value)
