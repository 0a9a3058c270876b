"""Matches: the links between records of the two sides, with who or what decided them, and the
evidence."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import LINK, PERSONAL, SELDOM, Event, record_name
from ledger.events.records import BridgeEvent
from ledger.values import Fields


@frozen(kw_only=True)
class MatchDecided(BridgeEvent):
    """A bridge row's link was decided: *linked*, *unmatched* or *ambiguous*, for a ``reason``.

    ``linked`` and ``before`` are the tutorial record it points to from now on and until now, as
    record names. ``evidence`` is the explanation the matching gave, which evaluated again gives
    the same decision; ``candidates`` are the other records weighed, of either side: of many
    namesakes the first few, and ``more_candidates`` are the others. ``flagged``: a person should
    look at the link though it was made. ``restores`` is the position of the decision that holds
    again, after a rollback.
    """

    outcome: str
    reason: str
    rule: str
    rule_version: int
    linked: str | None = field(metadata=LINK)
    before: str | None = field(metadata=LINK)
    flagged: bool = False
    candidates: tuple[str, ...] = ()
    evidence: Fields = field(factory=dict, metadata=PERSONAL)
    restores: int | None = None
    more_candidates: int = field(default=0, metadata=SELDOM)

    def others(self) -> tuple[str, ...]:
        sides = (self.linked, self.before)
        return (*(side for side in sides if side), *self.candidates)


@frozen(kw_only=True)
class MatchesReaffirmed(Event):
    """Unchanged decisions: one event a page, about each of its records.

    ``keys`` and ``row_ids`` are the bridge rows' Administrate ids and primary keys, in step;
    ``tutorial_ids`` are the tutorial records with unchanged decisions, linked or not.
    """

    table: str
    rule: str
    rule_version: int
    keys: tuple[str, ...]
    row_ids: tuple[int, ...]
    tutorial_table: str | None = None
    tutorial_ids: tuple[int, ...] = ()

    def others(self) -> tuple[str, ...]:
        bridge = (record_name(self.table, key) for key in self.keys)
        tutorial = (record_name(str(self.tutorial_table), key) for key in self.tutorial_ids)
        return (*bridge, *tutorial)


@frozen(kw_only=True)
class TutorialRecordUnmatched(Event):
    """An active tutorial record has no counterpart in Administrate, or several candidates.

    ``table`` is that of the candidate bridge rows; the rest is as in ``MatchDecided``.
    """

    tutorial: str
    table: str
    outcome: str
    reason: str
    rule: str
    rule_version: int
    candidates: tuple[str, ...] = ()
    evidence: Fields = field(factory=dict, metadata=PERSONAL)
    more_candidates: int = field(default=0, metadata=SELDOM)

    def record(self) -> str:
        return self.tutorial

    def others(self) -> tuple[str, ...]:
        return self.candidates


@frozen(kw_only=True)
class TutorialRecordLeft(Event):
    """An unmatched tutorial record is no longer active, or deleted: its discrepancy is closed."""

    tutorial: str
    table: str

    def record(self) -> str:
        return self.tutorial


@frozen(kw_only=True)
class EntitySynced(Event):
    """A sync's step for one entity is done, with its counts.

    ``refused_parts`` are the lists that Administrate did not permit to read. ``reached`` is the
    latest update in the answers, where every record updated until then was read; ``left`` are the
    ids of those that were not taken, to be asked for again. ``guarded`` are the keys of the rows
    without a record that were kept, since too many would have gone at once.
    """

    entity: str
    counts: Fields
    refused_parts: tuple[str, ...] = ()
    reached: str = field(default="", metadata=SELDOM)
    left: tuple[str, ...] = field(default=(), metadata=SELDOM)
    guarded: tuple[str, ...] = field(default=(), metadata=SELDOM)
