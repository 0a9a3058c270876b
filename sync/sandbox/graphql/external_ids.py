"""External ids: names another system gives to a record; a name's values are unique by type.

Its two mutations return the node itself: a refusal is a top-level error.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from graphql import GraphQLError

from sync.sandbox.graphql.call import Call, Made
from sync.sandbox.records.kinds import KINDS
from sync.sandbox.records.store import Record, Store


def of(store: Store, node: str) -> list[Record]:
    rows = store.db.execute(
        "SELECT name, value FROM external_id WHERE node = ? ORDER BY folded", (node,)
    )
    return [{"name": name, "value": value} for name, value in rows]


def holders(store: Store, kind: str, name: str, values: Sequence[str]) -> list[Record]:
    """The records of a type that hold one of these values under the name, by their ids."""
    rows = store.db.execute(
        "SELECT record.body FROM external_id JOIN record ON record.id = external_id.node"
        " WHERE external_id.kind = ? AND folded = ? AND external_id.value IN"
        " (SELECT value FROM json_each(?)) ORDER BY record.kind, record.number",
        (kind, name.casefold(), json.dumps(list(values))),
    )
    return [json.loads(row[0]) for row in rows]


def _node(store: Store, identifier: str) -> Record:
    record = store.get(identifier)
    if record is None or not KINDS[record["__typename"]].is_node:
        raise GraphQLError(f"No node has the id {identifier!r}")
    return record


def store(call: Call, identifier: str, name: str, value: str, overwrite: bool) -> Made:  # noqa: FBT001 - the API's own argument
    """GraphQLError where the value is another record's, or the name has one and may not lose it."""
    record = _node(call.store, identifier)
    held = holders(call.store, record["__typename"], name, [value])
    if any(holder["id"] != identifier for holder in held):
        raise GraphQLError(f"Another {record['__typename']} has the external ID {name}: {value}")
    current = {one["name"].casefold() for one in of(call.store, identifier)}
    if name.casefold() in current and not overwrite:
        raise GraphQLError(f"The external ID {name} already has a value")
    call.store.db.execute(
        "INSERT OR REPLACE INTO external_id VALUES (?, ?, ?, ?, ?)",
        (record["__typename"], name.casefold(), name, value, identifier),
    )
    return Made(record)


def remove(call: Call, identifier: str, name: str) -> Made:
    """GraphQLError where the record has no value under the name."""
    record = _node(call.store, identifier)
    gone = call.store.db.execute(
        "DELETE FROM external_id WHERE node = ? AND folded = ?", (identifier, name.casefold())
    )
    if gone.rowcount == 0:
        raise GraphQLError(f"There is no external ID {name}")
    return Made(record)
