"""Filters and orders of a connection, turned into SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen
from graphql import GraphQLError

from sync.sandbox.records.columns import Column, Holds
from sync.sandbox.records.kinds import Kind
from sync.sandbox.records.times import instant, local
from sync.sandbox.switches import Switches

Parameter = str | float | int


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


def condition(kind: Kind, given: Mapping[str, Any], switches: Switches) -> Condition:
    """One filter of a request; GraphQLError where its value cannot be read."""
    column, operation = kind.columns[given["field"]], given["operation"]
    sql = column.sql
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


def conditions(
    kind: Kind, filters: Iterable[Mapping[str, Any]], switches: Switches
) -> list[Condition]:
    return [condition(kind, given, switches) for given in filters]


def order(kind: Kind, orders: Sequence[Mapping[str, Any]], switches: Switches, salt: int) -> str:
    """An ORDER BY list; records that tie come in the order of their numbers.

    A salt other than 0 shakes the whole order, whatever was asked for.
    """
    if salt:
        return f"scatter(record.number, {salt})"
    if not orders:
        defaults = {"id": "ASC", "reversed": "DESC"}
        direction = defaults.get(switches.default_order)
        return f"record.number {direction}" if direction else "scatter(record.number, 7)"
    # The order of ids is that of their numbers, not of the text that encodes them.
    sorts = {**{name: column.sql for name, column in kind.columns.items()}, "id": "record.number"}
    asked = [f"{sorts[one['field']]} {one['direction'].upper()}" for one in orders]
    return ", ".join((*asked, f"record.number {orders[0]['direction'].upper()}"))
