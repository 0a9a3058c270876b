"""Pages of records: at most 100, 50 where nothing is said, counted and cursored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve
from graphql import GraphQLError

from sync.sandbox.graphql.call import Call
from sync.sandbox.graphql.filters import Condition, conditions, order
from sync.sandbox.records.ids import cursor, cursor_index
from sync.sandbox.records.kinds import Kind
from sync.sandbox.records.store import Record

DEFAULT_PAGE = 50
LARGEST_PAGE = 100
NO_CURSOR = "__EMPTY__"


def window(arguments: dict[str, Any]) -> tuple[int, int]:
    """How many records, from which 0-based position; more than 100 is silently 100."""
    first, after = arguments.get("first"), arguments.get("after")
    offset = arguments.get("offset") or 0
    if after not in (None, NO_CURSOR):
        index = cursor_index(after)
        if index is None:
            raise GraphQLError(f"{after!r} is not a cursor")
        offset = index + 1
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
    """Somebody else inserts before, or removes, the first record of what is being paged."""
    found = call.store.select(kind, f"{clause} ORDER BY {by} LIMIT 1", bound)
    if not found:
        return
    first = found[0]
    with call.store.writing():
        if call.mischief.remove:
            call.store.remove([first["id"]])
        if call.mischief.insert:
            copy = {k: v for k, v in first.items() if k not in ("id", "legacyId")}
            call.store.insert(kind, copy, call.store.number_before(kind.prefix))


def page(
    call: Call, kind: Kind, arguments: dict[str, Any], scope: Sequence[Condition] = ()
) -> dict[str, Any]:
    """A connection of the kind's records that meet the scope and the request's filters."""
    size, offset = window(arguments)
    switches, salt = call.switches, call.mischief.salt
    asked = (*scope, *conditions(kind, arguments.get("filters") or [], switches))
    clause = "".join(f" AND {one.sql}" for one in asked)
    bound = [value for one in asked for value in one.parameters]
    orders = list(arguments.get("orderBy") or [])
    if arguments.get("order"):
        orders.append(arguments["order"])
    by = order(kind, orders, switches, salt)
    if call.mischief.insert or call.mischief.remove:
        _disturb(call, kind, clause, bound, by)
        # Once a call: what is nested in its page is not disturbed again.
        call.mischief = evolve(call.mischief, insert=False, remove=False)
    total = call.store.count(kind, clause, bound)
    nodes = call.store.window(kind, f"{clause} ORDER BY {by}", bound, size, offset)
    return connection(nodes, offset, total)
