"""The root's fields, and the fields of records that are worked out when they are asked for."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from sync.sandbox import custom_fields, external_ids
from sync.sandbox.calls import call_of
from sync.sandbox.connections import connection
from sync.sandbox.ids import global_id, split_id
from sync.sandbox.kinds import KINDS, SESSION, STAFF, USER
from sync.sandbox.store import Record


def hello(_: object, __: GraphQLResolveInfo) -> str:
    return "Hello"


def echo(
    _: object, __: GraphQLResolveInfo, value: str | None = None, id: str | None = None  # noqa: A002 - the schema's own argument name
) -> str | None:
    return value if value is not None else id


def generate_id(_: object, __: GraphQLResolveInfo, type: str, id: int) -> str:  # noqa: A002 - as above
    return global_id(type, id)


def legacy_id(_: object, __: GraphQLResolveInfo, nodeId: str) -> str:  # noqa: N803 - as above
    parts = split_id(nodeId)
    if parts is None:
        raise GraphQLError(f"{nodeId!r} is not a global id")
    return parts[1]


def viewer(_: object, info: GraphQLResolveInfo) -> dict[str, Any]:
    return {"user": call_of(info).store.select(USER, "ORDER BY number LIMIT 1")[0]}


def node(_: object, info: GraphQLResolveInfo, id: str) -> Record | None:  # noqa: A002 - as above
    record = call_of(info).store.get(id)
    return record if record is not None and KINDS[record["__typename"]].is_node else None


def custom_field_template(_: object, info: GraphQLResolveInfo, type: str) -> dict[str, Any]:  # noqa: A002 - as above
    found = custom_fields.definitions(call_of(info).store, type)
    return {"name": type, "customFieldDefinitions": found}


def custom_field_values(
    source: Record, info: GraphQLResolveInfo, filter: dict[str, Any] | None = None  # noqa: A002 - as above
) -> list[dict[str, Any]]:
    return custom_fields.shown(source, call_of(info).store, filter)


def external_ids_of(_: object, info: GraphQLResolveInfo, nodeId: str) -> list[Record]:  # noqa: N803 - as above
    return external_ids.of(call_of(info).store, nodeId)


def own_external_ids(source: Record, info: GraphQLResolveInfo) -> list[Record]:
    return external_ids.of(call_of(info).store, source["id"])


def node_by_external_id(
    _: object, info: GraphQLResolveInfo, type: str, name: str, value: str  # noqa: A002 - as above
) -> Record | None:
    found = external_ids.holders(call_of(info).store, type, name, [value])
    return found[0] if found else None


def nodes_by_external_id(
    _: object,
    info: GraphQLResolveInfo,
    type: str,  # noqa: A002 - as above
    name: str,
    values: list[str | None],
    limit: int,
    offset: int,
) -> dict[str, Any]:
    wanted = [value for value in values if value is not None]
    found = external_ids.holders(call_of(info).store, type, name, wanted)
    return connection(found[offset : offset + limit], offset, len(found))


def itself(source: Record, _: GraphQLResolveInfo) -> Record:
    """A part of a record that the API shows as an object: its fields are the record's own."""
    return source


def title(source: Record, _: GraphQLResolveInfo) -> str:
    text: str = source["title"]
    return text


def email_addresses(source: Record, _: GraphQLResolveInfo) -> list[dict[str, str]]:
    if not source.get("emailAddress"):
        return []
    address = source["emailAddress"]
    shown = {"usage": "primary", "label": "primary"}
    return [{"address": address, "emailAddress": address, **shown}]


def can_delete(source: Record, info: GraphQLResolveInfo) -> bool:
    """A course template that an event was made from stays."""
    row = call_of(info).store.db.execute(
        "SELECT 1 FROM record WHERE kind = 'Event' AND parent = ? LIMIT 1", (source["id"],)
    )
    return row.fetchone() is None


def event_status(source: Record, _: GraphQLResolveInfo) -> str:
    states = {"draft": "Draft", "published": "Active", "cancelled": "Cancelled"}
    return states[source["lifecycleState"]]


def remaining_places(source: Record, _: GraphQLResolveInfo) -> int | None:
    most = source.get("maxPlaces")
    return None if most is None else most - source["bookedPlaces"]


def has_places(source: Record, info: GraphQLResolveInfo) -> bool:
    left = remaining_places(source, info)
    return left is None or left > 0


def first_day(source: Record, info: GraphQLResolveInfo) -> str | None:
    moment: str | None = source.get(info.field_name.removesuffix("Date"))
    return moment and moment[:10]


def event_venue(source: Record, info: GraphQLResolveInfo) -> Record | None:
    """An event has no venue of its own: it shows its sessions'."""
    call = call_of(info)
    sessions = call.store.children(SESSION, source["id"])
    venues = [session["venueId"] for session in sessions if session.get("venueId")]
    if not venues or (len(set(venues)) > 1 and call.switches.mixed_venues == "none"):
        return None
    return call.store.get(venues[0])


def location_name(source: Record, info: GraphQLResolveInfo) -> str | None:
    location = call_of(info).store.get(source.get("locationId"))
    return location and location["name"]


def session_staff(source: Record, info: GraphQLResolveInfo) -> list[Record]:
    clause = "AND json_extract(record.body, '$.eventStaffId') = ? ORDER BY number"
    return call_of(info).store.select(STAFF, clause, (source["id"],))
