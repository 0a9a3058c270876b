"""The kinds of record: id prefix, owner, and whether the API can fetch one as a node.

A record is a JSON object whose keys are the names of its GraphQL fields; a reference to another
record is kept as that one's global id, under the field's name with ``Id`` behind it.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Kind:
    """``parent`` names the key of the record that owns it, by which its siblings are listed."""

    name: str
    prefix: str
    parent: str | None = None
    is_node: bool = True


EVENT = Kind("Event", "Course", "courseTemplateId")
# Sessions share the prefix and the numbers of events: an id does not tell which it is.
SESSION = Kind("Session", "Course", "parentEventId")
STAFF = Kind("Staff", "Staff", "bookingId")
EVENT_PRICE = Kind("EventPrice", "EventPrice", "eventId", is_node=False)
COURSE_TEMPLATE = Kind("CourseTemplate", "CourseTemplate")
SESSION_TEMPLATE = Kind("SessionTemplate", "SessionTemplate", "courseTemplateId")
PUBLIC_PRICE = Kind(
    "CourseTemplatePublicPrice", "CourseTemplatePublicPrice", "courseTemplateId", is_node=False
)
CONTACT = Kind("Contact", "Person", "accountId")
ACCOUNT = Kind("Account", "Organisation")
COMPANY = Kind("Company", "Company")
LOCATION = Kind("Location", "Location", "regionId")
VENUE = Kind("Venue", "Venue", "locationId", is_node=False)
REGION = Kind("Region", "Region")
PRICE_LEVEL = Kind("PriceLevel", "PriceLevel")
CURRENCY = Kind("Currency", "Currency", is_node=False)
TAX_TYPE = Kind("TaxType", "TaxType")
USER = Kind("User", "User")
CUSTOM_FIELD = Kind("StandardCustomFieldDefinition", "CustomFieldDefinition", is_node=False)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        *(EVENT, SESSION, STAFF, EVENT_PRICE),
        *(COURSE_TEMPLATE, SESSION_TEMPLATE, PUBLIC_PRICE),
        *(CONTACT, ACCOUNT, COMPANY, LOCATION, VENUE),
        *(REGION, PRICE_LEVEL, CURRENCY, TAX_TYPE, USER, CUSTOM_FIELD),
    )
}
