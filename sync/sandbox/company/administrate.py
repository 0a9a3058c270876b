"""The company's Administrate side: the records the sandbox starts with."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sync.sandbox.company.entries import Company, Entry
from sync.sandbox.company.numbering import Numbering
from sync.sandbox.records import kinds
from sync.sandbox.records.events import UNSET_EVENT, timed_event, timed_session
from sync.sandbox.records.kinds import Kind
from sync.sandbox.records.store import Record

Records = Iterator[tuple[Kind, Record]]

CREATED, UPDATED = "2024-02-05T10:15:00.123456Z", "2025-08-20T07:30:00.654321Z"
STAMPS = {"createdAt": CREATED, "updatedAt": UPDATED}
CONTACT_STAMPS = {"createdAt": CREATED, "lastUpdatedAt": UPDATED}


def _tenant(company: Company, ids: Numbering) -> Records:
    """What the tenant as a whole has: currencies, tax, regions, price levels, user, accounts."""
    values = company.values
    for one in values["currencies"]:
        shown = {name: one[name] for name in ("code", "name", "symbol")}
        yield ids.new(kinds.CURRENCY, one["code"], **shown, isActive=one["active"])
    for one in values["tax_types"]:
        tax = {"name": one["name"], "effectiveRate": one["rate"], "applyAfterDiscount": True}
        yield ids.new(kinds.TAX_TYPE, "first", **tax)
    tax_id = ids.of(kinds.TAX_TYPE, "first")
    own = {"name": values["name"], "code": values["code"], "timeZone": values["time_zone"]}
    links = {"currencyId": ids.of(kinds.CURRENCY, "GBP"), "defaultTaxId": tax_id}
    yield ids.new(kinds.COMPANY, "own", **own, **links)
    company_id = ids.of(kinds.COMPANY, "own")
    for one in values["regions"]:
        yield ids.new(kinds.REGION, one["code"], **one, companyId=company_id, defaultTaxId=tax_id)
    for one in values["price_levels"]:
        level = {"name": one["name"], "description": one["description"], "expiryOffset": None}
        yield ids.new(kinds.PRICE_LEVEL, one["name"], **level)
    user = values["user"]
    yield ids.new(
        kinds.USER,
        "own",
        email=user["email"],
        firstName=user["first"],
        lastName=user["last"],
        fullName=f"{user['first']} {user['last']}",
        isSuperUser=False,
        isSuspended=False,
        timeZoneName=values["time_zone"],
        type="API",
        companyId=company_id,
    )
    for one in values["accounts"]:
        account: Record = {"name": one["name"], "emailAddress": None, "companyId": company_id}
        account |= {"ownerId": ids.of(kinds.USER, "own"), "customFields": {}}
        yield ids.new(kinds.ACCOUNT, one["name"], **account, **CONTACT_STAMPS)


def _custom_fields(company: Company, ids: Numbering) -> Records:
    for one in company.section("custom_fields"):
        entity, label = one["entities"][0], one["label"]
        kind, record = ids.new(
            kinds.CUSTOM_FIELD,
            (entity, label),
            label=label,
            type=one["type"],
            description=one.get("description"),
            definitionLocator=f"{entity}_{label}".casefold().replace(" ", "_"),
            isRequired=one.get("required", False),
            isRestricted=False,
            canEdit=True,
            roles=[],
            options=[{"label": option, "value": option} for option in one.get("options", [])],
            entityTypes=one["entities"],
        )
        yield kind, {**record, "key": record["id"]}


def _locations(company: Company, ids: Numbering) -> Records:
    for one in company.administrate("locations"):
        yield ids.new(
            kinds.LOCATION,
            one["name"],
            name=one["name"],
            code=one["code"],
            status="active",
            timeZone=one["time_zone"],
            regionId=ids.of(kinds.REGION, one["region"]),
            taxTypeId=ids.of(kinds.TAX_TYPE, "first"),
        )
    for one in company.administrate("venues"):
        yield ids.new(
            kinds.VENUE,
            (one["name"], one["location"]),
            name=one["name"],
            description=one["description"],
            locationId=ids.of(kinds.LOCATION, one["location"]),
        )


def _contacts(company: Company, ids: Numbering) -> Records:
    account = ids.of(kinds.ACCOUNT, company.values["accounts"][0]["name"])
    for one in company.administrate("people"):
        name = f"{one['first']} {one['last']}"
        kind, record = ids.new(
            kinds.CONTACT,
            name,
            firstName=one["first"],
            lastName=one["last"],
            name=name,
            accountId=account,
            isInstructor="instructor" in one["roles"],
            isAdmin="administrator" in one["roles"],
            isStaff=bool(one["roles"]),
            hasLeftCompany=one.get("left", False),
            customFields={},
            **CONTACT_STAMPS,
        )
        address = f"contact{record['legacyId']}@{company.values['email_domain']}"
        yield kind, {**record, "emailAddress": address}


def _course_templates(company: Company, ids: Numbering) -> Records:
    exam_body = ids.of(kinds.CUSTOM_FIELD, ("CourseTemplate", "Exam body"))
    sage = ids.of(kinds.CUSTOM_FIELD, ("Event", "Sage code"))
    for one in company.administrate("course_templates"):
        yield ids.new(
            kinds.COURSE_TEMPLATE,
            one["code"],
            code=one["code"],
            title=one["title"],
            eventLearningMode=one["mode"],
            lifecycleState=one.get("state", "published"),
            minPlaces=4,
            maxPlaces=14,
            companyId=ids.of(kinds.COMPANY, "own"),
            approvedInstructorIds=[ids.of(kinds.CONTACT, name) for name in one["approved"]],
            customFields={exam_body: "IFoA", sage: f"4000/{one['code'][:3]}"},
            **STAMPS,
        )
        template_id = ids.of(kinds.COURSE_TEMPLATE, one["code"])
        for level in company.values["price_levels"]:
            if level["daily"]:
                yield ids.new(
                    kinds.PUBLIC_PRICE,
                    courseTemplateId=template_id,
                    amount=str(Decimal(level["daily"]) * max(one["days"], 1)),
                    financialUnitId=ids.of(kinds.CURRENCY, "GBP"),
                    priceLevelId=ids.of(kinds.PRICE_LEVEL, level["name"]),
                    regionId=ids.of(kinds.REGION, "GB"),
                )
        for day in range(1, one["days"] + 1):
            yield ids.new(
                kinds.SESSION_TEMPLATE,
                courseTemplateId=template_id,
                dayNumber=day,
                startTime="10:00:00",
                endTime="16:00:00",
                duration=360,
                title=f"Day {day}",
            )


def _past_event(company: Company, one: Entry, ids: Numbering) -> Records:
    """An event with its sessions, each with its instructor."""
    names = {entry["code"]: entry["name"] for entry in company.section("sittings")}
    both: Record = {
        "lifecycleState": one["state"],
        "timeZoneName": company.values["time_zone"],
        "locationId": ids.of(kinds.LOCATION, one["location"]),
        "maxPlaces": one["places"],
        "cancelledAt": UPDATED if one["state"] == "cancelled" else None,
    }
    kind, event = ids.new(
        kinds.EVENT,
        **UNSET_EVENT
        | both
        | {
            "code": one["title"],
            "title": one["title"],
            "type": "public",
            "learningMode": "blended",
            "courseTemplateId": ids.of(kinds.COURSE_TEMPLATE, one["template"]),
            "regionId": ids.of(kinds.REGION, "GB"),
            "taxTypeId": ids.of(kinds.TAX_TYPE, "first"),
            "lmsStart": f"{one['lms'][0]}T16:00:00",
            "lmsEnd": f"{one['lms'][1]}T00:00:00",
            "bookedPlaces": one["booked"],
            "customFields": {
                ids.of(kinds.CUSTOM_FIELD, ("Event", "Sitting")): names[one["sitting"]]
            },
        },
        **STAMPS | {"updatedAt": one.get("updated", UPDATED)},
    )
    sessions = [
        timed_session(
            ids.new(
                kinds.SESSION,
                **both,
                parentEventId=event["id"],
                code=f"{one['title']}-{number}",
                title=f"{one['title']}-{number}",
                start=f"{day}T09:30:00",
                end=f"{day}T17:00:00",
                venueId=ids.of(kinds.VENUE, (one["venue"], one["location"])),
            )[1]
        )
        for number, day in enumerate(one["days"], start=1)
    ]
    yield kind, timed_event({**event, "displayId": event["legacyId"]}, sessions)
    for session in sessions:
        yield kinds.SESSION, session
        yield ids.new(
            kinds.STAFF,
            bookingId=session["id"],
            eventId=event["id"],
            contactId=ids.of(kinds.CONTACT, one["instructor"]),
            staffType="instructor",
            isPrimary=True,
            **STAMPS,
        )


def records(company: Company) -> Records:
    """Every record, those that others refer to first; made as they are read."""
    ids = Numbering()
    for part in (_tenant, _custom_fields, _locations, _contacts, _course_templates):
        yield from part(company, ids)
    for one in company.administrate("past_events"):
        yield from _past_event(company, one, ids)
