"""People: their decisions, and their right to erasure."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from attrs import field, frozen

from ledger.events.base import ERASED, PERSONAL, SELDOM, Event
from ledger.values import Fields


@frozen(kw_only=True)
class DecisionTaken(Event):
    """A person accepted or rejected a pair, ignored a record, or chose a product.

    ``decision`` is *accept*, *reject*, *ignore* or *product*; ``subject`` and ``object`` are record
    names (a product decision's are a course template and its product); ``table`` is
    the bridge table it is about. ``fields`` is what the two looked like when it was taken, or the
    sitting and location a product was chosen for. ``meaning`` is by what the product is known in
    later sittings, for which the decision holds too; without one it holds for its sitting alone.
    ``until`` is the first day, in UTC, on which an ignored record is asked about again; without one
    it never is.
    """

    schema_version: ClassVar[int] = 2

    decision: str
    table: str
    subject: str
    object: str | None
    reason: str
    fields: Fields = field(factory=dict, metadata=PERSONAL)
    meaning: Fields = field(factory=dict)
    until: date | None = field(default=None, metadata=SELDOM)

    def record(self) -> str:
        return self.subject

    def others(self) -> tuple[str, ...]:
        return (self.object,) if self.object else ()


def decision_of_one_sitting(payload: dict[str, Any]) -> dict[str, Any]:
    """A decision of the first version, which named one product and held for its sitting."""
    return {**payload, "meaning": {}}


@frozen(kw_only=True)
class DecisionWithdrawn(Event):
    """A decision was withdrawn; ``taken`` is the position of its event."""

    taken: int
    subject: str
    object: str | None
    reason: str

    def record(self) -> str:
        return self.subject

    def others(self) -> tuple[str, ...]:
        return (self.object,) if self.object else ()


@frozen(kw_only=True)
class CreationsAgreed(Event):
    """A person agreed to create these tutorial records of an entity in Administrate.

    ``needed`` is the id of the region or account they are created in; empty where none is needed.
    """

    entity: str
    records: tuple[str, ...]
    needed: str

    def others(self) -> tuple[str, ...]:
        return self.records


@frozen(kw_only=True)
class PersonErased(Event):
    """A person's values and the stored answers that contain them were deleted.

    ``values`` and ``blobs`` are the deleted digests, ``rows`` the bridge rows (table to primary
    keys) whose personal columns are emptied.
    """

    erased: str
    reason: str
    values: tuple[str, ...] = field(metadata=ERASED)
    blobs: tuple[str, ...] = field(metadata=ERASED)
    rows: dict[str, tuple[int, ...]] = field(factory=dict)
    linked: tuple[str, ...] = ()

    def record(self) -> str:
        return self.erased

    def others(self) -> tuple[str, ...]:
        return self.linked
