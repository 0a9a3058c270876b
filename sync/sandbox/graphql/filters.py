"""Filters and orders of a connection, turned into SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from attrs import frozen
from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema, get_named_type

from sync.sandbox.graphql.call import Call
from sync.sandbox.records.kinds import Kind
from sync.sandbox.records.store import INDEXED
from sync.sandbox.records.times import instant, local

Parameter = str | float | int


class Holds(Enum):
    """How a filter's text is read and compared for a column."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    INSTANT = "instant"
    LOCAL = "local"
    LIST = "list"


@frozen
class Column:
    """Where a filter finds the value of a field: an SQL expression over ``record``."""

    sql: str
    holds: Holds = Holds.TEXT


def _key(name: str) -> str:
    return f"record.{name}" if name in INDEXED else f"json_extract(record.body, '$.{name}')"


def _related(reference: str, name: str) -> Column:
    return Column(
        f"(SELECT json_extract(other.body, '$.{name}') FROM record AS other"
        f" WHERE other.id = {_key(reference)})"
    )


STAFF_CONTACTS = (
    "(SELECT json_group_array(json_extract(other.body, '$.contactId')) FROM record AS other"
    " WHERE other.kind = 'Staff' AND other.parent = record.id)"
)
#: type and filter field → its column, where that is not the record's key of the same name.
COLUMNS: Mapping[tuple[str, str], Column] = {
    ("Contact", "accountName"): _related("accountId", "name"),
    ("CourseTemplate", "name"): Column(_key("title")),
    ("CourseTemplatePublicPrice", "currencyCode"): _related("financialUnitId", "code"),
    ("Event", "courseTemplateCode"): _related("courseTemplateId", "code"),
    ("Event", "courseTemplateTitle"): _related("courseTemplateId", "title"),
    ("Event", "endDate"): Column(f"substr({_key('end')}, 1, 10)"),
    ("Event", "locationName"): _related("locationId", "name"),
    ("Event", "regionCode"): _related("regionId", "code"),
    ("Event", "remainingPlaces"): Column(
        f"({_key('maxPlaces')} - {_key('bookedPlaces')})", Holds.NUMBER
    ),
    ("Event", "staffContactId"): Column(STAFF_CONTACTS, Holds.LIST),
    ("Event", "startDate"): Column(f"substr({_key('start')}, 1, 10)"),
    ("EventPrice", "event_id"): Column(_key("eventId")),
    ("Location", "regionName"): _related("regionId", "name"),
    ("Session", "parentId"): Column(_key("parentEventId")),
    ("Staff", "contactEmailAddress"): _related("contactId", "emailAddress"),
    ("Staff", "contactName"): _related("contactId", "name"),
}
#: How a value is compared, by the field's type in the schema; others are compared as text.
TYPES = {
    "Boolean": Holds.FLAG,
    "Decimal": Holds.NUMBER,
    "Int": Holds.NUMBER,
    "LocalDateTime": Holds.LOCAL,
    "TimeZonedDateTime": Holds.INSTANT,
}


@lru_cache(maxsize=1024)
def _column(schema: GraphQLSchema, kind: str, name: str) -> Column:
    """The column of a field of the kind's filters."""
    if name == "id":
        return Column("record.id")
    if (kind, name) in COLUMNS:
        return COLUMNS[kind, name]
    type_ = schema.type_map[kind]
    shown = type_.fields.get(name) if isinstance(type_, GraphQLObjectType) else None
    value = get_named_type(shown.type).name if shown else "ID"
    # Amounts are texts of decimals; only their comparison is one of numbers.
    sql = f"CAST({_key(name)} AS REAL)" if value == "Decimal" else _key(name)
    return Column(sql, TYPES.get(value, Holds.TEXT))


@frozen
class Condition:
    """A piece of SQL and what is bound in it."""

    sql: str
    parameters: tuple[Parameter, ...] = ()


def _flag(text: str) -> int:
    return {"true": 1, "false": 0}[text.casefold()]


def _local(text: str) -> str:
    # A filter may state a local time with an offset, as clients do: the wall clock counts.
    return local(text[:19]) if "T" in text else local(text)


READERS: Mapping[Holds, Callable[[str], Parameter]] = {
    Holds.TEXT: str,
    Holds.LIST: str,
    Holds.NUMBER: float,
    Holds.FLAG: _flag,
    Holds.INSTANT: instant,
    Holds.LOCAL: _local,
}

COMPARISONS = {"eq": "=", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def _value(given: Mapping[str, Any], column: Column, text: str | None) -> Parameter:
    if text is None:
        raise GraphQLError(f"Filter on {given['field']}: {given['operation']} needs a value")
    try:
        return READERS[column.holds](text)
    except (ValueError, KeyError):
        raise GraphQLError(
            f"Filter on {given['field']}: {text!r} cannot be read as {column.holds.value}"
        ) from None


def like_pattern(value: str) -> str:
    """Only ``%`` stands for other text: an underscore, so common in codes, is itself."""
    folded = value.casefold()
    return folded.replace("\\", "\\\\").replace("_", "\\_")


def _compare(sql: str, operation: str, values: Sequence[Parameter]) -> Condition:
    """A null equals nothing and differs from nothing, as in SQL; only ``isnull`` finds it."""
    marks = ", ".join("?" * len(values))
    bound = tuple(values)
    match operation:
        case "in":
            return Condition(f"{sql} IN ({marks})", bound)
        case "notin":
            return Condition(f"({sql} IS NOT NULL AND {sql} NOT IN ({marks}))", bound)
        case "contains":
            each = " AND ".join(f"instr({sql}, ?) > 0" for _ in values)
            return Condition(f"({sql} IS NOT NULL{' AND ' + each if each else ''})", bound)
    return Condition(f"{sql} {COMPARISONS[operation]} ?", bound)


def _element(sql: str, operation: str, values: Sequence[Parameter]) -> Condition:
    """On a list, a comparison asks for one element, ``contains`` for all that are named."""
    exists = f"EXISTS (SELECT 1 FROM json_each({sql}) AS element WHERE element.value "
    match operation:
        case "contains":
            each = " AND ".join(f"{exists}= ?)" for _ in values)
            return Condition(f"({each or '1'})", tuple(values))
        case "ne" | "notin":
            marks = ", ".join("?" * len(values))
            return Condition(f"NOT {exists}IN ({marks}))", tuple(values))
    part = _compare("element.value", operation, values)
    return Condition(
        f"EXISTS (SELECT 1 FROM json_each({sql}) AS element WHERE {part.sql})", part.parameters
    )


def condition(call: Call, kind: Kind, given: Mapping[str, Any]) -> Condition:
    """One filter of a request; GraphQLError where its value cannot be read."""
    column, operation = _column(call.schema, kind.name, given["field"]), given["operation"]
    sql, switches = column.sql, call.switches
    match operation:
        case "isnull" | "notnull":
            return Condition(f"{sql} IS {'NOT ' if operation == 'notnull' else ''}NULL")
        case "like":
            pattern = like_pattern(str(_value(given, Column(sql), given.get("value"))))
            return Condition(f"fold({sql}) LIKE ? ESCAPE '\\'", (pattern,))
        case "wordlike":
            wanted = _value(given, Column(sql), given.get("value"))
            prefixes = int(switches.wordlike == "prefixes")
            return Condition(f"has_words({sql}, ?, ?)", (wanted, prefixes))
        case "in" | "notin" | "contains":
            texts = given.get("values") or []
        case _:
            texts = [given.get("value")]
    values = [_value(given, column, text) for text in texts]
    if column.holds is Holds.TEXT and switches.ignore_case:
        sql = f"fold({sql})"
        values = [str(value).casefold() for value in values]
    return (_element if column.holds is Holds.LIST else _compare)(sql, operation, values)


def order(call: Call, kind: Kind, orders: Sequence[Mapping[str, Any]]) -> str:
    """An ORDER BY list; records that tie come in the order of their numbers.

    A fault's salt shuffles the whole order, whatever was asked for.
    """
    if call.disturbance.salt:
        return f"scatter(record.number, {call.disturbance.salt})"
    if not orders:
        defaults = {"id": "ASC", "reversed": "DESC"}
        direction = defaults.get(call.switches.default_order)
        return f"record.number {direction}" if direction else "scatter(record.number, 7)"
    sorts = [f"{_sort(call, kind, one['field'])} {one['direction'].upper()}" for one in orders]
    return ", ".join((*sorts, f"record.number {orders[0]['direction'].upper()}"))


def _sort(call: Call, kind: Kind, name: str) -> str:
    # The order of ids is that of their numbers, not of the text that encodes them.
    return "record.number" if name == "id" else _column(call.schema, kind.name, name).sql
