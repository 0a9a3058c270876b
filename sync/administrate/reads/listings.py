"""Lists of records as the API hands them out: where a list stands in an answer, and its records.

A record with a value of a wrong type is refused by its id, and the others are taken. Where the id
itself, or anything outside of the records, is wrong, the answer is malformed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from sync.administrate.answers.conformity import Fault, Place, answer_faults
from sync.administrate.answers.reading import Data, at, read_data, refuse, text_at
from sync.administrate.answers.scalars import wrong_id
from sync.administrate.client import Answer
from sync.administrate.errors import Malformed, NotFound
from sync.administrate.operations import Operation
from sync.administrate.transport.connections import Reply

Record = Mapping[str, Any]

MOST_REFUSED = 1000  # records of an answer; where more are wrong, the answer is


@frozen
class Listing:
    """An operation that answers with a list of records.

    ``path`` leads to the list in the answer. ``nested`` names the record's own connections, each
    with the listing that fetches the whole of it by the record's id: within a page the API cuts
    them at a hundred as well. A listing that is not ``paged`` is a plain list, whole in one answer.
    ``in_order_of`` is a time of the records by which the list is ordered, where it is not by id.
    """

    operation: Operation
    path: tuple[str, ...]
    nested: Mapping[str, Listing] = {}
    paged: bool = True
    id_field: str = "id"
    in_order_of: str = ""

    def id_of(self, record: Record) -> str:
        """The record's id."""
        return text_at(self.operation, record, self.id_field)


@frozen
class Refusal:
    """A record that is not taken, since a value of it is not of the type that the schema says.

    ``operation`` is that of its listing; ``owner`` the id of the record to whose connection it
    belongs, if it does.
    """

    operation: str
    id: str
    why: str
    owner: str | None = None


@frozen
class Slice:
    """The records of one answer, ``refused`` ones among them, and what it says of the whole set."""

    records: tuple[Record, ...]
    total: int
    more: bool
    refused: tuple[Refusal, ...] = ()

    def taken(self, listing: Listing, records: Iterable[Record]) -> tuple[Record, ...]:
        """Those of the listing's records that are not refused."""
        return _taken(listing, records, self.refused)


def read_slice(listing: Listing, data: Data) -> Slice:
    """The answer's part of the list; Malformed where it is not what the schema says."""
    refused = _refusals(listing, data)
    if listing.path[0] == "node" and "node" in data and data["node"] is None:
        raise NotFound(listing.operation, "no record has that id")
    *way, name = listing.path
    holder = at(listing.operation, data, *way)
    if listing.paged:
        info = at(listing.operation, holder, name, "pageInfo")
        records = connected(listing.operation, holder, name)
        if info["totalRecords"] < 0:
            raise Malformed(listing.operation, f"totalRecords is {info['totalRecords']}")
        return Slice(records, info["totalRecords"], info["hasNextPage"], refused)
    records = _objects(listing.operation, at(listing.operation, holder, name), name)
    return Slice(records, len(records), more=False, refused=refused)


def _refusals(listing: Listing, data: Data) -> tuple[Refusal, ...]:
    """The records that the answer's faults lie in, outermost first where one is in another."""
    found: dict[Place, Refusal] = {}
    for fault in answer_faults(listing.operation, data):
        if len(found) == MOST_REFUSED:
            refuse(listing.operation, fault)
        if not any(fault.place[: len(place)] == place for place in found):
            place, refusal = _refused(listing, data, fault)
            found[place] = refusal
    return tuple(found.values())


def _refused(listing: Listing, data: Data, fault: Fault) -> tuple[Place, Refusal]:
    """The innermost record around a fault whose id is good; the answer's error where none is."""
    around: list[tuple[Place, Refusal]] = []
    owner = None
    for one, place in _records_around(listing, fault.place):
        record = _at(data, place)
        record_id = record.get(one.id_field) if isinstance(record, dict) else None
        if not isinstance(record_id, str) or wrong_id(record_id):
            break
        said = str(Fault(fault.place[len(place) :], fault.said))
        around.append((place, Refusal(one.operation.name, record_id, said, owner)))
        owner = record_id
    if not around:
        refuse(listing.operation, fault)
    return around[-1]


def _records_around(listing: Listing, place: Place) -> Iterator[tuple[Listing, Place]]:
    """The places of the records that the place is in, from the outermost."""
    start: Place = ()
    way: Place = listing.path
    while True:
        length = len(start) + len(way) + (3 if listing.paged else 1)
        if len(place) <= length or place[len(start) : len(start) + len(way)] != way:
            return
        start = place[:length]
        yield listing, start
        name = str(place[length])
        if name not in listing.nested:
            return
        listing, way = listing.nested[name], (name,)


def _at(data: object, place: Place) -> Any:
    for step in place:
        data = data[step]  # type: ignore[index]  # a fault's place is a way that was walked
    return data


def connected(operation: Operation, record: object, name: str) -> tuple[Record, ...]:
    """The records of a connection within a record; Malformed where it is none."""
    edges = _objects(operation, at(operation, record, name, "edges"), name)
    return _objects(operation, [at(operation, edge, "node") for edge in edges], name)


def nodes(record: Record, name: str) -> tuple[Record, ...]:
    """The records of a connection within a record that a listing has checked."""
    return tuple(edge["node"] for edge in record[name]["edges"])


@frozen
class Part:
    """The records of one answer, with its operation and variables."""

    operation: str
    variables: Mapping[str, Any]
    records: tuple[Record, ...]
    refused: tuple[Refusal, ...] = ()

    @classmethod
    def of(cls, answer: Answer[Slice]) -> Part:
        """The records of an answer just fetched."""
        return cls(answer.operation, answer.variables, answer.value.records, answer.value.refused)

    @classmethod
    def stored(cls, listing: Listing, variables: Mapping[str, Any], body: bytes) -> Part:
        """The records of a stored body, which was a good answer when it came."""
        data = read_data(listing.operation, Reply(200, {}, body), whole=False)
        part = read_slice(listing, data)
        return cls(listing.operation.name, variables, part.records, part.refused)


def assemble(listing: Listing, ids: Iterable[str], parts: Sequence[Part]) -> tuple[Record, ...]:
    """A page's records: those of the first part with these ids, their cut connections made whole.

    ``parts`` are of the page's answers, in order. Refused records are left out.
    """
    page, *inner = parts
    refused = [one for part in parts for one in part.refused]
    by_id = {listing.id_of(record): record for record in page.records}
    records = _taken(listing, (by_id[record_id] for record_id in ids), refused)
    return tuple(_whole(listing, record, inner, refused) for record in records)


def refused_of(listing: Listing, ids: Iterable[str], parts: Sequence[Part]) -> tuple[Refusal, ...]:
    """What of the records with these ids, and of their own connections, ``assemble`` leaves out."""
    among = set(ids)
    outer = {
        (one.operation, one.id): one
        for part in parts
        for one in part.refused
        if one.operation == listing.operation.name and one.id in among
    }
    inner = {
        (one.operation, one.id): evolve(one, owner=owner)
        for part in parts
        for one in part.refused
        if one.operation != listing.operation.name
        for owner in [one.owner or part.variables.get("id")]
        if owner in among and (listing.operation.name, owner) not in outer
    }
    return (*outer.values(), *inner.values())


def _taken(
    listing: Listing, records: Iterable[Record], refused: Iterable[Refusal]
) -> tuple[Record, ...]:
    not_taken = {one.id for one in refused if one.operation == listing.operation.name}
    return tuple(record for record in records if record[listing.id_field] not in not_taken)


def _whole(
    listing: Listing, record: Record, parts: Sequence[Part], refused: Sequence[Refusal]
) -> Record:
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
        distinct = {
            inner.id_of(one): _whole(inner, one, parts, refused)
            for one in _taken(inner, found, refused)
        }
        whole[name] = {**record[name], "edges": [{"node": one} for one in distinct.values()]}
    return whole


def is_cut(record: Record, name: str) -> bool:
    """Whether the answer holds only a part of this connection of the record."""
    info = record[name]["pageInfo"]
    return bool(info["hasNextPage"]) or info["totalRecords"] != len(record[name]["edges"])


def _objects(operation: Operation, found: object, name: str) -> tuple[Record, ...]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Malformed(operation, f"{name} is not a list of objects")
    return tuple(found)
