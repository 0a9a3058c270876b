"""The namespaces ``contact`` and ``account``."""

from __future__ import annotations

from sync.sandbox.graphql import custom_fields
from sync.sandbox.graphql.bookings import checked_zone, linked
from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations.running import Change
from sync.sandbox.records.kinds import ACCOUNT, CONTACT
from sync.sandbox.records.store import Record

PLAIN = ("jobRole", "instructorBio", "department", "notes")
FLAGS = ("isInstructor", "isStaff", "isAdmin", "hasLeftCompany")


def _email(given: Arguments) -> Record:
    if given.get("emailAddresses") is None:
        return {}
    addresses = [one for one in given["emailAddresses"] if one]
    primary = next((one for one in addresses if one["usage"] == "primary"), None)
    return {"emailAddress": primary and primary.get("address")}


def _values(call: Call, given: Arguments, standing: Record) -> Record:
    """The contact's values after those given are set over those standing."""
    values: Record = {name: given[name] for name in PLAIN if name in given}
    values |= {name: given[name] for name in FLAGS if given.get(name) is not None}
    values |= _email(given)
    if given.get("timeZoneName"):
        values["timeZoneName"] = checked_zone(given["timeZoneName"])
    if given.get("accountId"):
        values["accountId"] = linked(call, ACCOUNT, given["accountId"], "accountId")
    names = given.get("personalName") or {}
    for name in ("firstName", "middleName", "lastName"):
        if name in names:
            values[name] = names[name]
    if "customFieldValues" in given or not standing.get("id"):
        values["customFields"] = custom_fields.merged(
            call, "Contact", standing.get("customFields") or {}, given.get("customFieldValues")
        )
    contact = {**standing, **values, "lastUpdatedAt": call.now}
    parts = (contact["firstName"], contact["middleName"], contact["lastName"])
    return {**contact, "name": " ".join(part for part in parts if part)}


def create(call: Call, given: Arguments) -> Made:
    blank = dict.fromkeys((*PLAIN, "emailAddress", "timeZoneName", "middleName"))
    standing = {**blank, **dict.fromkeys(FLAGS, False), "createdAt": call.now}
    contact = call.store.insert(CONTACT, _values(call, given, standing))
    return Made(contact, (contact["id"],))


def _contact(call: Call, identifier: str | None) -> Record:
    contact = call.store.find(CONTACT, identifier)
    if contact is None:
        raise refuse("Contact not found", "contactId", identifier)
    return contact


def update(call: Call, given: Arguments) -> Made:
    contact = _contact(call, given.get("contactId"))
    saved = call.store.replace(_values(call, given, contact))
    return Made(saved, (saved["id"],))


def delete(call: Call, given: Arguments) -> Made:
    contact = _contact(call, given["contactId"])
    call.store.remove((contact["id"],))
    return Made(contact, (contact["id"],))


def create_account(call: Call, given: Arguments) -> Made:
    account = call.store.insert(
        ACCOUNT,
        {
            "name": given["name"],
            "emailAddress": given.get("emailAddress"),
            "customFields": custom_fields.merged(
                call, "Account", {}, given.get("customFieldValues")
            ),
            "createdAt": call.now,
            "lastUpdatedAt": call.now,
        },
    )
    return Made(account, (account["id"],))


MUTATIONS: dict[str, Change] = {"create": create, "update": update, "delete": delete}
ACCOUNT_MUTATIONS: dict[str, Change] = {"create": create_account}
