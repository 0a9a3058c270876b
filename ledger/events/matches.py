"""Matches: which records of the two sides are one, who or what decided so, and on what evidence."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import Event
from ledger.events.records import BridgeEvent
from ledger.values import Fields


@frozen(kw_only=True)
class MatchDecided(BridgeEvent):
    """A bridge row's link was decided: *linked*, *unmatched* or *ambiguous*.

    ``linked`` and ``before`` are the tutorial record it points to from now on and until now, as
    record names; ``evidence`` is the explanation the matching gave, which evaluated again gives
    the same decision; ``candidates`` are the other records weighed, of either side.
    """

    outcome: str
    rule: str
    rule_version: int
    linked: str | None
    before: str | None
    candidates: tuple[str, ...] = ()
    evidence: Fields = field(factory=dict)

    def others(self) -> tuple[str, ...]:
        sides = (self.linked, self.before)
        return (*(side for side in sides if side), *self.candidates)


@frozen(kw_only=True)
class MatchesReaffirmed(Event):
    """Records were decided again as they stood: one event a page, about each of them.

    ``row_ids`` are the bridge rows' primary keys, so that they can say when they last held.
    """

    table: str
    rule: str
    rule_version: int
    row_ids: tuple[int, ...]
    records: tuple[str, ...]

    def others(self) -> tuple[str, ...]:
        return self.records


@frozen(kw_only=True)
class TutorialRecordUnmatched(Event):
    """A tutorial record has no counterpart in Administrate, or several."""

    tutorial: str
    reason: str
    candidates: tuple[str, ...] = ()
    evidence: Fields = field(factory=dict)

    def record(self) -> str:
        return self.tutorial

    def others(self) -> tuple[str, ...]:
        return self.candidates
