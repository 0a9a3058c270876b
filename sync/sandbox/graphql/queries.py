"""The root's fields, and the fields of records that are worked out when they are asked for."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from sync.sandbox.graphql import custom_fields, external_ids
from sync.sandbox.graphql.call import Info
from sync.sandbox.graphql.connections import connection
from sync.sandbox.records.ids import global_id, split_id
from sync.sandbox.records.kinds import KINDS, SESSION, STAFF, USER
from sync.sandbox.records.store import Record


def hello(_: object, __: Info) -> str:
    return "Hello"


def echo(_: object, __: Info, **given: str) -> str | None:
    return given.get("value") or given.get("id")


def generate_id(_: object, __: Info, **given: Any) -> str:
    return global_id(given["type"], given["id"])


def legacy_id(_: object, __: Info, **given: str) -> str:
    parts = split_id(given["nodeId"])
    if parts is None:
        raise GraphQLError(f"{given['nodeId']!r} is not a global id")
    return parts[1]


def viewer(_: object, info: Info) -> dict[str, Any]:
    return {"user": info.context.store.select(USER, "ORDER BY number LIMIT 1")[0]}


def node(_: object, info: Info, **given: str) -> Record | None:
    record = info.context.store.get(given["id"])
    return record if record is not None and KINDS[record["__typename"]].is_node else None


def custom_field_template(_: object, info: Info, **given: str) -> dict[str, Any]:
    found = custom_fields.definitions(info.context.store, given["type"])
    return {"name": given["type"], "customFieldDefinitions": found}


def custom_field_values(source: Record, info: Info, **given: Any) -> list[dict[str, Any]]:
    return custom_fields.shown(source, info.context.store, given.get("filter"))


def external_ids_of(_: object, info: Info, **given: str) -> list[Record]:
    return external_ids.of(info.context.store, given["nodeId"])


def own_external_ids(source: Record, info: Info) -> list[Record]:
    return external_ids.of(info.context.store, source["id"])


def node_by_external_id(_: object, info: Info, **given: str) -> Record | None:
    values = [given["value"]]
    found = external_ids.holders(info.context.store, given["type"], given["name"], values)
    return found[0] if found else None


def nodes_by_external_id(_: object, info: Info, **given: Any) -> dict[str, Any]:
    wanted = [value for value in given["values"] if value is not None]
    found = external_ids.holders(info.context.store, given["type"], given["name"], wanted)
    first, past = given["offset"], given["offset"] + given["limit"]
    return connection(found[first:past], first, len(found))


def itself(source: Record, _: Info) -> Record:
    """A part of a record that the API shows as an object: its fields are the record's own."""
    return source


def title(source: Record, _: Info) -> str:
    return str(source["title"])


def email_addresses(source: Record, _: Info) -> list[dict[str, str]]:
    if not source.get("emailAddress"):
        return []
    address = source["emailAddress"]
    shown = {"usage": "primary", "label": "primary"}
    return [{"address": address, "emailAddress": address, **shown}]


def can_delete(source: Record, info: Info) -> bool:
    """A course template that an event was made from stays."""
    row = info.context.store.db.execute(
        "SELECT 1 FROM record WHERE kind = 'Event' AND parent = ? LIMIT 1", (source["id"],)
    )
    return row.fetchone() is None


def event_status(source: Record, _: Info) -> str:
    states = {"draft": "Draft", "published": "Active", "cancelled": "Cancelled"}
    return states[source["lifecycleState"]]


def remaining_places(source: Record, _: Info) -> int | None:
    most = source.get("maxPlaces")
    return None if most is None else most - source["bookedPlaces"]


def has_places(source: Record, info: Info) -> bool:
    left = remaining_places(source, info)
    return left is None or left > 0


def first_day(source: Record, info: Info) -> str | None:
    moment: str | None = source.get(info.field_name.removesuffix("Date"))
    return moment and moment[:10]


def event_venue(source: Record, info: Info) -> Record | None:
    """An event has no venue of its own: it shows its sessions'."""
    call = info.context
    sessions = call.store.children(SESSION, source["id"])
    venues = [session["venueId"] for session in sessions if session.get("venueId")]
    if not venues or (len(set(venues)) > 1 and call.switches.mixed_venues == "none"):
        return None
    return call.store.get(venues[0])


def location_name(source: Record, info: Info) -> str | None:
    location = info.context.store.get(source.get("locationId"))
    return None if location is None else str(location["name"])


def session_staff(source: Record, info: Info) -> list[Record]:
    clause = "AND json_extract(record.body, '$.eventStaffId') = ? ORDER BY number"
    return info.context.store.select(STAFF, clause, (source["id"],))
