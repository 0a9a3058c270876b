"""The kinds of record the sandbox holds, each one declaration.

A record is a JSON object whose keys are the names of its GraphQL fields; a reference to another
record is kept as that one's global id, under the field's name with ``Id`` behind it.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from sync.sandbox.records.columns import (
    Column,
    Holds,
    flag,
    instant,
    key,
    local,
    number,
    related,
    text,
)


@frozen
class Kind:
    """``parent`` names the key of the record that owns it, by which its siblings are listed."""

    name: str
    prefix: str
    columns: Mapping[str, Column]
    listing: str | None = None
    parent: str | None = None
    is_node: bool = True
    custom_fields: bool = False
    field_enum: str = field(default="")

    @property
    def enum(self) -> str:
        return self.field_enum or f"{self.name}Field"


PLACES_LEFT = f"({key('maxPlaces')} - {key('bookedPlaces')})"
STAFF_CONTACTS = (
    "(SELECT json_group_array(json_extract(other.body, '$.contactId')) FROM record AS other"
    " WHERE other.kind = 'Staff' AND other.parent = record.id)"
)

EVENT = Kind(
    "Event",
    "Course",
    listing="events",
    parent="courseTemplateId",
    custom_fields=True,
    columns={
        **text("id displayId title code learningMode lifecycleState type"),
        **text("locationId taxTypeId cancelledAt"),
        "courseTemplateTitle": Column(related("courseTemplateId", "title")),
        "courseTemplateCode": Column(related("courseTemplateId", "code")),
        "locationName": Column(related("locationId", "name")),
        "regionCode": Column(related("regionId", "code")),
        "staffContactId": Column(STAFF_CONTACTS, Holds.LIST),
        **number("maxPlaces minPlaces bookedPlaces interested reserved"),
        "remainingPlaces": Column(PLACES_LEFT, Holds.NUMBER),
        **flag("isSoldOut isActive"),
        **local("start end classroomStart classroomEnd lmsStart lmsEnd"),
        "startDate": Column(f"substr({key('start')}, 1, 10)"),
        "endDate": Column(f"substr({key('end')}, 1, 10)"),
        **instant("timeZonedStart timeZonedEnd timeZonedLmsStart timeZonedLmsEnd"),
        **instant("timeZonedClassroomStart timeZonedClassroomEnd updatedAt createdAt"),
    },
)
SESSION = Kind(
    "Session",
    # Sessions share the prefix and the numbers of events: an id does not tell which it is.
    "Course",
    parent="parentEventId",
    custom_fields=True,
    columns={
        **text("id title code lifecycleState cancelledAt"),
        "parentId": Column(key("parentEventId")),
        **local("start end"),
        **instant("timeZonedStart timeZonedEnd"),
    },
)
STAFF = Kind(
    "Staff",
    "Staff",
    listing="staff",
    parent="bookingId",
    columns={
        **text("id contactId staffType"),
        "eventId": Column(key("eventId")),
        "contactName": Column(related("contactId", "name")),
        "contactEmailAddress": Column(related("contactId", "emailAddress")),
        **flag("isPrimary"),
        **instant("createdAt updatedAt"),
    },
)
EVENT_PRICE = Kind(
    "EventPrice",
    "EventPrice",
    parent="eventId",
    is_node=False,
    columns={**text("id priceLevelId"), "event_id": Column(key("eventId"))},
)
COURSE_TEMPLATE = Kind(
    "CourseTemplate",
    "CourseTemplate",
    listing="courseTemplates",
    custom_fields=True,
    columns={
        **text("id code title lifecycleState lmsSummary lmsResourcesText relatedCoursesText"),
        "name": Column(key("title")),
        **instant("updatedAt createdAt"),
    },
)
SESSION_TEMPLATE = Kind(
    "SessionTemplate",
    "SessionTemplate",
    parent="courseTemplateId",
    columns={**text("id startTime endTime code title"), **number("dayNumber")},
)
PUBLIC_PRICE = Kind(
    "CourseTemplatePublicPrice",
    "CourseTemplatePublicPrice",
    parent="courseTemplateId",
    is_node=False,
    field_enum="CourseTemplatePriceField",
    columns={
        **text("id regionId"),
        # Amounts are texts of decimals; only their comparison is one of numbers.
        "amount": Column(f"CAST({key('amount')} AS REAL)", Holds.NUMBER),
        "currencyCode": Column(related("financialUnitId", "code")),
    },
)
CONTACT = Kind(
    "Contact",
    "Person",
    listing="contacts",
    parent="accountId",
    custom_fields=True,
    columns={
        **text("id firstName lastName name emailAddress accountId"),
        "accountName": Column(related("accountId", "name")),
        **flag("isInstructor isAdmin isStaff hasLeftCompany"),
        **instant("createdAt lastUpdatedAt"),
    },
)
ACCOUNT = Kind(
    "Account",
    "Organisation",
    listing="accounts",
    custom_fields=True,
    columns={**text("id name emailAddress"), **instant("createdAt lastUpdatedAt")},
)
COMPANY = Kind("Company", "Company", text("id name code"), listing="companies")
LOCATION = Kind(
    "Location",
    "Location",
    listing="locations",
    parent="regionId",
    columns={
        **text("id name code description regionId status"),
        "regionName": Column(related("regionId", "name")),
    },
)
VENUE = Kind(
    "Venue",
    "Venue",
    listing="venues",
    parent="locationId",
    is_node=False,
    columns=text("id name locationId"),
)
REGION = Kind("Region", "Region", text("id name code companyId"), listing="regions")
PRICE_LEVEL = Kind(
    "PriceLevel",
    "PriceLevel",
    {**text("id name description"), **number("expiryOffset")},
    listing="priceLevels",
)
CURRENCY = Kind(
    "Currency",
    "Currency",
    {**text("code name symbol"), **flag("isActive")},
    listing="currencies",
    is_node=False,
)
TAX_TYPE = Kind("TaxType", "TaxType", text("id name"), listing="taxTypes")
USER = Kind("User", "User", {})
CUSTOM_FIELD = Kind("StandardCustomFieldDefinition", "CustomFieldDefinition", {}, is_node=False)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        *(EVENT, SESSION, STAFF, EVENT_PRICE),
        *(COURSE_TEMPLATE, SESSION_TEMPLATE, PUBLIC_PRICE),
        *(CONTACT, ACCOUNT, COMPANY, LOCATION, VENUE),
        *(REGION, PRICE_LEVEL, CURRENCY, TAX_TYPE, USER, CUSTOM_FIELD),
    )
}
