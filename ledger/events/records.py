"""Bridge rows: how a record of Administrate was first seen, changed, and vanished."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import LINK, OWN, Event, record_name
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
    """A record was observed for the first time; its bridge row gets these fields."""

    fields: Fields = field(metadata=OWN)


@frozen(kw_only=True)
class RecordIdentified(BridgeEvent):
    """Administrate has the record of a bridge row that was made before it: from here on the row is
    known by its Administrate id. ``former`` is the key it went by; ``fields`` what is known now;
    ``linked`` the tutorial record that this system made with it, which holds some of that too.
    """

    former: str
    fields: Fields = field(metadata=OWN)
    linked: str | None = field(default=None, metadata=LINK)

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
    """Fields of a record changed: the value in the bridge row before, and the new one."""

    changes: dict[str, FieldChange] = field(metadata=OWN)


@frozen(kw_only=True)
class RecordVanished(BridgeEvent):
    """A record is gone from Administrate; its bridge row is deleted. ``fields`` is its last
    state."""

    fields: Fields = field(metadata=OWN)


@frozen(kw_only=True)
class BridgeRowAdopted(BridgeEvent):
    """A bridge row of another program was found and adopted unchanged."""

    fields: Fields = field(metadata=OWN)
    linked: str | None = field(metadata=LINK)
    found: Fields = field(factory=dict, metadata=OWN)
    made_by: str = "an older tool"
    replaces: int | None = None

    def others(self) -> tuple[str, ...]:
        return (self.linked,) if self.linked else ()


@frozen(kw_only=True)
class BridgeRowEdited(BridgeEvent):
    """Another writer changed a bridge row: each column before and after.

    ``linked`` and ``before`` are the tutorial record it points to from now on and until now, the
    same where the link was left as it was. ``known_as`` is the key the row goes by from now on,
    where that was changed.
    """

    changes: dict[str, FieldChange] = field(metadata=OWN)
    linked: str | None = field(default=None, metadata=LINK)
    before: str | None = field(default=None, metadata=LINK)
    known_as: str | None = None

    def others(self) -> tuple[str, ...]:
        sides = tuple(side for side in (self.linked, self.before) if side)
        return sides if self.known_as is None else (record_name(self.table, self.known_as), *sides)


@frozen(kw_only=True)
class BridgeRowRestored(BridgeEvent):
    """Another writer deleted a bridge row, and it was made again of these fields."""

    fields: Fields = field(metadata=OWN)


@frozen(kw_only=True)
class RecordGone(BridgeEvent):
    """A record is gone from Administrate; its bridge row stays, since others refer to it.

    ``referred_by`` names where from, and how often: ``acted.tutorial_events.course_template_id``.
    """

    referred_by: dict[str, int]


@frozen(kw_only=True)
class RecordReturned(BridgeEvent):
    """A record that was gone, and whose bridge row stayed, is in Administrate again."""


@frozen(kw_only=True)
class BridgeRowMerged(BridgeEvent):
    """Another writer made a bridge row for a record that has one already: that one went, and this
    row, of ``row_id``, stays for both. ``fields`` is how the other, of ``merged``, stood.
    """

    merged: int
    fields: Fields = field(metadata=OWN)
