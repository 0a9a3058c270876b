"""The open discrepancies after a sync: each record with the reason and the suggested
counterpart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from ledger.events import record_name
from sync.decide.current_state import CurrentState
from sync.entity import Entity
from sync.matching.keys import Id, Record, Side
from sync.matching.match import Matching
from sync.matching.outcomes import Kind
from sync.matching.suggest import Suggestion, suggest


@frozen
class Discrepancy:
    """A discrepancy: a record without a plain link.

    ``outcome`` is unmatched, ambiguous, or linked (a link for review). ``new``: not open before
    this run. ``score`` of the suggestion is from 0 to 1; ``cause`` is its reason, ``also_best_of``
    the other records it is the best suggestion for, ``review`` that a person rejected it under
    former names. ``suggested_record`` and ``candidate_records`` are names of records in the ledger.
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


def discrepancies(
    entity: Entity,
    matching: Matching | None,
    current: CurrentState,
    titles: Mapping[Id, str] | None = None,
) -> list[Discrepancy]:
    """All open discrepancies of an entity, new ones first, then by display name. ``titles`` are of
    Administrate's records that are not named by what they are matched by."""
    if matching is None:
        return []
    names = _Names(entity, matching, current, titles or {})
    suggestions = suggest(matching, most=1)
    found = [one for side in Side for one in _of_side(names, side, suggestions[side])]
    return sorted(found, key=lambda one: (not one.new, one.label.casefold(), one.record))


@frozen
class _Names:
    entity: Entity
    matching: Matching
    current: CurrentState
    titles: Mapping[Id, str]

    def record(self, side: Side, named: Id) -> str:
        table = self.entity.matched.table if side is Side.TUTORIAL else self.entity.table.fullname
        return record_name(table, named)

    def label(self, side: Side, record: Record) -> str:
        name = " ".join(record.key) or "(no name)"
        if side is Side.ADMINISTRATE:
            return f"{self.titles.get(record.id, name)} ({record.id})"
        place = self.current.scope_names.get(record.scope) if record.scope else None
        return f"{name} ({place})" if place else name


def _of_side(
    names: _Names, side: Side, suggestions: Mapping[Id, tuple[Suggestion, ...]]
) -> Iterator[Discrepancy]:
    matching, current = names.matching, names.current
    for named, outcome in matching.outcomes[side].items():
        if outcome.kind is Kind.LINKED and (not outcome.flagged or side is Side.TUTORIAL):
            continue
        if (side, named) in matching.effect.ignored:
            continue
        record = matching.records[side].by_id[named]
        best = next(iter(suggestions.get(named, ())), None)
        other = matching.records[side.other].by_id[best.candidate] if best else None
        weighed = [
            (each, one)
            for each in Side
            for one in (outcome.administrate if each is Side.ADMINISTRATE else outcome.tutorial)
            if one in matching.records[each].by_id and (each, one) != (side, named)
        ]
        yield Discrepancy(
            record=names.record(side, named),
            side=side.value,
            label=names.label(side, record),
            outcome=outcome.kind.value,
            reason=outcome.cause.sentence,
            candidates=tuple(
                names.label(each, matching.records[each].by_id[one]) for each, one in weighed
            ),
            suggestion=" ".join(other.key) if other else None,
            score=best.score / 10_000 if best else None,
            cause=best.words if best else None,
            change=best.change.words if best and best.change else None,
            also_best_of=tuple(
                names.label(side, matching.records[side].by_id[one])
                for one in (best.also_best_of if best else ())
            ),
            review=best is not None and best.review is not None,
            new=names.record(side, named) not in current.open,
            suggested_record=names.record(side.other, best.candidate) if best else None,
            candidate_records=tuple(names.record(each, one) for each, one in weighed),
        )
