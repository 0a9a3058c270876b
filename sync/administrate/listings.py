"""Lists of records as the API hands them out: where a list stands in an answer, and its records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from sync.administrate.answers import Data, at, read_data, text_at
from sync.administrate.client import Answer
from sync.administrate.errors import Malformed, NotFound, Operation
from sync.administrate.transport import Reply

Record = Mapping[str, Any]


@frozen
class Listing:
    """An operation that answers with a list of records.

    ``path`` leads to the list in the answer; ``required`` are the dotted paths in a record that the
    schema promises not to be null. ``nested`` names the record's own connections, each with the
    listing that fetches the whole of it by the record's id: within a page the API cuts them at
    a hundred as well. A listing that is not ``paged`` is a plain list, whole in one answer.
    """

    operation: Operation
    path: tuple[str, ...]
    required: tuple[str, ...] = ()
    nested: Mapping[str, Listing] = {}
    paged: bool = True
    id_field: str = "id"

    def id_of(self, record: Record) -> str:
        """The record's id."""
        return text_at(self.operation, record, self.id_field)


@frozen
class Slice:
    """The records of one answer, and what the answer says of the whole set."""

    records: tuple[Record, ...]
    total: int
    more: bool


def read_slice(listing: Listing, data: Data) -> Slice:
    """The answer's part of the list; Malformed where it lacks what the schema promises."""
    if listing.path[0] == "node" and "node" in data and data["node"] is None:
        raise NotFound(listing.operation, "no record has the id asked for")
    *way, name = listing.path
    holder = at(listing.operation, data, *way)
    if listing.paged:
        part = _slice_of(listing.operation, holder, name)
    else:
        records = _objects(listing.operation, at(listing.operation, holder, name), name)
        part = Slice(records, len(records), more=False)
    for record in part.records:
        _check(listing, record)
    return part


def connected(operation: Operation, record: object, name: str) -> tuple[Record, ...]:
    """The records of a connection within a record; Malformed where it is none."""
    edges = _objects(operation, at(operation, record, name, "edges"), name)
    return _objects(operation, [at(operation, edge, "node") for edge in edges], name)


def nodes(record: Record, name: str) -> tuple[Record, ...]:
    """The records of a connection within a record that a listing has checked."""
    return tuple(edge["node"] for edge in record[name]["edges"])


@frozen
class Part:
    """The records of one answer, with what was asked."""

    operation: str
    variables: Mapping[str, Any]
    records: tuple[Record, ...]

    @classmethod
    def of(cls, answer: Answer[Slice]) -> Part:
        """What an answer just fetched holds."""
        return cls(answer.operation, answer.variables, answer.value.records)

    @classmethod
    def kept(cls, listing: Listing, variables: Mapping[str, Any], body: bytes) -> Part:
        """What a body kept from an earlier run holds; it was a good answer when it came."""
        data = read_data(listing.operation, Reply(200, {}, body))
        return cls(listing.operation.name, variables, read_slice(listing, data).records)


def assemble(listing: Listing, ids: Iterable[str], parts: Sequence[Part]) -> tuple[Record, ...]:
    """A page's records: those of the first part with these ids, their cut connections made whole.

    ``parts`` are of the page's answers, in order.
    """
    page, *inner = parts
    by_id = {listing.id_of(record): record for record in page.records}
    return tuple(_whole(listing, by_id[record_id], inner) for record_id in ids)


def _whole(listing: Listing, record: Record, parts: Sequence[Part]) -> Record:
    whole = dict(record)
    for name, inner in listing.nested.items():
        found = nodes(record, name)
        if is_cut(record, name):
            owner = listing.id_of(record)
            found = tuple(
                one
                for part in parts
                if part.operation == inner.operation.name and part.variables["id"] == owner
                for one in part.records
            )
        # By id, since a page begins with the last record of the one before.
        distinct = {inner.id_of(one): _whole(inner, one, parts) for one in found}
        whole[name] = {**record[name], "edges": [{"node": one} for one in distinct.values()]}
    return whole


def is_cut(record: Record, name: str) -> bool:
    """Whether the answer holds only a part of this connection of the record."""
    info = record[name]["pageInfo"]
    return bool(info["hasNextPage"]) or info["totalRecords"] != len(record[name]["edges"])


def _check(listing: Listing, record: Record) -> None:
    listing.id_of(record)
    for path in listing.required:
        at(listing.operation, record, *path.split("."))
    for name, whole in listing.nested.items():
        for inner in _slice_of(listing.operation, record, name).records:
            _check(whole, inner)


def _slice_of(operation: Operation, record: object, name: str) -> Slice:
    records = connected(operation, record, name)
    total = at(operation, record, name, "pageInfo", "totalRecords")
    more = at(operation, record, name, "pageInfo", "hasNextPage")
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise Malformed(operation, f"totalRecords is {total!r}")
    if not isinstance(more, bool):
        raise Malformed(operation, f"hasNextPage is {more!r}")
    return Slice(records, total, more)


def _objects(operation: Operation, found: object, name: str) -> tuple[Record, ...]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Malformed(operation, f"{name} is not a list of objects")
    return tuple(found)
