"""What a changed table of forms would suggest, beside the one in use: nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import psycopg
from attrs import frozen

from ledger.events import record_name
from sync.decide.current_state import CurrentState
from sync.decide.links import LiveRow, decide
from sync.discrepancies.current import MATCHED, current_rows_of
from sync.entities import VENUES
from sync.entity import Entity
from sync.matching.evidence import is_asked
from sync.matching.forms import Forms, shipped
from sync.matching.keys import Link, Side
from sync.matching.match import Matching, match
from sync.matching.suggest import suggest


@frozen
class Standing:
    """Pairs that people decided about: how many, and how many of them either table suggests."""

    pairs: int
    before: int
    after: int


@frozen
class ChangedSuggestions:
    """The pairs of which the new table alone says "did you mean", and those of which it no longer
    does, by their records' names; and the decisions that stand, as if nobody had taken them."""

    entity: Entity
    come: tuple[tuple[str, str], ...]
    go: tuple[tuple[str, str], ...]
    accepted: Standing
    rejected: Standing


def changed_suggestions(
    connection: psycopg.Connection[Any], forms: Forms
) -> Iterator[ChangedSuggestions]:
    """Of each matched entity, by its current rows."""
    for entity in MATCHED:
        current, live = current_rows_of(connection, entity)
        matching = decide(entity, live, current)
        if matching is None:
            continue
        before, after = (_meant(entity, matching, table) for table in (shipped(), forms))
        undecided = _undecided(entity, matching, live, current)
        then, now = (_meant(entity, undecided, table) for table in (shipped(), forms))
        yield ChangedSuggestions(
            entity,
            _named(entity, after - before),
            _named(entity, before - after),
            _standing(matching.effect.accepted, then, now),
            _standing(matching.effect.rejected, then, now),
        )


def _meant(entity: Entity, matching: Matching, forms: Forms) -> set[Link]:
    found = suggest(matching, 1, elsewhere=entity is VENUES, forms=forms)
    records = matching.records[Side.ADMINISTRATE].by_id
    return {
        Link(named, one.candidate)
        for named, offered in found[Side.ADMINISTRATE].items()
        for one in offered
        if is_asked(matching, Side.ADMINISTRATE, records[named], one, forms)
    }


def _undecided(
    entity: Entity, matching: Matching, live: list[LiveRow], current: CurrentState
) -> Matching:
    """The records as they would be matched had nobody decided about any; other links stay."""
    accepted = matching.effect.accepted
    return match(
        entity.matched.rule,
        [one.record for one in live],
        current.tutorial,
        lasting=[link for link in matching.links if link not in accepted],
    )


def _standing(pairs: Collection[Link], then: set[Link], now: set[Link]) -> Standing:
    decided = set(pairs)
    return Standing(len(decided), len(decided & then), len(decided & now))


def _named(entity: Entity, links: set[Link]) -> tuple[tuple[str, str], ...]:
    named = [
        (
            record_name(entity.table.fullname, link.administrate),
            record_name(entity.matched.table, link.tutorial),
        )
        for link in links
    ]
    return tuple(sorted(named))
