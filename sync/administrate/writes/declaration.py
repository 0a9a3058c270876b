"""What a change is declared by, and the request of one: a value that a ledger can keep.

A declaration is called with an input (``inputs``) and gives the request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from attrs import AttrsInstance, field, frozen

from sync.administrate.client import Administrate
from sync.administrate.operations import Kind, Operation, load
from sync.administrate.reads.listings import Listing, Record
from sync.administrate.reads.queries import equal
from sync.administrate.writes.inputs import as_input, contact_of

Input = TypeVar("Input", bound=AttrsInstance)
Variables = Mapping[str, Any]
FindAgain = Callable[[Administrate, Variables], tuple[Record, ...]]
"""What a creation with this input may have made, by its natural key."""


@frozen
class Change:
    """A kind of change, by the name of its document and the path of the answer's payload.

    The path begins with the record's type, which is also the payload's field for the record.
    ``row`` names the record's connection that an addition adds to; the answer selects of it what
    was added.
    """

    kind: ClassVar[Kind] = Kind.UPDATE
    row: ClassVar[str | None] = None

    name: str
    path: str
    operation: Operation = field(init=False, eq=False, repr=False)

    @operation.default
    def _load(self) -> Operation:
        return load(self.name, self.kind)

    @property
    def payload(self) -> tuple[str, ...]:
        """The way to the payload."""
        return tuple(self.path.split("."))

    @property
    def entity(self) -> str | None:
        """The payload's field for the record; None where the payload holds errors alone."""
        return self.payload[0]


@frozen
class WriteRequest:
    """One change to be made, alone in its request; ``variables`` are plain JSON."""

    change: Change
    variables: Variables

    @property
    def operation(self) -> str:
        """The operation's name, by which ``CHANGES`` knows the change."""
        return self.change.name

    @property
    def kind(self) -> Kind:
        """The effect of sending it twice."""
        return self.change.kind


@frozen
class Creation(Change, Generic[Input]):
    """Makes a record; sent twice, it makes two."""

    kind = Kind.CREATE

    input: type[Input]
    found_again_by: FindAgain = field(repr=False)

    def __call__(self, new: Input) -> WriteRequest:
        return WriteRequest(self, {"input": as_input(new)})


@frozen
class Addition(Creation[Input]):
    """Adds a contact to a record's staff; the answer selects the staff entry alone."""

    row = "staff"

    def __call__(self, new: Input) -> WriteRequest:
        given = as_input(new)
        entry = {"contactId": contact_of(given), "staffType": str(given["staffType"])}
        added = [equal(name, value).as_input() for name, value in entry.items()]
        return WriteRequest(self, {"input": given, "added": added})


@frozen
class Update(Change, Generic[Input]):
    """Sets fields of a record; sent twice, it sets them once."""

    input: type[Input]

    def __call__(self, record_id: str, change: Input) -> WriteRequest:
        return WriteRequest(self, {f"{self.entity}Id": record_id, "input": as_input(change)})


@frozen
class Deletion(Change):
    """Deletes a record of a list; sent twice, it is refused."""

    listing: Listing = field(repr=False)

    @property
    def entity(self) -> None:
        return None

    def __call__(self, record_id: str) -> WriteRequest:
        return WriteRequest(self, {"input": {f"{self.payload[0]}Ids": [record_id]}})
