"""What is read from Administrate: each list there is, and the filters a list is narrowed with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from sync.administrate.operations import load
from sync.administrate.reads.listings import Listing

_NODE = "node"

STAFF_OF_SESSION = Listing(load("StaffOfSession"), (_NODE, "staff"))
STAFF_OF_EVENT = Listing(load("StaffOfEvent"), (_NODE, "staff"))
SESSIONS_OF_EVENT = Listing(
    load("SessionsOfEvent"), (_NODE, "sessions"), nested={"staff": STAFF_OF_SESSION}
)
EVENTS = Listing(
    load("Events"),
    ("events",),
    nested={"sessions": SESSIONS_OF_EVENT, "staff": STAFF_OF_EVENT},
)
# Those of a sync, whose stored pages hold people's ids and no names.
STAFF_KEYS_OF_SESSION = Listing(load("StaffKeysOfSession"), (_NODE, "staff"))
STAFF_KEYS_OF_EVENT = Listing(load("StaffKeysOfEvent"), (_NODE, "staff"))
SYNCED_SESSIONS_OF_EVENT = Listing(
    load("SyncedSessionsOfEvent"), (_NODE, "sessions"), nested={"staff": STAFF_KEYS_OF_SESSION}
)
SYNCED_EVENTS = Listing(load("SyncedEvents"), ("events",), nested={"staff": STAFF_KEYS_OF_EVENT})
SYNCED_EVENTS_WITH_SESSIONS = Listing(
    load("SyncedEventsWithSessions"),
    ("events",),
    nested={"staff": STAFF_KEYS_OF_EVENT, "sessions": SYNCED_SESSIONS_OF_EVENT},
)
UPDATED_EVENTS = Listing(
    load("UpdatedEvents"),
    ("events",),
    nested={"staff": STAFF_KEYS_OF_EVENT},
    in_order_of="updatedAt",
)
SYNCED_SESSIONS = Listing(
    load("SyncedSessions"), ("events",), nested={"sessions": SYNCED_SESSIONS_OF_EVENT}
)
# What tells one event from another; many fit on a page.
EVENT_KEYS = Listing(load("EventKeys"), ("events",))

INSTRUCTORS_OF_COURSE_TEMPLATE = Listing(
    load("CourseTemplateInstructors"), (_NODE, "approvedInstructors")
)
APPROVED_INSTRUCTORS = Listing(
    load("ApprovedInstructors"),
    ("courseTemplates",),
    nested={"approvedInstructors": INSTRUCTORS_OF_COURSE_TEMPLATE},
)
PRICES_OF_COURSE_TEMPLATE = Listing(load("PricesOfCourseTemplate"), (_NODE, "publicPrices"))
COURSE_TEMPLATES = Listing(load("CourseTemplates"), ("courseTemplates",))
COURSE_TEMPLATE_PRICES = Listing(
    load("CourseTemplatePrices"),
    ("courseTemplates",),
    nested={"publicPrices": PRICES_OF_COURSE_TEMPLATE},
)

CUSTOM_FIELD_DEFINITIONS = Listing(
    load("CustomFieldDefinitions"),
    ("customFieldTemplate", "customFieldDefinitions"),
    paged=False,
    id_field="key",
)
PRICE_LEVELS = Listing(load("PriceLevels"), ("priceLevels",))
LOCATIONS = Listing(load("Locations"), ("locations",))
VENUES = Listing(load("Venues"), ("venues",))
CONTACTS = Listing(load("Contacts"), ("contacts",))
REGIONS = Listing(load("Regions"), ("regions",))
TAX_TYPES = Listing(load("TaxTypes"), ("taxTypes",))
ACCOUNTS = Listing(load("Accounts"), ("accounts",))

# Every list of above, by its operation: stored answers are read again with them.
LISTINGS = {
    one.operation.name: one for one in tuple(globals().values()) if isinstance(one, Listing)
}

VIEWER = load("Viewer")


@frozen
class Filter:
    """One condition on a list; several must all hold. Truth is ``"true"`` or ``"false"``."""

    field: str
    operation: str
    value: str | tuple[str, ...]

    def as_input(self) -> dict[str, object]:
        """The filter as the API takes it."""
        name = "value" if isinstance(self.value, str) else "values"
        value = self.value if isinstance(self.value, str) else list(self.value)
        return {"field": self.field, "operation": self.operation, name: value}


def where(*filters: Filter) -> Mapping[str, Any]:
    """The variables of a listing narrowed so."""
    return {"filters": [one.as_input() for one in filters]}


def narrowed(variables: Mapping[str, Any], one: Filter) -> Mapping[str, Any]:
    """The variables of a listing with one more filter."""
    return {**variables, "filters": [*variables.get("filters", ()), one.as_input()]}


def equal(field: str, value: str) -> Filter:
    """The field equals the value."""
    return Filter(field, "eq", value)


# The variables of CONTACTS that leave those who teach, and those who may administer events.
INSTRUCTORS = where(equal("isInstructor", "true"))
ADMINISTRATORS = where(equal("isAdmin", "true"))
