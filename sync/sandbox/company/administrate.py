"""The company's Administrate side: the records the sandbox starts with."""

from __future__ import annotations

from decimal import Decimal

from sync.sandbox.company.entries import Declared
from sync.sandbox.company.numbering import Numbering
from sync.sandbox.company.past_events import MADE, Records, past_event
from sync.sandbox.records import kinds
from sync.sandbox.records.store import Record

MADE_CONTACT = {"createdAt": MADE["createdAt"], "lastUpdatedAt": MADE["updatedAt"]}


def _tenant(company: Declared, ids: Numbering) -> Records:
    """What the tenant as a whole has: currencies, tax, regions, price levels, user, accounts."""
    values = company.values
    for one in values["currencies"]:
        shown = {name: one[name] for name in ("code", "name", "symbol")}
        yield (
            kinds.CURRENCY,
            {**ids.new(kinds.CURRENCY, one["code"]), **shown, "isActive": one["active"]},
        )
    for one in values["tax_types"]:
        tax = {"name": one["name"], "effectiveRate": one["rate"], "applyAfterDiscount": True}
        yield kinds.TAX_TYPE, {**ids.new(kinds.TAX_TYPE, "first"), **tax}
    currency, tax_id = ids.of(kinds.CURRENCY, "GBP"), ids.of(kinds.TAX_TYPE, "first")
    own = {"name": values["name"], "code": values["code"], "timeZone": values["time_zone"]}
    record = ids.new(kinds.COMPANY, "own")
    yield kinds.COMPANY, {**record, **own, "currencyId": currency, "defaultTaxId": tax_id}
    for one in values["regions"]:
        region = {"companyId": record["id"], "defaultTaxId": tax_id}
        yield kinds.REGION, {**ids.new(kinds.REGION, one["code"]), **one, **region}
    for one in values["price_levels"]:
        level = {"name": one["name"], "description": one["description"], "expiryOffset": None}
        yield kinds.PRICE_LEVEL, {**ids.new(kinds.PRICE_LEVEL, one["name"]), **level}
    user = values["user"]
    yield (
        kinds.USER,
        {
            **ids.new(kinds.USER, "own"),
            "email": user["email"],
            "firstName": user["first"],
            "lastName": user["last"],
            "fullName": f"{user['first']} {user['last']}",
            "isSuperUser": False,
            "isSuspended": False,
            "timeZoneName": values["time_zone"],
            "type": "API",
            "companyId": record["id"],
        },
    )
    for one in values["accounts"]:
        account = {"name": one["name"], "emailAddress": None, "companyId": record["id"]}
        links = {"ownerId": ids.of(kinds.USER, "own"), "customFields": {}}
        yield (
            kinds.ACCOUNT,
            {**ids.new(kinds.ACCOUNT, one["name"]), **account, **links, **MADE_CONTACT},
        )


def _custom_fields(company: Declared, ids: Numbering) -> Records:
    for one in company.section("custom_fields"):
        record = ids.new(kinds.CUSTOM_FIELD, (one["entities"][0], one["label"]))
        locator = f"{one['entities'][0]}_{one['label']}".casefold().replace(" ", "_")
        yield (
            kinds.CUSTOM_FIELD,
            {
                **record,
                "key": record["id"],
                "label": one["label"],
                "type": one["type"],
                "description": one.get("description"),
                "definitionLocator": locator,
                "isRequired": one.get("required", False),
                "isRestricted": False,
                "canEdit": True,
                "roles": [],
                "options": [
                    {"label": option, "value": option} for option in one.get("options", [])
                ],
                "entityTypes": one["entities"],
            },
        )


def _locations(company: Declared, ids: Numbering) -> Records:
    for one in company.administrate("locations"):
        yield (
            kinds.LOCATION,
            {
                **ids.new(kinds.LOCATION, one["name"]),
                "name": one["name"],
                "code": one["code"],
                "status": "active",
                "timeZone": one["time_zone"],
                "regionId": ids.of(kinds.REGION, one["region"]),
                "taxTypeId": ids.of(kinds.TAX_TYPE, "first"),
            },
        )
    for one in company.administrate("venues"):
        yield (
            kinds.VENUE,
            {
                **ids.new(kinds.VENUE, (one["name"], one["location"])),
                "name": one["name"],
                "description": one["description"],
                "locationId": ids.of(kinds.LOCATION, one["location"]),
            },
        )


def _contacts(company: Declared, ids: Numbering) -> Records:
    account = ids.of(kinds.ACCOUNT, company.values["accounts"][0]["name"])
    for one in company.administrate("people"):
        name = f"{one['first']} {one['last']}"
        record = ids.new(kinds.CONTACT, name)
        yield (
            kinds.CONTACT,
            {
                **record,
                "firstName": one["first"],
                "lastName": one["last"],
                "name": name,
                "emailAddress": f"contact{record['legacyId']}@{company.values['email_domain']}",
                "accountId": account,
                "isInstructor": "instructor" in one["roles"],
                "isAdmin": "administrator" in one["roles"],
                "isStaff": bool(one["roles"]),
                "hasLeftCompany": one.get("left", False),
                "customFields": {},
                **MADE_CONTACT,
            },
        )


def _prices(company: Declared, template: Record, ids: Numbering, days: int) -> Records:
    for level in company.values["price_levels"]:
        if level["daily"]:
            yield (
                kinds.PUBLIC_PRICE,
                {
                    **ids.new(kinds.PUBLIC_PRICE),
                    "courseTemplateId": template["id"],
                    "amount": str(Decimal(level["daily"]) * max(days, 1)),
                    "financialUnitId": ids.of(kinds.CURRENCY, "GBP"),
                    "priceLevelId": ids.of(kinds.PRICE_LEVEL, level["name"]),
                    "regionId": ids.of(kinds.REGION, "GB"),
                },
            )


def _course_templates(company: Declared, ids: Numbering) -> Records:
    exam_body = ids.of(kinds.CUSTOM_FIELD, ("CourseTemplate", "Exam body"))
    sage = ids.of(kinds.CUSTOM_FIELD, ("Event", "Sage code"))
    for one in company.administrate("course_templates"):
        template = {
            **ids.new(kinds.COURSE_TEMPLATE, one["code"]),
            "code": one["code"],
            "title": one["title"],
            "eventLearningMode": one["mode"],
            "lifecycleState": one.get("state", "published"),
            "minPlaces": 4,
            "maxPlaces": 14,
            "companyId": ids.of(kinds.COMPANY, "own"),
            "approvedInstructorIds": [ids.of(kinds.CONTACT, name) for name in one["approved"]],
            "customFields": {exam_body: "IFoA", sage: f"4000/{one['code'][:3]}"},
            **MADE,
        }
        yield kinds.COURSE_TEMPLATE, template
        yield from _prices(company, template, ids, one["days"])
        for day in range(1, one["days"] + 1):
            yield (
                kinds.SESSION_TEMPLATE,
                {
                    **ids.new(kinds.SESSION_TEMPLATE),
                    "courseTemplateId": template["id"],
                    "dayNumber": day,
                    "startTime": "10:00:00",
                    "endTime": "16:00:00",
                    "duration": 360,
                    "title": f"Day {day}",
                },
            )


def records(company: Declared) -> Records:
    """Every record, those that others refer to first; made as they are read."""
    ids = Numbering()
    yield from _tenant(company, ids)
    yield from _custom_fields(company, ids)
    yield from _locations(company, ids)
    yield from _contacts(company, ids)
    yield from _course_templates(company, ids)
    for one in company.administrate("past_events"):
        yield from past_event(company, one, ids)
