"""The explanation of an outcome: a value that can be stored, read and verified years later."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ledger.values import Fields, Personal, Value
from sync.matching.decisions import Decision
from sync.matching.keys import Compared, Id, Link, Record, Rule, Side
from sync.matching.match import Matching
from sync.matching.normalise import UNICODE, VERSION
from sync.matching.outcomes import Outcome

if TYPE_CHECKING:
    from cattrs import Converter

# The fields of an explanation that hold names.
_NAMED = {"compared", "key", "administrate_key", "tutorial_key"}


@frozen
class Explanation:
    """An outcome with all its inputs at the time of the decision.

    The records are the one decided, every record of its key on both sides, the partner a person
    accepted it for, the adopted partners of any of these with their equals, and the lasting ones;
    the decisions, ``standing`` (previous), ``adopted`` and ``lasting`` links are those about any of
    them. Plain values only: it survives JSON.
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


def explain(matching: Matching, side: Side, named: Id) -> Explanation:
    """The explanation of one record's outcome; KeyError where it took no part."""
    record = matching.records[side].by_id[named]
    compared = matching.rule.compared(record)
    involved = {
        each: {one.id: one for one in matching.records[each].like(compared)} for each in Side
    }
    involved[side][named] = record
    accepted = matching.effect.partner.get((side, named))
    if accepted is not None:
        partner = matching.records[side.other].by_id.get(accepted.on(side.other))
        if partner is not None:
            involved[side.other][partner.id] = partner
    adopted = _adopted(matching, involved)
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
        outcome=matching.outcomes[side][named],
        adopted=tuple(sorted(adopted, key=str)),
        lasting=tuple(sorted(lasting, key=str)),
    )


def evidence_of(explanation: Explanation) -> Fields:
    """The explanation as values; under a rule about people, their names are personal."""
    plain: dict[str, Any] = _converter().unstructure(explanation)
    return _sealed(plain) if explanation.rule.person else plain


def _adopted(matching: Matching, involved: dict[Side, dict[Id, Record]]) -> set[Link]:
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
                    equals = matching.records[side.other].like(matching.rule.compared(other))
                    involved[side][other.id] = other
                    involved[side.other] |= {one.id: one for one in equals}
        links |= found
    return links


def _lasting(matching: Matching, involved: dict[Side, dict[Id, Record]]) -> set[Link]:
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
