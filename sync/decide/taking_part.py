"""Which tutorial records take part in matching, beside the bridge rows that do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from sync import entities
from sync.decide.current_state import CurrentState
from sync.decide.links import LiveRow
from sync.entity import Entity, Lookups
from sync.matching.keys import Id

if TYPE_CHECKING:
    # A command that only reads decides without the client.
    from sync.decide.under_way import PlannedEvent
    from sync.fetch.fetched import Fetch


@frozen
class TakingPart:
    """The tutorial records that do not take part: those kept ``apart``, and all but those in one of
    the scopes ``within``, if any are given."""

    apart: Collection[Id] = field(factory=frozenset)
    within: Collection[Id | None] | None = None

    @classmethod
    def of(
        cls,
        entity: Entity,
        fetch: Fetch,
        lookups: Lookups,
        current: CurrentState,
        under_way: Iterable[PlannedEvent] = (),
    ) -> TakingPart:
        """By what was fetched: of sessions, those of the events that are there."""
        apart = frozenset(one for event in under_way for one in event.tutorial_ids(entity))
        if entity is not entities.SESSIONS:
            return cls(apart)
        events: Mapping[str, int] = lookups[entities.EVENTS.table.fullname]
        there = {current.scopes.get(events[key]) for key in fetch.seen if key in events}
        return cls(apart, there - {None})


def taking_part(
    entity: Entity,
    live: Iterable[LiveRow],
    current: CurrentState,
    taking: TakingPart,
    let_go: Collection[str] = (),
) -> CurrentState:
    """The current state with the tutorial records that take part; of a windowed entity none that is
    linked with a row that does not, unless that row is about to ``let_go`` of it. What is out of
    the window is passed over: nothing is decided about it."""
    if not entity.windowed:
        return current
    here = {one.row.key for one in live}.union(let_go)
    elsewhere = {row.link for key, row in current.rows.items() if key not in here}
    tutorial, passed_over = [], set()
    for one in current.tutorial:
        if one.id in elsewhere:
            continue
        if one.id in taking.apart or not (taking.within is None or one.scope in taking.within):
            passed_over.add(one.id)
        else:
            tutorial.append(one)
    return evolve(current, tutorial=tuple(tutorial), passed_over=frozenset(passed_over))
