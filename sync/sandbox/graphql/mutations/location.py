"""The namespace ``location``; venues have none."""

from __future__ import annotations

from sync.sandbox.graphql.bookings import checked_zone, linked
from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations.running import Change
from sync.sandbox.records.kinds import EVENT, LOCATION, REGION, TAX_TYPE, VENUE
from sync.sandbox.records.store import Record

PLAIN = ("code", "url", "status", "description", "latitude", "longitude")


def _values(call: Call, given: Arguments, identifier: str | None) -> Record:
    values: Record = {name: given[name] for name in PLAIN if name in given}
    if "name" in given:
        if not given["name"]:
            raise refuse("A value is needed", "name")
        values["name"] = given["name"]
    if call.switches.unique_location_names and "name" in values:
        clause = "AND json_extract(record.body, '$.name') = ?"
        same = call.store.select(LOCATION, clause, (values["name"],))
        if any(one["id"] != identifier for one in same):
            raise refuse("There is a location with this name", "name", values["name"])
    if given.get("regionId"):
        values["regionId"] = linked(call, REGION, given["regionId"], "regionId")
    if "taxTypeId" in given:
        values["taxTypeId"] = linked(call, TAX_TYPE, given["taxTypeId"], "taxTypeId")
    if given.get("timeZone"):
        values["timeZone"] = checked_zone(given["timeZone"])
    return values


def create(call: Call, given: Arguments) -> Made:
    blank = {**dict.fromkeys((*PLAIN, "taxTypeId", "timeZone")), "status": "active"}
    made = call.store.insert(LOCATION, {**blank, **_values(call, given, None)})
    return Made(made, (made["id"],))


def _location(call: Call, identifier: str) -> Record:
    location = call.store.find(LOCATION, identifier)
    if location is None:
        raise refuse("Location not found", "locationId", identifier)
    return location


def update(call: Call, given: Arguments) -> Made:
    location = _location(call, given["locationId"])
    saved = call.store.replace({**location, **_values(call, given, location["id"])})
    return Made(saved, (saved["id"],))


def delete(call: Call, given: Arguments) -> Made:
    location = _location(call, given["locationId"])
    at_it = (location["id"],)
    used = call.store.count(VENUE, "AND parent = ?", at_it) or call.store.count(
        EVENT, "AND json_extract(record.body, '$.locationId') = ?", at_it
    )
    if used:
        raise refuse("A location in use cannot be deleted", "locationId", location["id"])
    call.store.remove(at_it)
    return Made(location, at_it)


MUTATIONS: dict[str, Change] = {"create": create, "update": update, "delete": delete}
