"""How each creation is found again: by the values that it was sent with.

Administrate keeps no key of ours, so after a lost answer one looks before sending again. None
found: not made. One: it. Several: a person decides. Whether the API's ``eq`` minds case is not
known, so what it returns is compared here once more, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync.administrate.client import Administrate
from sync.administrate.reads.listings import Listing, Record
from sync.administrate.reads.lookups import Records, find_all
from sync.administrate.reads.queries import (
    CONTACTS,
    EVENTS,
    SESSIONS_OF_EVENT,
    equal,
    where,
)
from sync.administrate.writes.declaration import FindAgain, Variables
from sync.administrate.writes.inputs import contact_of


def same(listing: Listing, field: str) -> FindAgain:
    """The records that have the given value in the field."""

    def find(client: Administrate, given: Variables) -> Records:
        key = {field: given[field]}
        return _having(find_all(client, listing, where(equal(field, given[field]))), key)

    return find


def event(client: Administrate, given: Variables) -> Records:
    """The events of that code or, where none was given, of that title, template and day."""
    if given.get("code"):
        return same(EVENTS, "code")(client, given)
    key = {"courseTemplate.id": given.get("courseTemplateId")}
    titled = _having(same(EVENTS, "title")(client, given), key)
    return tuple(one for one in titled if _on_the_day(one, given))


def session(client: Administrate, given: Variables) -> Records:
    """The event's sessions of that title that start in that minute."""
    start = datetime.fromisoformat(given["start"]).isoformat(timespec="minutes")
    found = find_all(client, SESSIONS_OF_EVENT, {"id": given["parentEventId"]})
    titled = _having(found, {"title": given["title"]})
    return tuple(one for one in titled if (one["start"] or "").startswith(start))


def staff(listing: Listing, owner: str) -> FindAgain:
    """The entries of that staff type that the contact has on the record, which ``owner`` names."""

    def find(client: Administrate, given: Variables) -> Records:
        key = {"contact.id": contact_of(given), "staffType": given["staffType"]}
        return _having(find_all(client, listing, {"id": given[owner]}), key)

    return find


def contact(client: Administrate, given: Variables) -> Records:
    """The contacts of that name and account."""
    names = {name: given["personalName"][name] for name in ("firstName", "lastName")}
    found = find_all(client, CONTACTS, where(*(equal(*name) for name in names.items())))
    key = {f"personalName.{name}": text for name, text in names.items()}
    return _having(found, {**key, "account.id": given["accountId"]})


def _having(records: Records, key: Mapping[str, object]) -> Records:
    """The records with exactly these values, by path."""
    return tuple(
        record for record in records if all(_at(record, path) == key[path] for path in key)
    )


def _at(record: Record, path: str) -> object:
    value: Any = record
    for name in path.split("."):
        value = (value or {}).get(name)
    return value


def _on_the_day(record: Record, given: Mapping[str, Any]) -> bool:
    """Whether an event starts on the day given: the classroom's or, without one, the online
    access's.

    Only days are compared: the API takes the time from the template's schedule.
    """
    for shown, sent in (
        ("classroomStart", "classroomStartDateTime"),
        ("lmsStart", "lmsStartDateTime"),
    ):
        if record[shown] and given.get(sent):
            return bool(record[shown][:10] == given[sent][:10])
    return not (record["classroomStart"] or record["lmsStart"])
