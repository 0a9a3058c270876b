"""The explanation of an outcome, as a value that can be stored, read and verified years later."""

from __future__ import annotations

from attrs import evolve, frozen

from sync.matching.decisions import Decision, Decisions
from sync.matching.keys import Compared, Id, Link, Record, Rule, Side
from sync.matching.match import Matching, match
from sync.matching.normalise import UNICODE, VERSION
from sync.matching.outcomes import Outcome


@frozen
class Explanation:
    """An outcome with all its inputs at the time of the decision.

    The records are the one decided, every record of its key on both sides, the partner a person
    accepted it for, and the adopted partners of any of these with their equals; the decisions,
    ``standing`` (previous) and ``adopted`` links are those about any of them. Plain values only: it
    survives JSON.
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

    def holds(self) -> bool:
        """Whether deciding again, from the stored inputs alone, gives the stored outcome.

        Expected namesakes are taken as stored: they rest on a count of everybody.
        """
        again = match(
            self.rule,
            self.administrate,
            self.tutorial,
            Decisions.of(*self.decisions),
            self.standing,
            self.adopted,
        )
        decided = again.records[self.side].by_id.get(self.record)
        if decided is None or self.rule.compared(decided) != self.compared:
            return False
        outcome = again.outcomes[self.side][self.record]
        return evolve(outcome, namesakes=self.outcome.namesakes) == self.outcome


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
    decisions = {
        decision.reference: decision
        for each in Side
        for one in involved[each]
        for decision in matching.effect.about.get((each, one), ())
    }
    standing = {
        link
        for each in Side
        for one in involved[each]
        for link in matching.standing_by_id.get((each, one), ())
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
        standing=tuple(sorted(standing, key=str)),
        outcome=matching.outcomes[side][named],
        adopted=tuple(sorted(adopted, key=str)),
    )


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
