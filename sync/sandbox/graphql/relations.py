"""How the records hang together in the graph: to-one fields and connections, as two tables."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from sync.sandbox.graphql.call import Arguments, Info
from sync.sandbox.graphql.connections import page
from sync.sandbox.graphql.filters import Condition
from sync.sandbox.records import kinds
from sync.sandbox.records.kinds import Kind
from sync.sandbox.records.store import Record

#: type and field → the key that holds the other record's id.
TO_ONE: Mapping[tuple[str, str], str] = {
    ("Account", "company"): "companyId",
    ("Account", "owner"): "ownerId",
    ("Company", "currency"): "currencyId",
    ("Company", "defaultTax"): "defaultTaxId",
    ("Contact", "account"): "accountId",
    ("CourseTemplate", "company"): "companyId",
    ("CourseTemplatePublicPrice", "financialUnit"): "financialUnitId",
    ("CourseTemplatePublicPrice", "priceLevel"): "priceLevelId",
    ("CourseTemplatePublicPrice", "region"): "regionId",
    ("Event", "courseTemplate"): "courseTemplateId",
    ("Event", "defaultTaxType"): "taxTypeId",
    ("Event", "location"): "locationId",
    ("Event", "region"): "regionId",
    ("EventPrice", "financialUnit"): "financialUnitId",
    ("EventPrice", "priceLevel"): "priceLevelId",
    ("EventPrice", "region"): "regionId",
    ("Location", "defaultTaxType"): "taxTypeId",
    ("Location", "region"): "regionId",
    ("Region", "company"): "companyId",
    ("Region", "defaultTax"): "defaultTaxId",
    ("Session", "event"): "parentEventId",
    ("Session", "location"): "locationId",
    ("Session", "parentEvent"): "parentEventId",
    ("Session", "venue"): "venueId",
    ("Staff", "booking"): "bookingId",
    ("Staff", "contact"): "contactId",
    ("User", "company"): "companyId",
    ("Venue", "location"): "locationId",
}


@frozen
class Many:
    """A connection to records of a kind: ``where`` takes the id of the record it hangs on."""

    kind: Kind
    where: str = "record.parent = ?"


APPROVED = (
    "record.id IN (SELECT approved.value FROM record AS template,"
    " json_each(template.body, '$.approvedInstructorIds') AS approved WHERE template.id = ?)"
)

#: type and field → the records listed there.
TO_MANY: Mapping[tuple[str, str], Many] = {
    ("Contact", "staff"): Many(kinds.STAFF, "json_extract(record.body, '$.contactId') = ?"),
    ("CourseTemplate", "approvedInstructors"): Many(kinds.CONTACT, APPROVED),
    ("CourseTemplate", "events"): Many(kinds.EVENT),
    ("CourseTemplate", "publicPrices"): Many(kinds.PUBLIC_PRICE),
    ("CourseTemplate", "sessionTemplates"): Many(kinds.SESSION_TEMPLATE),
    ("Event", "prices"): Many(kinds.EVENT_PRICE),
    ("Event", "sessions"): Many(kinds.SESSION),
    ("Event", "staff"): Many(kinds.STAFF),
    ("Session", "staff"): Many(kinds.STAFF),
}


def one(source: Record, info: Info) -> Record | None:
    """Resolves a field of ``TO_ONE``."""
    reference = TO_ONE[info.parent_type.name, info.field_name]
    return info.context.store.get(source.get(reference))


def many(source: Record, info: Info, **arguments: object) -> Arguments:
    """Resolves a field of ``TO_MANY``."""
    relation = TO_MANY[info.parent_type.name, info.field_name]
    scope = Condition(relation.where, (source["id"],))
    return page(info.context, relation.kind, arguments, (scope,))


def listing(kind: Kind, _: object, info: Info, **arguments: object) -> Arguments:
    """Resolves a root field that lists all records of a kind."""
    return page(info.context, kind, arguments)
