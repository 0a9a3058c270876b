"""The schema with its resolvers: everything declared elsewhere, bound here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache, partial
from typing import Any

from ariadne import ObjectType, ScalarType, SchemaBindable, make_executable_schema
from graphql import GraphQLSchema

from sync.sandbox.graphql import queries, relations
from sync.sandbox.graphql.mutations import (
    contact,
    course_template,
    event,
    external_id,
    location,
    session,
)
from sync.sandbox.graphql.mutations.running import Change, resolver
from sync.sandbox.graphql.schema import sdl
from sync.sandbox.records import times
from sync.sandbox.records.kinds import KINDS

#: namespace → (its type, the field that holds the entity in its payloads, its mutations)
NAMESPACES: Mapping[str, tuple[str, str | None, Mapping[str, Change]]] = {
    "account": ("AccountMutations", "account", contact.ACCOUNT_MUTATIONS),
    "contact": ("ContactMutations", "contact", contact.MUTATIONS),
    "courseTemplate": ("CourseTemplateMutations", "courseTemplate", course_template.MUTATIONS),
    "event": ("EventMutations", "event", event.MUTATIONS),
    "externalId": ("ExternalIDMutations", None, external_id.MUTATIONS),
    "location": ("LocationMutations", "location", location.MUTATIONS),
    "session": ("SessionMutations", "session", session.MUTATIONS),
}
#: Payloads whose entity has another name than their namespace.
ENTITIES = {
    ("event", "delete"): "events",
    ("event", "addPrices"): "prices",
    ("courseTemplate", "addPublicPrices"): "prices",
    ("courseTemplate", "addSessionTemplate"): "sessionTemplate",
}

QUERIES: Mapping[str, Callable[..., Any]] = {
    "customFieldTemplate": queries.custom_field_template,
    "echo": queries.echo,
    "externalIds": queries.external_ids_of,
    "generateId": queries.generate_id,
    "hello": queries.hello,
    "legacyIdFromNodeId": queries.legacy_id,
    "node": queries.node,
    "nodeByExternalId": queries.node_by_external_id,
    "nodesByExternalId": queries.nodes_by_external_id,
    "viewer": queries.viewer,
}

#: type and field → what works it out
FIELDS: Mapping[tuple[str, str], Callable[..., Any]] = {
    **dict.fromkeys(relations.TO_ONE, relations.one),
    **dict.fromkeys(relations.TO_MANY, relations.many),
    **{
        (kind.name, "externalIds"): queries.own_external_ids
        for kind in KINDS.values()
        if kind.is_node
    },
    **{
        (kind.name, "customFieldValues"): queries.custom_field_values
        for kind in KINDS.values()
        if kind.custom_fields
    },
    ("Contact", "emailAddresses"): queries.email_addresses,
    ("Contact", "personalName"): queries.itself,
    ("CourseTemplate", "canDelete"): queries.can_delete,
    ("CourseTemplate", "name"): queries.title,
    ("Event", "endDate"): queries.first_day,
    ("Event", "hasPlacesRemaining"): queries.has_places,
    ("Event", "remainingPlaces"): queries.remaining_places,
    ("Event", "startDate"): queries.first_day,
    ("Event", "status"): queries.event_status,
    ("Event", "venue"): queries.event_venue,
    ("Session", "locationName"): queries.location_name,
    ("Staff", "sessionStaff"): queries.session_staff,
}


def _decimal(value: object) -> str:
    """A decimal goes in as a string or a number, and out as a string."""
    try:
        if isinstance(value, (str, int, float)) and Decimal(str(value)).is_finite():
            return str(value)
    except InvalidOperation:
        pass
    raise ValueError(f"{value!r} is not a decimal")


def _text(check: Callable[[str], object]) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not text")
        check(value)
        return value

    return parse


def _local(value: object) -> str:
    return times.local(_text(str)(value))


def _instant(value: object) -> str:
    return times.instant(_text(str)(value))


def _time(value: object) -> str:
    return time.fromisoformat(_text(str)(value)).isoformat()


SCALARS = [
    ScalarType("Coordinate", value_parser=_decimal),
    ScalarType("Date", value_parser=_text(date.fromisoformat)),
    ScalarType("Decimal", value_parser=_decimal),
    ScalarType("LocalDateTime", value_parser=_local),
    ScalarType("Time", value_parser=_time),
    ScalarType("TimeZonedDateTime", serializer=times.shown, value_parser=_instant),
]


def _namespace(*_: object) -> dict[str, object]:
    return {"is": "there"}


def _bindings(disputed: frozenset[str]) -> dict[str, dict[str, Callable[..., Any]]]:
    """type → field → resolver, for the schema with those disputed members."""
    bound: dict[str, dict[str, Callable[..., Any]]] = {"Query": dict(QUERIES), "Mutation": {}}
    for kind in KINDS.values():
        if kind.listing:
            bound["Query"][kind.listing] = partial(relations.listing, kind)
    for (type_name, name), resolve in FIELDS.items():
        bound.setdefault(type_name, {})[name] = resolve
    for namespace, (type_name, entity, changes) in NAMESPACES.items():
        bound["Mutation"][namespace] = _namespace
        bound[type_name] = {
            name: resolver(namespace, name, ENTITIES.get((namespace, name), entity), change)
            for name, change in changes.items()
        }
    if "session_delete" not in disputed:
        del bound["SessionMutations"]["delete"]
    if "session_event" not in disputed:
        del bound["Session"]["event"]
    return bound


@cache
def schema(disputed: frozenset[str] = frozenset()) -> GraphQLSchema:
    """The executable schema, with the disputed members named (see ``schema.DISPUTED``)."""
    types: list[SchemaBindable | type[Enum]] = list(SCALARS)
    for type_name, fields in _bindings(disputed).items():
        bindable = ObjectType(type_name)
        for name, resolve in fields.items():
            bindable.set_field(name, resolve)
        types.append(bindable)
    return make_executable_schema(sdl(disputed), types)
