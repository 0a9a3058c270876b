"""The explanation of an outcome: a value that can be stored, read and verified years later."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ledger.values import Fields, Personal, Value
from sync.matching.decisions import Decision
from sync.matching.keys import Compared, Id, Link, Record, Rule, Side, order
from sync.matching.match import Matching
from sync.matching.normalise import UNICODE, VERSION
from sync.matching.outcomes import MOST_NAMED, Cause, Outcome

if TYPE_CHECKING:
    from cattrs import Converter

# The fields of an explanation that hold names.
_NAMED = {"compared", "key", "administrate_key", "tutorial_key"}


@frozen
class Explanation:
    """An outcome with all its inputs at the time of the decision.

    The records are the one decided, those of its key on both sides, the partner a person accepted
    it for, the adopted partners of any of these with their equals, and the lasting ones; the
    decisions, ``standing`` (previous), ``adopted`` and ``lasting`` links are those about any of
    them. Of many records of one key the first few stand for all: ``left_out`` are not here, and the
    outcome names those that are. Plain values only: it survives JSON.
    """

    side: Side
    record: Id
    rule: Rule
    normaliser: int
    unicode: str
    compared: Compared | None
    administrate: tuple[Record, ...]
    tutorial: tuple[Record, ...]
    decisions: tuple[Decision, ...]
    standing: tuple[Link, ...]
    outcome: Outcome
    adopted: tuple[Link, ...] = ()
    lasting: tuple[Link, ...] = ()
    left_out: int = 0


def explain(matching: Matching, side: Side, named: Id, most: int = MOST_NAMED) -> Explanation:
    """The explanation of one record's outcome, with up to ``most`` (two or more) others of its key
    on each side; KeyError where it took no part."""
    involved = _involved(matching, side, named, most)
    adopted = _adopted(matching, involved, most)
    lasting = _lasting(matching, involved)
    decisions = {
        decision.reference: decision
        for each in Side
        for one in involved[each]
        for decision in matching.effect.about.get((each, one), ())
    }
    previous = {
        link
        for each in Side
        for one in involved[each]
        for link in matching.previous_by_id.get((each, one), ())
    }
    compared = matching.rule.compared(matching.records[side].by_id[named])
    outcome, left_out = _naming(matching.rule, matching.outcomes[side][named], compared, involved)
    return Explanation(
        side=side,
        record=named,
        rule=matching.rule,
        normaliser=VERSION,
        unicode=UNICODE,
        compared=compared,
        administrate=tuple(involved[Side.ADMINISTRATE].values()),
        tutorial=tuple(involved[Side.TUTORIAL].values()),
        decisions=tuple(decisions[reference] for reference in sorted(decisions)),
        standing=tuple(sorted(previous, key=str)),
        outcome=outcome,
        adopted=tuple(sorted(adopted, key=str)),
        lasting=tuple(sorted(lasting, key=str)),
        left_out=left_out,
    )


Involved = dict[Side, dict[Id, Record]]


def _involved(matching: Matching, side: Side, named: Id, most: int) -> Involved:
    """The record, the first others of its key, and those that a person or the run before linked it
    with."""
    record = matching.records[side].by_id[named]
    compared = matching.rule.compared(record)
    involved: Involved = {}
    for each in Side:
        first = matching.records[each].like(compared)[: most + 1]
        others = [one for one in first if (each, one.id) != (side, named)][:most]
        involved[each] = {one.id: one for one in others}
    involved[side][named] = record
    there = matching.records[side.other].by_id
    for link in matching.previous_by_id.get((side, named), ()):
        partner = there.get(link.on(side.other))
        if partner is not None and matching.rule.compared(partner) == compared:
            involved[side.other][partner.id] = partner
    accepted = matching.effect.partner.get((side, named))
    if accepted is not None and accepted.on(side.other) in there:
        involved[side.other][accepted.on(side.other)] = there[accepted.on(side.other)]
    return involved


def _naming(
    rule: Rule, outcome: Outcome, compared: Compared | None, involved: Involved
) -> tuple[Outcome, int]:
    """The outcome with those of its records that are here, and how many are not."""
    if outcome.cause not in (Cause.SEVERAL, Cause.NONE_EQUAL):
        return outcome, 0
    here = {
        side: tuple(
            sorted((n for n, one in given.items() if rule.compared(one) == compared), key=order)
        )
        for side, given in involved.items()
    }
    left_out = sum(len(outcome.on(side)) - len(here[side]) for side in Side)
    return evolve(
        outcome, administrate=here[Side.ADMINISTRATE], tutorial=here[Side.TUTORIAL]
    ), left_out


def evidence_of(explanation: Explanation) -> Fields:
    """The explanation as values; under a rule about people, their names are personal."""
    plain: dict[str, Any] = _converter().unstructure(explanation)
    if not explanation.left_out:
        del plain["left_out"]
    return _sealed(plain) if explanation.rule.person else plain


def _adopted(matching: Matching, involved: Involved, most: int) -> set[Link]:
    """The adopted links of the records, which are extended by their partners and their equals."""
    links: set[Link] = set()
    # Twice: a link counts for less where another one names its other record.
    for _ in range(2):
        found = {
            link
            for side in Side
            for one in involved[side]
            for link in matching.adopted_by_id.get((side, one), ())
        }
        for link in found - links:
            for side in Side:
                other = matching.records[side].by_id.get(link.on(side))
                if other is not None:
                    involved[side][other.id] = other
                    equals = _rivals(matching, side, other, most)
                    involved[side.other] |= {one.id: one for one in equals}
        links |= found
    return links


def _rivals(matching: Matching, side: Side, record: Record, most: int) -> list[Record]:
    """The first records equal to one of an adopted link: one that nobody rejected for it decides
    that the link is given up, so it comes before the others."""
    equals = matching.records[side.other].like(matching.rule.compared(record))
    rejected = matching.effect.rejected
    against = (
        one
        for one in equals
        if (Link(one.id, record.id) if side is Side.TUTORIAL else Link(record.id, one.id))
        not in rejected
    )
    return [*equals[:most], *islice(against, 1)]


def _lasting(matching: Matching, involved: Involved) -> set[Link]:
    """The lasting links of the records, which are extended by their partners, and theirs."""
    links: set[Link] = set()
    waiting = [(side, one) for side in Side for one in involved[side]]
    while waiting:
        for link in matching.lasting_by_id.get(waiting.pop(), ()):
            links.add(link)
            for side in Side:
                other = matching.records[side].by_id.get(link.on(side))
                if other is not None and other.id not in involved[side]:
                    involved[side][other.id] = other
                    waiting.append((side, other.id))
    return links


def _sealed(mapping: Mapping[str, Any]) -> dict[str, Value]:
    return {
        name: [Personal(str(text)) for text in value]
        if name in _NAMED and value is not None
        else _within(value)
        for name, value in mapping.items()
    }


def _within(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _sealed(value)
    if isinstance(value, list | tuple):
        return [_within(item) for item in value]
    return value


@cache
def _converter() -> Converter:
    from cattrs import Converter  # noqa: PLC0415 - not for a command that decides nothing

    converter = Converter()
    converter.register_unstructure_hook(StrEnum, lambda word: word.value)
    return converter
