"""The namespace ``externalId``, whose fields return the node: a refusal is a top-level error."""

from __future__ import annotations

from sync.sandbox.graphql import external_ids
from sync.sandbox.graphql.call import Call, Made
from sync.sandbox.graphql.mutations.running import Change


def store(call: Call, node_id: str, name: str, value: str, overwrite: bool) -> Made:  # noqa: FBT001 - the API's own argument
    record = external_ids.put(call.store, node_id, name, value, overwrite=overwrite)
    return Made(record, (record["id"],))


def remove(call: Call, node_id: str, name: str) -> Made:
    record = external_ids.take(call.store, node_id, name)
    return Made(record, (record["id"],))


MUTATIONS: dict[str, Change] = {"store": store, "remove": remove}
