"""Fields of linked events and sessions: when both sides agreed on them, and where they differ.

A field's values are plain JSON, as ``sync.events`` reads them of each side: instants as UTC text,
days as ISO text, people and places as ids. They hold no names.
"""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import LINK, OWN
from ledger.events.records import BridgeEvent
from ledger.values import Fields, Value


@frozen(kw_only=True)
class Pair:
    """What each side holds of a field, as each stores it."""

    administrate: Value
    tutorial: Value


@frozen(kw_only=True)
class Disparity:
    """A field out of step: of what kind, the pair last agreed on (``None``: never), and what each
    side holds now."""

    kind: str
    base: Pair | None
    administrate: Value
    tutorial: Value


@frozen(kw_only=True)
class FieldsAgreed(BridgeEvent):
    """Both sides of a linked record agree on fields: the base of later comparisons. A discrepancy
    of one of these fields is closed.

    ``by`` is *import*, *read* (both sides were read and are equal), *applied*, *pushed*,
    *command*, *decided* or *rollback*. A rollback sets bases back: ``forgotten`` are the fields
    that have none any more, and ``taken_back`` the values of Administrate's that are not applied
    again until they change.
    """

    tutorial: str = field(metadata=LINK)
    pairs: dict[str, Pair] = field(metadata=OWN)
    by: str
    forgotten: tuple[str, ...] = ()
    taken_back: Fields = field(factory=dict, metadata=OWN)

    def others(self) -> tuple[str, ...]:
        return (self.tutorial,)


@frozen(kw_only=True)
class FieldsDiffer(BridgeEvent):
    """Fields of a linked record are out of step: discrepancies, by field."""

    tutorial: str = field(metadata=LINK)
    fields: dict[str, Disparity] = field(metadata=OWN)

    def others(self) -> tuple[str, ...]:
        return (self.tutorial,)


@frozen(kw_only=True)
class FieldDecided(BridgeEvent):
    """A person decided whose value of a field holds: of ``side`` *administrate* or *tutorial*.

    ``name`` is the field. The decision is about these two values: where one changes again, it is
    void.
    """

    tutorial: str = field(metadata=LINK)
    name: str
    side: str
    reason: str
    values: Pair = field(metadata=OWN)

    def others(self) -> tuple[str, ...]:
        return (self.tutorial,)


@frozen(kw_only=True)
class ChangePlanned(BridgeEvent):
    """What a run is to set on an event or a session in Administrate, then on its tutorial row.

    ``event`` is the bridge record of the event it belongs to. ``operation`` and ``input`` are the
    API's. ``wanted`` is what Administrate is to hold of each compared field, ``before`` what each
    side held when it was planned; ``tutorial`` the tutorial record, where it is linked with one.
    ``administrate`` is what Administrate held of all that is set, the lifecycle state too; empty in
    older ledgers.
    """

    event: str = field(metadata=LINK)
    tutorial: str | None = field(metadata=LINK)
    operation: str
    input: Fields = field(metadata=OWN)
    wanted: Fields = field(metadata=OWN)
    before: dict[str, Pair] = field(metadata=OWN)
    administrate: Fields = field(factory=dict, metadata=OWN)

    def others(self) -> tuple[str, ...]:
        named = (self.event, *((self.tutorial,) if self.tutorial else ()))
        return tuple(one for one in named if one != self.record())
