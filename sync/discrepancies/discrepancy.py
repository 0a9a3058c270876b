"""The open discrepancies after a sync: each record with the reason and the suggested
counterpart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from attrs import frozen

from ledger.events import record_name
from sync.decide.current_state import CurrentState
from sync.discrepancies.background import read_background
from sync.entities import VENUES
from sync.entity import Entity
from sync.matching.changes import Background
from sync.matching.evidence import Evidence, evidence_for
from sync.matching.experience import Decided, experience
from sync.matching.forms import shipped
from sync.matching.keys import Id, Record, Side
from sync.matching.match import Matching
from sync.matching.outcomes import Kind, Outcome
from sync.matching.suggest import Suggestion, Suggestions, suggest

MOST_CANDIDATES = 5
"""How many of the records that equal one are told; of the others, how many there are."""


@frozen
class Offered:
    """A candidate offered for a discrepancy, in display names; ``change`` says what to change and
    in which system, ``tied`` that another candidate is as near. Of ``decided_like`` pairs with the
    same kinds of difference people accepted ``accepted_like``."""

    record: str
    name: str
    score: float
    cause: str
    change: str | None
    tied: bool
    also_best_of: tuple[str, ...]
    review: bool
    accepted_like: int = 0
    decided_like: int = 0


@frozen
class Discrepancy:
    """A discrepancy: a record without a plain link.

    ``outcome`` is unmatched, ambiguous, or linked (a link for review). ``new``: not open before
    this run. ``candidates`` are the first of ``candidate_count`` equal records, or those of the
    link. ``suggestion`` is what was probably meant; where there is none, ``offered`` are the
    candidates that a person may choose from. ``score`` of the suggestion is from 0 to 1; ``cause``
    is its reason, ``also_best_of`` the other records it is the best suggestion for, ``review`` that
    a person rejected it under former names. ``suggested_record`` and ``candidate_records`` are
    names of records in the ledger.
    """

    record: str
    side: str
    label: str
    outcome: str
    reason: str
    candidates: tuple[str, ...]
    suggestion: str | None
    score: float | None
    cause: str | None
    change: str | None
    also_best_of: tuple[str, ...]
    review: bool
    new: bool
    suggested_record: str | None = None
    candidate_records: tuple[str, ...] = ()
    candidate_count: int = 0
    offered: tuple[Offered, ...] = ()


def discrepancies(
    connection: psycopg.Connection[Any],
    entity: Entity,
    matching: Matching | None,
    current: CurrentState,
    titles: Mapping[Id, str] | None = None,
) -> list[Discrepancy]:
    """All open discrepancies of an entity, new ones first, then by display name. ``titles`` are of
    Administrate's records that are not named by what they are matched by."""
    if matching is None:
        return []
    suggestions = suggest(matching, elsewhere=entity is VENUES)
    background = read_background(connection, entity, suggestions)
    decided = experience(matching, shipped())
    telling = _Telling(entity, matching, current, titles or {}, suggestions, background, decided)
    found = [one for side in Side for one in telling.of_side(side)]
    return sorted(found, key=lambda one: (not one.new, one.label.casefold(), one.record))


@frozen
class _Telling:
    entity: Entity
    matching: Matching
    current: CurrentState
    titles: Mapping[Id, str]
    suggestions: Suggestions
    background: Background
    experience: Mapping[tuple[str, ...], Decided]

    def record(self, side: Side, named: Id) -> str:
        table = self.entity.matched.table if side is Side.TUTORIAL else self.entity.table.fullname
        return record_name(table, named)

    def label(self, side: Side, record: Record) -> str:
        name = " ".join(record.key) or "(no name)"
        if side is Side.ADMINISTRATE:
            return f"{self.titles.get(record.id, name)} ({record.id})"
        place = self.current.scope_names.get(record.scope) if record.scope else None
        return f"{name} ({place})" if place else name

    def of_side(self, side: Side) -> Iterator[Discrepancy]:
        for named, outcome in self.matching.outcomes[side].items():
            if outcome.kind is Kind.LINKED and (not outcome.flagged or side is Side.TUTORIAL):
                continue
            if (side, named) not in self.matching.effect.ignored:
                yield self.discrepancy(side, named, outcome)

    def discrepancy(self, side: Side, named: Id, outcome: Outcome) -> Discrepancy:
        matching = self.matching
        record = matching.records[side].by_id[named]
        offered, meant = self.offered(side, record, outcome)
        weighed, more = self.weighed(side, named, outcome)
        return Discrepancy(
            record=self.record(side, named),
            side=side.value,
            label=self.label(side, record),
            outcome=outcome.kind.value,
            reason=outcome.cause.sentence,
            candidates=tuple(
                self.label(each, matching.records[each].by_id[one]) for each, one in weighed
            ),
            suggestion=meant.name if meant else None,
            score=meant.score if meant else None,
            cause=meant.cause if meant else None,
            change=meant.change if meant else None,
            also_best_of=meant.also_best_of if meant else (),
            review=meant is not None and meant.review,
            new=self.record(side, named) not in self.current.open,
            suggested_record=meant.record if meant else None,
            candidate_records=tuple(self.record(each, one) for each, one in weighed),
            candidate_count=len(weighed) + more,
            offered=offered,
        )

    def weighed(self, side: Side, named: Id, outcome: Outcome) -> tuple[list[tuple[Side, Id]], int]:
        """The first live records of an outcome but this one, those of the other side before, and
        how many more there are."""
        others, more = outcome.others(side, named)
        live = [(each, one) for each, one in others if one in self.matching.records[each].by_id]
        live.sort(key=lambda other: other[0] is side)
        return live[:MOST_CANDIDATES], more + len(live[MOST_CANDIDATES:])

    def offered(
        self, side: Side, record: Record, outcome: Outcome
    ) -> tuple[tuple[Offered, ...], Offered | None]:
        """What is offered for an unmatched record: the one that was meant, or candidates."""
        if outcome.kind is not Kind.UNMATCHED:
            return (), None
        offered = []
        for one in self.suggestions[side].get(record.id, ()):
            evidence = self.evidence(side, record, one)
            if one.meant and evidence.telling:
                told = self.told(side, one, evidence)
                return (told,), told
            if one.meant or evidence.telling:
                offered.append(self.told(side, one, evidence))
        return tuple(offered), None

    def evidence(self, side: Side, record: Record, suggestion: Suggestion) -> Evidence:
        return evidence_for(self.matching, side, record, suggestion, shipped(), self.background)

    def told(self, side: Side, suggestion: Suggestion, evidence: Evidence) -> Offered:
        other = self.matching.records[side.other].by_id[suggestion.candidate]
        mine = self.matching.records[side].by_id
        decided = self.experience.get(evidence.kinds, Decided())
        return Offered(
            record=self.record(side.other, other.id),
            name=" ".join(other.key),
            score=suggestion.score / 10_000,
            cause=evidence.words,
            change=evidence.change.words if evidence.change else None,
            tied=suggestion.tied,
            also_best_of=tuple(self.label(side, mine[one]) for one in suggestion.also_best_of),
            review=suggestion.review is not None,
            accepted_like=decided.accepted,
            decided_like=decided.total,
        )
