"""Bridge rows: how a record of Administrate was first seen, changed, and vanished."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import Event, record_name
from ledger.values import Fields, Value


@frozen(kw_only=True)
class BridgeEvent(Event):
    """An event of one bridge row: its table, its Administrate id as key, and its primary key."""

    table: str
    key: str
    row_id: int

    def record(self) -> str:
        return record_name(self.table, self.key)


@frozen(kw_only=True)
class RecordObserved(BridgeEvent):
    """A record was seen for the first time; its bridge row is made of these fields."""

    fields: Fields


@frozen(kw_only=True)
class RecordIdentified(BridgeEvent):
    """Administrate has the record of a bridge row that was made before it: from here on the row is
    known by its Administrate id. ``former`` is the key it went by; ``fields`` what is known now;
    ``linked`` the tutorial record that this system made with it, which holds some of that too.
    """

    former: str
    fields: Fields
    linked: str | None = None

    def others(self) -> tuple[str, ...]:
        former = record_name(self.table, self.former)
        return (former, self.linked) if self.linked else (former,)


@frozen(kw_only=True)
class FieldChange:
    """A field's value before and after."""

    before: Value
    after: Value


@frozen(kw_only=True)
class RecordChanged(BridgeEvent):
    """Fields of a record are no longer what the bridge row says: each one before and after."""

    changes: dict[str, FieldChange]


@frozen(kw_only=True)
class RecordVanished(BridgeEvent):
    """A record is gone from Administrate; its bridge row goes. ``fields`` is how it last stood."""

    fields: Fields


@frozen(kw_only=True)
class BridgeRowAdopted(BridgeEvent):
    """A bridge row that an older tool made was found and taken over as it stood.

    ``linked`` is the tutorial record it pointed to, as a record name. ``found`` is what stood in
    its columns where ``fields`` say it in the ledger's own words: BLENDED, where that is blended,
    and the local times of a session, where these are its moments.
    """

    fields: Fields
    linked: str | None
    found: Fields = field(factory=dict)

    def others(self) -> tuple[str, ...]:
        return (self.linked,) if self.linked else ()


@frozen(kw_only=True)
class BridgeRowMerged(BridgeEvent):
    """Another writer made a bridge row for a record that has one already: that one went, and this
    row, of ``row_id``, stays for both. ``fields`` is how the other, of ``merged``, stood.
    """

    merged: int
    fields: Fields
