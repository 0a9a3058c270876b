"""Connections: pages of at most 100 records, 50 by default, with total and cursors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve
from graphql import GraphQLError

from sync.sandbox.graphql.call import Call
from sync.sandbox.graphql.filters import Condition, condition, order
from sync.sandbox.records.ids import global_id, split_id
from sync.sandbox.records.kinds import Kind
from sync.sandbox.records.store import Record

DEFAULT_PAGE = 50
LARGEST_PAGE = 100
NO_CURSOR = "__EMPTY__"


def cursor(index: int) -> str:
    """The cursor of the record at a 0-based position: ``Q3Vyc29yOjA=`` is the first."""
    return global_id("Cursor", index)


def _index(text: str) -> int:
    prefix, number = split_id(text) or ("", "")
    if prefix != "Cursor" or not number.isdecimal():
        raise GraphQLError(f"{text!r} is not a cursor")
    return int(number)


def window(arguments: dict[str, Any]) -> tuple[int, int]:
    """How many records, from which 0-based position; more than 100 is silently 100."""
    first, after = arguments.get("first"), arguments.get("after")
    offset = arguments.get("offset") or 0
    if after not in (None, NO_CURSOR):
        offset = _index(after) + 1
    size = DEFAULT_PAGE if first is None else first
    if size < 0 or offset < 0:
        raise GraphQLError("first and offset cannot be negative")
    return min(size, LARGEST_PAGE), offset


def connection(nodes: Sequence[Record], offset: int, total: int) -> dict[str, Any]:
    edges = [{"cursor": cursor(offset + at), "node": node} for at, node in enumerate(nodes)]
    return {
        "edges": edges,
        "pageInfo": {
            "totalRecords": total,
            "hasNextPage": offset + len(edges) < total,
            "hasPreviousPage": offset > 0,
            "startCursor": edges[0]["cursor"] if edges else "",
            "endCursor": edges[-1]["cursor"] if edges else "",
        },
    }


def _disturb(call: Call, kind: Kind, clause: str, bound: Sequence[object], by: str) -> None:
    """A fault: another client inserts before, or removes, the first record of the listing."""
    found = call.store.select(kind, f"{clause} ORDER BY {by} LIMIT 1", bound)
    if not found:
        return
    first = found[0]
    with call.store.writing():
        if call.disturbance.remove:
            call.store.remove([first["id"]])
        if call.disturbance.insert:
            copy = {k: v for k, v in first.items() if k not in ("id", "legacyId")}
            call.store.insert(kind, copy, call.store.number_before(kind.prefix))


def page(
    call: Call, kind: Kind, arguments: dict[str, Any], scope: Sequence[Condition] = ()
) -> dict[str, Any]:
    """A connection of the kind's records that meet the scope and the request's filters."""
    size, offset = window(arguments)
    filters = arguments.get("filters") or []
    conditions = (*scope, *(condition(call, kind, given) for given in filters))
    clause = "".join(f" AND {one.sql}" for one in conditions)
    bound = [value for one in conditions for value in one.parameters]
    orders = list(arguments.get("orderBy") or [])
    if arguments.get("order"):
        orders.append(arguments["order"])
    by = order(call, kind, orders)
    if call.disturbance.insert or call.disturbance.remove:
        _disturb(call, kind, clause, bound, by)
        # Once a call: what is nested in its page is not disturbed again.
        call.disturbance = evolve(call.disturbance, insert=False, remove=False)
    total = call.store.count(kind, clause, bound)
    nodes = call.store.window(kind, f"{clause} ORDER BY {by}", bound, size, offset)
    return connection(nodes, offset, total)
