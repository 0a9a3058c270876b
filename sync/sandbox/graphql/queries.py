"""The root's query fields, and the computed fields of records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError

from sync.sandbox.graphql import custom_fields, external_ids
from sync.sandbox.graphql.call import Info
from sync.sandbox.graphql.connections import connection
from sync.sandbox.records.ids import global_id, split_id
from sync.sandbox.records.kinds import EVENT, KINDS, SESSION, STAFF, USER
from sync.sandbox.records.store import Record

Resolver = Callable[..., Any]


def _legacy_id(_: object, __: Info, **given: str) -> str:
    parts = split_id(given["nodeId"])
    if parts is None:
        raise GraphQLError(f"{given['nodeId']!r} is not a global id")
    return parts[1]


def _viewer(_: object, info: Info) -> Record:
    return {"user": info.context.store.select(USER, "ORDER BY number LIMIT 1")[0]}


def _node(_: object, info: Info, **given: str) -> Record | None:
    record = info.context.store.get(given["id"])
    return record if record is not None and KINDS[record["__typename"]].is_node else None


def _custom_field_template(_: object, info: Info, **given: str) -> Record:
    found = custom_fields.definitions(info.context.store, given["type"])
    return {"name": given["type"], "customFieldDefinitions": found}


def _node_by_external_id(_: object, info: Info, **given: str) -> Record | None:
    values = [given["value"]]
    found = external_ids.holders(info.context.store, given["type"], given["name"], values)
    return found[0] if found else None


def _nodes_by_external_id(_: object, info: Info, **given: Any) -> Record:
    wanted = [value for value in given["values"] if value is not None]
    found = external_ids.holders(info.context.store, given["type"], given["name"], wanted)
    first, past = given["offset"], given["offset"] + given["limit"]
    return connection(found[first:past], first, len(found))


#: The root's fields, but for those that list a kind.
ROOT: Mapping[str, Resolver] = {
    "customFieldTemplate": _custom_field_template,
    "echo": lambda _, __, **given: given.get("value") or given.get("id"),
    "externalIds": lambda _, info, **given: external_ids.of(info.context.store, given["nodeId"]),
    "generateId": lambda _, __, **given: global_id(given["type"], given["id"]),
    "hello": lambda *_: "Hello",
    "legacyIdFromNodeId": _legacy_id,
    "node": _node,
    "nodeByExternalId": _node_by_external_id,
    "nodesByExternalId": _nodes_by_external_id,
    "viewer": _viewer,
}


def _email_addresses(source: Record, _: Info) -> list[dict[str, str]]:
    if not source.get("emailAddress"):
        return []
    address = source["emailAddress"]
    shown = {"usage": "primary", "label": "primary"}
    return [{"address": address, "emailAddress": address, **shown}]


def _can_delete(source: Record, info: Info) -> bool:
    """A course template that an event was made from stays."""
    return not info.context.store.count(EVENT, "AND parent = ?", (source["id"],))


def _event_status(source: Record, _: Info) -> str:
    states = {"draft": "Draft", "published": "Active", "cancelled": "Cancelled"}
    return states[source["lifecycleState"]]


def _remaining_places(source: Record, _: Info) -> int | None:
    most = source.get("maxPlaces")
    return None if most is None else most - source["bookedPlaces"]


def _has_places(source: Record, info: Info) -> bool:
    left = _remaining_places(source, info)
    return left is None or left > 0


def _day(source: Record, info: Info) -> str | None:
    """The date of ``start`` for ``startDate``, and likewise of the end."""
    moment: str | None = source.get(info.field_name.removesuffix("Date"))
    return moment and moment[:10]


def _event_venue(source: Record, info: Info) -> Record | None:
    """An event has no venue of its own: it shows its sessions'."""
    call = info.context
    sessions = call.store.children(SESSION, source["id"])
    venues = [session["venueId"] for session in sessions if session.get("venueId")]
    if not venues or (len(set(venues)) > 1 and call.switches.mixed_venues == "none"):
        return None
    return call.store.get(venues[0])


def _location_name(source: Record, info: Info) -> str | None:
    location = info.context.store.get(source.get("locationId"))
    return None if location is None else str(location["name"])


def _session_staff(source: Record, info: Info) -> list[Record]:
    clause = "AND json_extract(record.body, '$.eventStaffId') = ? ORDER BY number"
    return info.context.store.select(STAFF, clause, (source["id"],))


#: Fields that any kind may have.
ANY_KIND: Mapping[str, Resolver] = {
    "customFieldValues": lambda source, info, **given: custom_fields.shown(
        source, info.context.store, given.get("filter")
    ),
    "externalIds": lambda source, info: external_ids.of(info.context.store, source["id"]),
}
#: type and field → its computation; the other fields follow from the schema.
FIELDS: Mapping[tuple[str, str], Resolver] = {
    ("Contact", "emailAddresses"): _email_addresses,
    # A part of a record that the API shows as an object: its fields are the record's own.
    ("Contact", "personalName"): lambda source, _: source,
    ("CourseTemplate", "canDelete"): _can_delete,
    ("CourseTemplate", "name"): lambda source, _: source["title"],
    ("Event", "endDate"): _day,
    ("Event", "hasPlacesRemaining"): _has_places,
    ("Event", "remainingPlaces"): _remaining_places,
    ("Event", "startDate"): _day,
    ("Event", "status"): _event_status,
    ("Event", "venue"): _event_venue,
    ("Session", "locationName"): _location_name,
    ("Staff", "sessionStaff"): _session_staff,
}
