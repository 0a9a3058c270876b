"""The namespace ``location``; venues have none."""

from __future__ import annotations

from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations.inputs import Inputs, check_unique, found
from sync.sandbox.records.kinds import EVENT, LOCATION, REGION, TAX_TYPE, VENUE
from sync.sandbox.records.store import Record

PLAIN = ("code", "url", "status", "description", "latitude", "longitude")
LOCATIONS = Inputs(
    LOCATION,
    plain=(*PLAIN, "name"),
    required=("name",),
    ignore_null=("regionId", "timeZone"),
    links={"regionId": REGION, "taxTypeId": TAX_TYPE},
    zone="timeZone",
    custom=False,
)


def _values(call: Call, given: Arguments, current: Record) -> Record:
    values = LOCATIONS.values(call, given, current)
    if call.switches.unique_location_names and "name" in values:
        check_unique(call, LOCATION, "name", values["name"], current.get("id"))
    return {**current, **values}


def create(call: Call, given: Arguments) -> Made:
    unset = {**dict.fromkeys((*PLAIN, "taxTypeId", "timeZone")), "status": "active"}
    return Made(call.store.insert(LOCATION, _values(call, given, unset)))


def update(call: Call, given: Arguments) -> Made:
    location = found(call, LOCATION, given["locationId"], "locationId")
    return Made(call.store.replace(_values(call, given, location)))


def delete(call: Call, given: Arguments) -> Made:
    location = found(call, LOCATION, given["locationId"], "locationId")
    own = (location["id"],)
    used = call.store.count(VENUE, "AND parent = ?", own) or call.store.count(
        EVENT, "AND json_extract(record.body, '$.locationId') = ?", own
    )
    if used:
        raise refuse("A location in use cannot be deleted", "locationId", location["id"])
    call.store.remove(own)
    return Made(location)
