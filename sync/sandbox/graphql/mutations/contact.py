"""The namespaces ``contact`` and ``account``."""

from __future__ import annotations

from sync.sandbox.graphql.call import Arguments, Call, Made
from sync.sandbox.graphql.mutations.inputs import Inputs, found
from sync.sandbox.records.kinds import ACCOUNT, CONTACT
from sync.sandbox.records.store import Record

PLAIN = ("jobRole", "instructorBio", "department", "notes")
FLAGS = ("isInstructor", "isStaff", "isAdmin", "hasLeftCompany")
NAMES = ("firstName", "middleName", "lastName")
CONTACTS = Inputs(
    CONTACT,
    plain=PLAIN,
    ignore_null=(*FLAGS, "timeZoneName", "accountId"),
    links={"accountId": ACCOUNT},
    zone="timeZoneName",
)
ACCOUNTS = Inputs(ACCOUNT, plain=("name", "emailAddress"))


def _email(given: Arguments) -> Record:
    if given.get("emailAddresses") is None:
        return {}
    addresses = [one for one in given["emailAddresses"] if one]
    primary = next((one for one in addresses if one["usage"] == "primary"), None)
    return {"emailAddress": primary and primary.get("address")}


def _contact(call: Call, given: Arguments, current: Record) -> Record:
    """The contact after the values given are set over the current ones."""
    names = given.get("personalName") or {}
    contact = {
        **current,
        **CONTACTS.values(call, given, current),
        **_email(given),
        **{name: names[name] for name in NAMES if name in names},
        "lastUpdatedAt": call.now,
    }
    return {**contact, "name": " ".join(contact[name] for name in NAMES if contact[name])}


def create(call: Call, given: Arguments) -> Made:
    unset = dict.fromkeys((*PLAIN, "emailAddress", "timeZoneName", "middleName"))
    current = {**unset, **dict.fromkeys(FLAGS, False), "createdAt": call.now}
    return Made(call.store.insert(CONTACT, _contact(call, given, current)))


def update(call: Call, given: Arguments) -> Made:
    contact = found(call, CONTACT, given.get("contactId"), "contactId")
    return Made(call.store.replace(_contact(call, given, contact)))


def delete(call: Call, given: Arguments) -> Made:
    contact = found(call, CONTACT, given["contactId"], "contactId")
    call.store.remove((contact["id"],))
    return Made(contact)


def create_account(call: Call, given: Arguments) -> Made:
    times = {"createdAt": call.now, "lastUpdatedAt": call.now}
    account = {"emailAddress": None, **ACCOUNTS.values(call, given, {}), **times}
    return Made(call.store.insert(ACCOUNT, account))
